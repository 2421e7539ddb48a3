import { describe, expect, it } from "vitest";
import { keepalive } from "./keeper.ts";
import { Gate } from "./loop/health-gate.ts";
import { SessionLoop } from "./loop/session-loop.ts";
import { type KeeperOptions, resolveOptions } from "./options.ts";
import type { Lease, Session } from "./session.ts";
import { dispositionOf, isOver, SessionError } from "./session-error.ts";
import { causeOf } from "./status/status.ts";
import { advance, deaf, fakeClock, keep, lease, retry, scripted } from "./testing/scripted.ts";

fakeClock();

/** An object whose every member throws. */
const poisoned = (): never => {
	throw new Error("a getter");
};
const poison = new Proxy({}, { get: poisoned, getPrototypeOf: poisoned, has: poisoned, ownKeys: poisoned });
const branded = (members: object): Error =>
	Object.assign(new Error("from another copy"), { brand: "@x/keepalive/SessionError" }, members);

const thrown: readonly (readonly [string, unknown])[] = [
	["undefined", undefined],
	["null", null],
	["a text", "text"],
	["an object whose members throw", poison],
	["an error whose message throws", Object.defineProperty(new Error(), "message", { get: poisoned })],
	["an error that asks for what nobody knows", branded({ disposition: { action: "explode" } })],
	["an error that asks for nothing", branded({ disposition: undefined })],
	["an error whose disposition throws", Object.defineProperty(branded({}), "disposition", { get: poisoned })],
	[
		"an error whose fate throws",
		Object.defineProperty(branded({ disposition: { action: "retry" } }), "session", { get: poisoned }),
	],
];

describe.each(thrown)("a session that throws %s", (_what, error) => {
	it("at once, and not by a promise, is tried again after a back-off, and told", async () => {
		const throwing = (): never => {
			throw error;
		};
		const { loop, states, records } = keep({ ...scripted(), open: throwing });
		await advance(500);
		expect(states()).toEqual(["opening", "waiting", "opening", "waiting"]);
		expect(records[1]?.status).toMatchObject({ cause: { message: expect.stringMatching(/./) } });
		await loop.stop("keep");
	});

	it("from a beat is late, and lost at its deadline", async () => {
		const { loop, states } = keep(scripted({ beat: () => Promise.reject(error) }));
		await advance(59_999);
		expect(states()).toEqual(["opening", "alive", "late"]);
		await advance(1);
		expect(states().slice(0, 5)).toEqual(["opening", "alive", "late", "lost", "waiting"]);
		await loop.stop("keep");
	});

	it("as the reason of its end is lost at once", async () => {
		const end = new AbortController();
		const open = async (_signal: AbortSignal, count: number): Promise<Lease> =>
			count === 1 ? { ...lease, ended: end.signal } : lease;
		const { loop, states } = keep(scripted({ open }));
		await advance(1_000);
		end.abort(error);
		end.abort(new Error("a second time"));
		await advance(500);
		expect(states()).toEqual(["opening", "alive", "lost", "waiting", "opening", "alive"]);
		await loop.stop("keep");
	});
});

describe("a session that gives what is no lease", () => {
	it.each([
		["nothing", undefined],
		["a lease whose members throw", poison],
		["a protection whose members throw", { ttlMs: 60_000, protection: poison }],
		["a protection that is none", { ttlMs: 60_000, protection: { state: "safe" } }],
		["a TTL of no time", { ...lease, ttlMs: 0 }],
		["an end that is no signal", { ...lease, ended: { aborted: false } }],
	])("%s, when it opens, is tried again and never alive", async (_what, given) => {
		// What plain JavaScript may return.
		const { loop, states } = keep(scripted({ open: async () => given as Lease }));
		await advance(500);
		expect(states()).toEqual(["opening", "waiting", "opening", "waiting"]);
		await loop.stop("keep");
	});

	it("from a beat is late, and not armed", async () => {
		const { loop, states } = keep(
			scripted({ beat: async () => ({ ...lease, protection: { state: "safe" } }) as never }),
		);
		await advance(20_000);
		expect(states()).toEqual(["opening", "alive", "late"]);
		expect(loop.objection()).toBe("it is late");
		await loop.stop("keep");
	});
});

describe("a session that never answers and does not listen", () => {
	it("is given up when its opening takes too long, and tried again", async () => {
		const { loop, states, records } = keep(scripted({ open: deaf }), { openTimeoutMs: 10_000 });
		await advance(10_500);
		expect(states()).toEqual(["opening", "waiting", "opening"]);
		expect(records[1]?.status).toMatchObject({ cause: { name: "CutOff" } });
		await Promise.all([loop.stop("keep"), advance(9_000)]);
	});

	it("is lost at its deadline, each beat cut off", async () => {
		const { loop, states } = keep(scripted({ beat: deaf }));
		await advance(60_000);
		expect(states().slice(0, 4)).toEqual(["opening", "alive", "late", "lost"]);
		await Promise.all([loop.stop("keep"), advance(9_000)]);
	});
});

describe("a session that is alive and ended at the same time", () => {
	it("is never called alive again by the beat that was under way", async () => {
		const end = new AbortController();
		const open = async (_signal: AbortSignal, count: number): Promise<Lease> =>
			count === 1 ? { ...lease, ended: end.signal } : lease;
		const beat = async (): Promise<Lease> => {
			const answer = { ...lease, ended: end.signal };
			queueMicrotask(() => end.abort(new SessionError("4000", { ...retry, session: "ended" })));
			return answer;
		};
		const { loop, states } = keep(scripted({ open, beat }));
		await advance(20_000);
		expect(states()).toEqual(["opening", "alive", "lost", "waiting"]);
		await loop.stop("keep");
	});
});

describe("a beat that brings a connection that has ended", () => {
	it("loses the session at once, and is never called alive", async () => {
		const ended = AbortSignal.abort(new SessionError("4000", { ...retry, session: "ended" }));
		const { loop, states, records } = keep(scripted({ beat: async () => ({ ...lease, ended }) }));
		await advance(20_000);
		expect(states()).toEqual(["opening", "alive", "lost", "waiting"]);
		expect(records[2]?.status).toMatchObject({ cause: { message: "4000" } });
		await loop.stop("keep");
	});

	it("is not told as alive for a moment when the session was late", async () => {
		const ended = AbortSignal.abort(new SessionError("4000", { ...retry, session: "ended" }));
		const beat = async (_signal: AbortSignal, count: number): Promise<Lease> =>
			count === 1 ? Promise.reject(new Error("reset")) : { ...lease, ended };
		const { loop, states } = keep(scripted({ beat }));
		await advance(22_500);
		expect(states()).toEqual(["opening", "alive", "late", "lost", "waiting"]);
		await loop.stop("keep");
	});
});

describe("one beat that never settles among others that do", () => {
	it("is waited for when the session is left, and told", async () => {
		const { loop, states } = keep(
			scripted({ beat: (_signal, count) => (count === 1 ? deaf() : Promise.resolve(lease)) }),
		);
		await advance(100_000);
		expect(states()).toEqual(["opening", "alive", "late", "alive"]);
		const stopped = loop.stop("keep", 2_000);
		await advance(1_000);
		expect(await stopped).toMatchObject({
			orders: "unknown",
			detail: expect.stringContaining("had not ended by then"),
		});
	});
});

describe("what nobody foresaw in the loop itself", () => {
	it("ends this session for good, left as if we had died, and told", async () => {
		const told: string[] = [];
		const session = scripted();
		const options = resolveOptions();
		const loop = new SessionLoop(session, options, new Gate(undefined, options), ({ status }) => {
			told.push(status.state);
			if (status.state === "alive") throw new Error("a record that cannot be published");
		});
		loop.start();
		await advance(0);
		expect(told).toEqual(["opening", "alive", "leaving", "stopped"]);
		expect(session.asked.map(({ what }) => what)).toEqual(["open", "close cancel"]);
		expect(loop.current().status).toMatchObject({ cause: { message: "a record that cannot be published" } });
	});
});

describe("a lease that rests on an exchange some time ago", () => {
	it("is beaten and lost that much sooner", async () => {
		const session = scripted({ open: async () => ({ ...lease, ageMs: 15_000 }), beat: deaf });
		const { loop, states } = keep(session);
		await advance(5_000);
		expect(session.asked.at(-1)).toEqual({ what: "beat", at: 5_000 });
		await advance(39_999);
		expect(states()).not.toContain("lost");
		await advance(1);
		expect(states()).toContain("lost");
		await Promise.all([loop.stop("keep"), advance(9_000)]);
	});

	it("longer than it lasts, is not alive before a beat was answered", async () => {
		const session = scripted({ open: async () => ({ ...lease, ageMs: 60_000 }), beat: async () => lease });
		const { loop, states } = keep(session);
		await advance(0);
		expect(session.asked.at(-1)).toEqual({ what: "beat", at: 0 });
		expect(states()).toEqual(["opening", "alive"]);
		await loop.stop("keep");
	});
});

describe("clocks and chance from outside", () => {
	const odd = {
		throw: () => {
			throw new Error("clock");
		},
		"give no number": () => Number.NaN,
		"give what is out of range": () => Number.POSITIVE_INFINITY,
	};

	it.each(Object.entries(odd))("that %s do not end a loop nor make it hot", async (_what, source) => {
		const session = scripted({
			open: async (_signal, count) => (count === 1 ? Promise.reject(new Error("no")) : lease),
		});
		const { loop, records } = keep(session, { random: source, now: source });
		await advance(21_000);
		// 1 650 ms of back-off, then a beat at 95 % of the interval.
		expect(session.asked).toEqual([
			{ what: "open", at: 0 },
			{ what: "open", at: 1_650 },
			{ what: "beat", at: 20_650 },
		]);
		expect(records.every(({ at }) => Number.isFinite(at))).toBe(true);
		await loop.stop("keep");
	});
});

describe("an error that is read", () => {
	it("is cut to what a record can bear", () => {
		expect(causeOf(new Error("x".repeat(1_000_000))).message).toHaveLength(4_000);
	});

	it("and asks for a wait of no length that can be kept, gets a minute", () => {
		for (const forMs of [Number.NaN, -1, Number.POSITIVE_INFINITY, "900"]) {
			const disposition = { action: "wait", forMs: forMs as number };
			expect(dispositionOf(branded({ disposition }))).toEqual({ action: "wait", forMs: 60_000 });
		}
	});

	it("keeps what caused it", () => {
		const cause = new Error("13004");
		expect(new SessionError("refused", { ...retry, cause }).cause).toBe(cause);
	});

	it("and comes from another copy of this package means what it says", () => {
		expect(dispositionOf(branded({ disposition: { action: "human", todo: "log in" } }))).toEqual({
			action: "human",
			todo: "log in",
		});
		expect(isOver(branded({ disposition: { action: "fatal" } }))).toBe(true);
		expect(isOver(branded({ disposition: { action: "retry" }, session: "ended" }))).toBe(true);
		expect(isOver(branded({ disposition: { action: "retry" }, session: "unclear" }))).toBe(false);
	});
});

describe("options in plain JavaScript", () => {
	it.each([
		[{ stabelMs: 5 }, "option stabelMs is not known; there is backoff, restarts, gate, stableMs"],
		[{ backoff: { base: 5 } }, "option backoff base is not known"],
		[{ restarts: { most: 5 } }, "option restarts most is not known"],
		[{ restarts: { burst: 0 } }, "option restarts.burst is a number 0; it must be an integer from 1"],
		[{ restarts: { everyMs: -1 } }, "option restarts.everyMs"],
		[{ backoff: { factor: 0.5 } }, "option backoff.factor"],
		[{ backoff: 5 }, "option backoff is a number 5; it must be an object with baseMs, capMs, unreachedCapMs, factor"],
		[{ now: 5 }, "option now is a number 5; it must be a function"],
		[null, "option is a object; it must be an object with"],
	])("%o are refused, by name", (options, message) => {
		expect(() => keepalive([scripted()], options as KeeperOptions)).toThrow(message);
	});

	it("that are undefined are as if they were not there", async () => {
		const keeper = keepalive([scripted()], { stableMs: undefined, backoff: { capMs: undefined } } as object);
		await advance(0);
		expect(keeper.isArmed("venue")).toBe(true);
		await keeper.stop({ orders: "keep" });
	});

	it("a session without a name of its own is refused", () => {
		const nameless = { ...scripted(), name: "" } as Session;
		expect(() => keepalive([nameless])).toThrow("a session has no name");
	});
});
