import { describe, expect, it } from "vitest";
import { keepalive } from "../keeper.ts";
import { type KeeperOptions, resolveOptions } from "../options.ts";
import type { Lease, Session } from "../session.ts";
import { dispositionOf, hasEnded, SessionError } from "../session-error.ts";
import { causeOf } from "../status/status.ts";
import { advance, hangForever, lease, retry, scripted, startLoop, useFakeClock } from "../testing/scripted-session.ts";
import { HealthGate } from "./health-gate.ts";
import { SessionLoop } from "./session-loop.ts";

useFakeClock();

/** A getter that throws. Used for objects of which every property read throws. */
const throwing = (): never => {
	throw new Error("a getter");
};
const throwingProxy = new Proxy({}, { get: throwing, getPrototypeOf: throwing, has: throwing, ownKeys: throwing });
const branded = (members: object): Error =>
	Object.assign(new Error("from another copy"), { brand: "@x/keepalive/SessionError" }, members);

const thrown: readonly (readonly [string, unknown])[] = [
	["undefined", undefined],
	["null", null],
	["a string", "text"],
	["an object whose getters throw", throwingProxy],
	["an error whose message getter throws", Object.defineProperty(new Error(), "message", { get: throwing })],
	["an error with an unknown disposition", branded({ disposition: { action: "explode" } })],
	["an error without a disposition", branded({ disposition: undefined })],
	["an error whose disposition getter throws", Object.defineProperty(branded({}), "disposition", { get: throwing })],
	[
		"an error whose session getter throws",
		Object.defineProperty(branded({ disposition: { action: "retry" } }), "session", { get: throwing }),
	],
];

describe.each(thrown)("a session that throws %s", (_what, error) => {
	it("a session whose open() throws synchronously is opened again after a back-off", async () => {
		const throwing = (): never => {
			throw error;
		};
		const { loop, states, records } = startLoop({ ...scripted(), open: throwing });
		await advance(500);
		expect(states()).toEqual(["opening", "waiting", "opening", "waiting"]);
		expect(records[1]?.status).toMatchObject({ cause: { message: expect.stringMatching(/./) } });
		await loop.stop("keep");
	});

	it("a session whose beats all fail becomes late, and is lost when its lease expires", async () => {
		const { loop, states } = startLoop(scripted({ beat: () => Promise.reject(error) }));
		await advance(59_999);
		expect(states()).toEqual(["opening", "alive", "late"]);
		await advance(1);
		expect(states().slice(0, 5)).toEqual(["opening", "alive", "late", "lost", "waiting"]);
		await loop.stop("keep");
	});

	it("a session is lost at once when its lease's signal `ended` aborts, whatever the reason of the signal is", async () => {
		const end = new AbortController();
		const open = async (_signal: AbortSignal, count: number): Promise<Lease> =>
			count === 1 ? { ...lease, ended: end.signal } : lease;
		const { loop, states } = startLoop(scripted({ open }));
		await advance(1_000);
		end.abort(error);
		end.abort(new Error("a second time"));
		await advance(500);
		expect(states()).toEqual(["opening", "alive", "lost", "waiting", "opening", "alive"]);
		await loop.stop("keep");
	});
});

describe("a session that returns an invalid lease", () => {
	it.each([
		["nothing", undefined],
		["a lease whose getters throw", throwingProxy],
		["a protection whose getters throw", { ttlMs: 60_000, protection: throwingProxy }],
		["an invalid protection", { ttlMs: 60_000, protection: { state: "safe" } }],
		["a ttlMs of 0", { ...lease, ttlMs: 0 }],
		["a member ended that is not a signal", { ...lease, ended: { aborted: false } }],
	])("a session is opened again, and is never alive, when open returns %s", async (_what, given) => {
		// The cast is needed because a session in plain JavaScript can return any value.
		const { loop, states } = startLoop(scripted({ open: async () => given as Lease }));
		await advance(500);
		expect(states()).toEqual(["opening", "waiting", "opening", "waiting"]);
		await loop.stop("keep");
	});

	it("a session becomes late and not armed when beat() returns an invalid lease", async () => {
		const { loop, states } = startLoop(
			scripted({ beat: async () => ({ ...lease, protection: { state: "safe" } }) as never }),
		);
		await advance(20_000);
		expect(states()).toEqual(["opening", "alive", "late"]);
		expect(loop.notArmedReason()).toBe("session is late");
		await loop.stop("keep");
	});
});

describe("a session that never settles", () => {
	it("a session whose open never settles is opened again when the open has timed out", async () => {
		const { loop, states, records } = startLoop(scripted({ open: hangForever }), { openTimeoutMs: 10_000 });
		await advance(10_500);
		expect(states()).toEqual(["opening", "waiting", "opening"]);
		expect(records[1]?.status).toMatchObject({ cause: { name: "TimeoutError" } });
		await Promise.all([loop.stop("keep"), advance(9_000)]);
	});

	it("a session whose beats never settle is lost when its lease expires", async () => {
		const { loop, states } = startLoop(scripted({ beat: hangForever }));
		await advance(60_000);
		expect(states().slice(0, 4)).toEqual(["opening", "alive", "late", "lost"]);
		await Promise.all([loop.stop("keep"), advance(9_000)]);
	});
});

describe("a session that ends just after a beat was acknowledged", () => {
	it("a session whose connection ends right after a beat was acknowledged is lost, and is not shown as alive again", async () => {
		const end = new AbortController();
		const open = async (_signal: AbortSignal, count: number): Promise<Lease> =>
			count === 1 ? { ...lease, ended: end.signal } : lease;
		const beat = async (): Promise<Lease> => {
			const answer = { ...lease, ended: end.signal };
			queueMicrotask(() => end.abort(new SessionError("4000", { ...retry, session: "ended" })));
			return answer;
		};
		const { loop, states } = startLoop(scripted({ open, beat }));
		await advance(20_000);
		expect(states()).toEqual(["opening", "alive", "lost", "waiting"]);
		await loop.stop("keep");
	});
});

describe("beat() that returns a lease that has already ended", () => {
	it("a session is lost at once when beat() returns a lease whose signal `ended` has already aborted", async () => {
		const ended = AbortSignal.abort(new SessionError("4000", { ...retry, session: "ended" }));
		const { loop, states, records } = startLoop(scripted({ beat: async () => ({ ...lease, ended }) }));
		await advance(20_000);
		expect(states()).toEqual(["opening", "alive", "lost", "waiting"]);
		expect(records[2]?.status).toMatchObject({ cause: { message: "4000." } });
		await loop.stop("keep");
	});

	it("a late session is not shown as alive when beat() returns a lease whose signal `ended` has already aborted", async () => {
		const ended = AbortSignal.abort(new SessionError("4000", { ...retry, session: "ended" }));
		const beat = async (_signal: AbortSignal, count: number): Promise<Lease> =>
			count === 1 ? Promise.reject(new Error("reset")) : { ...lease, ended };
		const { loop, states } = startLoop(scripted({ beat }));
		await advance(22_500);
		expect(states()).toEqual(["opening", "alive", "late", "lost", "waiting"]);
		await loop.stop("keep");
	});
});

describe("a beat that never settles", () => {
	it("stop() returns `unknown` after a beat that never settled, because that beat may have armed the protection again", async () => {
		const { loop, states } = startLoop(
			scripted({ beat: (_signal, count) => (count === 1 ? hangForever() : Promise.resolve(lease)) }),
		);
		await advance(100_000);
		expect(states()).toEqual(["opening", "alive", "late", "alive"]);
		const stopped = loop.stop("keep", 2_000);
		await advance(1_000);
		expect(await stopped).toMatchObject({
			orders: "unknown",
			detail: expect.stringContaining("was still pending"),
		});
	});
});

describe("a session whose synchronous methods return promises that reject", () => {
	it("a session whose synchronous methods return rejecting promises is never armed, and causes no unhandled rejection", async () => {
		const reject = async (): Promise<never> => {
			throw new Error("no network");
		};
		// The cast is needed because a session in plain JavaScript can return any value.
		const notArmedReason = reject as unknown as () => string;
		const session = { ...scripted(), notArmedReason, attach: () => reject };
		const unhandled: unknown[] = [];
		const onUnhandled = (error: unknown): void => void unhandled.push(error);
		process.on("unhandledRejection", onUnhandled);
		const keeper = keepalive([session]);
		await advance(0);
		expect(keeper.isArmed("venue")).toBe(false);
		await keeper.stop({ orders: "keep" });
		await advance(0);
		process.off("unhandledRejection", onUnhandled);
		expect(unhandled).toEqual([]);
	});
});

describe("SessionLoop", () => {
	it("SessionLoop closes its session and stops for good after an unexpected error in its own code", async () => {
		const statuses: string[] = [];
		const session = scripted();
		const options = resolveOptions();
		const loop = new SessionLoop(session, options, new HealthGate(undefined, options), ({ status }) => {
			statuses.push(status.state);
			if (status.state === "alive") throw new Error("a record that cannot be published");
		});
		loop.start();
		await advance(0);
		expect(statuses).toEqual(["opening", "alive", "leaving", "stopped"]);
		expect(session.calls.map(({ what }) => what)).toEqual(["open", "close cancel"]);
		expect(loop.current().status).toMatchObject({ cause: { message: "a record that cannot be published" } });
	});
});

describe("a lease with ageMs", () => {
	it("the member ageMs of a lease makes the next beat and the loss of the session come earlier by ageMs", async () => {
		const session = scripted({ open: async () => ({ ...lease, ageMs: 15_000 }), beat: hangForever });
		const { loop, states } = startLoop(session);
		await advance(5_000);
		expect(session.calls.at(-1)).toEqual({ what: "beat", at: 5_000 });
		await advance(39_999);
		expect(states()).not.toContain("lost");
		await advance(1);
		expect(states()).toContain("lost");
		await Promise.all([loop.stop("keep"), advance(9_000)]);
	});

	it("a session whose open() returns a lease that has already expired (ageMs equals ttlMs) is alive only after a beat", async () => {
		const session = scripted({ open: async () => ({ ...lease, ageMs: 60_000 }), beat: async () => lease });
		const { loop, states } = startLoop(session);
		await advance(0);
		expect(session.calls.at(-1)).toEqual({ what: "beat", at: 0 });
		expect(states()).toEqual(["opening", "alive"]);
		await loop.stop("keep");
	});
});

describe("the options `now` and `random`", () => {
	const unusable = {
		throw: () => {
			throw new Error("clock");
		},
		"return NaN": () => Number.NaN,
		"return Infinity": () => Number.POSITIVE_INFINITY,
	};

	it.each(Object.entries(unusable))("SessionLoop waits as usual when `now` and `random` %s", async (_what, source) => {
		const session = scripted({
			open: async (_signal, count) => (count === 1 ? Promise.reject(new Error("no")) : lease),
		});
		const { loop, records } = startLoop(session, { random: source, now: source });
		await advance(21_000);
		// A broken `random` is replaced by 0.5: the back-off is 1 650 ms, and the beat comes after 95 % of the interval.
		expect(session.calls).toEqual([
			{ what: "open", at: 0 },
			{ what: "open", at: 1_650 },
			{ what: "beat", at: 20_650 },
		]);
		expect(records.every(({ at }) => Number.isFinite(at))).toBe(true);
		await loop.stop("keep");
	});
});

describe("reading an error", () => {
	it("causeOf() limits the length of the message that it takes from an error", () => {
		expect(causeOf(new Error("x".repeat(1_000_000))).message).toHaveLength(4_000);
	});

	it("dispositionOf() returns a wait of one minute when the error asks for a wait of unusable length", () => {
		for (const forMs of [Number.NaN, -1, Number.POSITIVE_INFINITY, "900"]) {
			const disposition = { action: "wait", forMs: forMs as number };
			expect(dispositionOf(branded({ disposition }))).toEqual({ action: "wait", forMs: 60_000 });
		}
	});

	it("a SessionError has the cause that was given to its constructor", () => {
		const cause = new Error("13004");
		expect(new SessionError("refused", { ...retry, cause }).cause).toBe(cause);
	});

	it("dispositionOf() and hasEnded() recognize an error that another installed copy of this package made", () => {
		expect(dispositionOf(branded({ disposition: { action: "human", todo: "log in" } }))).toEqual({
			action: "human",
			todo: "log in",
		});
		expect(hasEnded(branded({ disposition: { action: "fatal" } }))).toBe(true);
		expect(hasEnded(branded({ disposition: { action: "retry" }, session: "ended" }))).toBe(true);
		expect(hasEnded(branded({ disposition: { action: "retry" }, session: "unclear" }))).toBe(false);
	});
});

describe("options from plain JavaScript", () => {
	it.each([
		[{ stabelMs: 5 }, "option stabelMs is not known. Did you mean stableMs?"],
		[{ backoff: { base: 5 } }, "option backoff.base is not known. Did you mean baseMs?"],
		[{ restarts: { most: 5 } }, "option restarts.most is not known (known: burst, everyMs)"],
		[{ restarts: { burst: 0 } }, "option restarts.burst must be an integer from 1, got 0"],
		[{ restarts: { everyMs: -1 } }, "option restarts.everyMs"],
		[{ backoff: { factor: 0.5 } }, "option backoff.factor"],
		[{ backoff: 5 }, "option backoff must be an object, got 5"],
		[{ now: 5 }, "option now must be a function, got 5"],
		[null, "options must be an object, got null"],
	])("keepalive() refuses the options %o, and names the wrong option", (options, message) => {
		expect(() => keepalive([scripted()], options as KeeperOptions)).toThrow(message);
	});

	it("keepalive() treats an option that is undefined as missing", async () => {
		const keeper = keepalive([scripted()], { stableMs: undefined, backoff: { capMs: undefined } } as object);
		await advance(0);
		expect(keeper.isArmed("venue")).toBe(true);
		await keeper.stop({ orders: "keep" });
	});

	it("keepalive() throws for a session whose name is an empty string", () => {
		const nameless = { ...scripted(), name: "" } as Session;
		expect(() => keepalive([nameless])).toThrow("option sessions must have a non-empty string as name of each session");
	});
});
