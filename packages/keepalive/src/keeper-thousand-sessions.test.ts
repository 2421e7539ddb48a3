import { describe, expect, it } from "vitest";
import { keepalive } from "./keeper.ts";
import type { Session } from "./session.ts";
import { SessionError } from "./session-error.ts";
import type { StatusRecord } from "./status/status.ts";
import { advance, lease, retry, useFakeClock } from "./testing/scripted-session.ts";

useFakeClock();

const many = 1_000;

/**
 * Makes a thousand sessions that answer at once. They do not read the clocks, so every clock read that is counted comes from
 * the keeper.
 */
function createSessions(left: string[] = []): {
	sessions: Session[];
	calls: { open: number; beat: number };
	end: () => void;
} {
	const calls = { open: 0, beat: 0 };
	let ends: AbortController[] = [];
	const sessions = Array.from({ length: many }, (_, index): Session => {
		const name = `session ${index}`;
		return {
			name,
			handle: undefined,
			open: async () => {
				calls.open += 1;
				const end = new AbortController();
				ends.push(end);
				return { ...lease, ended: end.signal };
			},
			beat: async () => {
				calls.beat += 1;
				const ended = ends[index]?.signal;
				return ended ? { ...lease, ended } : lease;
			},
			close: async () => {
				left.push(name);
				return { orders: "kept", detail: "" };
			},
		};
	});
	const end = (): void => {
		const ending = ends;
		ends = [];
		for (const each of ending) each.abort(new SessionError("dropped", { ...retry, session: "ended" }));
	};
	return { sessions, calls, end };
}

/** Replaces a method of an object by a function that counts the calls. `restore` brings the method back. */
function counting<T extends object, K extends keyof T>(target: T, name: K): { count: number; restore: () => void } {
	const real = target[name] as (...args: unknown[]) => unknown;
	const seen = {
		count: 0,
		restore: () => {
			target[name] = real as T[K];
		},
	};
	// The replacement calls the real method, so that the behaviour does not change.
	target[name] = function (this: unknown, ...args: unknown[]) {
		seen.count += 1;
		return real.apply(this, args);
	} as T[K];
	return seen;
}

describe("Keeper with a thousand sessions", () => {
	it("Keeper opens all sessions, opens them again after a loss, and closes them in the reverse order of starting", async () => {
		const left: string[] = [];
		const { sessions, calls, end } = createSessions(left);
		const keeper = keepalive(sessions);
		await keeper.ready();
		await advance(20_000);
		expect(calls).toEqual({ open: many, beat: many });
		const ready = keeper.records();
		end();
		await advance(0);
		const snapshot = Object.values(keeper.snapshot());
		expect(snapshot.filter(({ status }) => status.state === "waiting")).toHaveLength(many);
		await Promise.all([keeper.ready(), advance(3_000)]);
		expect(snapshot).toHaveLength(many);
		expect(Object.values(keeper.snapshot()).every(({ tally }) => tally.recoveries === 1)).toBe(true);
		const stopped = keeper.stop({ orders: "keep" });
		await advance(9_000);
		expect(Object.keys(await stopped)).toHaveLength(many);
		expect(left).toEqual(sessions.map(({ name }) => name).reverse());
		let read = 0;
		let dropped = 0;
		for await (const record of ready) {
			read += 1;
			dropped += record.dropped ?? 0;
		}
		// There are seven records of each session: the current record, then lost, waiting, opening, alive, leaving and stopped.
		expect(read + dropped).toBe(7 * many);
	});

	it("Keeper does not send the beats of all sessions at once: it sends them in 16 groups of similar size, each at its own time", async () => {
		const { sessions } = createSessions();
		const at: number[] = [];
		const started = performance.now();
		for (const session of sessions) {
			const { beat } = session;
			session.beat = (signal) => {
				at.push(performance.now() - started);
				return beat(signal);
			};
		}
		const keeper = keepalive(sessions, { random: () => 0 });
		await advance(20_000);
		expect(at).toHaveLength(many);
		expect(at.at(-1)).toBe(20_000);
		const moments = new Map<number, number>();
		for (const ms of at) moments.set(ms, (moments.get(ms) ?? 0) + 1);
		expect(moments.size).toBe(16);
		expect(Math.max(...moments.values())).toBeLessThanOrEqual(64);
		await Promise.all([keeper.stop({ orders: "keep" }), advance(9_000)]);
	});

	it("ready() does not check every session at each status record: while ready() waits, a clock is read at most 50 times per session", async () => {
		const { sessions, end } = createSessions();
		const keeper = keepalive(sessions);
		await keeper.ready();
		end();
		await advance(0);
		const looks = counting(performance, "now");
		const ready = keeper.ready();
		const before = looks.count;
		await advance(3_000);
		await ready;
		looks.restore();
		// Each session costs some tens of clock reads. Checking all sessions at every status record would read the clock a
		// million times.
		expect(looks.count - before).toBeLessThan(50 * many);
		await Promise.all([keeper.stop({ orders: "keep" }), advance(9_000)]);
	});

	it("Keeper calls a listener for one session only with the status records of that session", async () => {
		const { sessions, end } = createSessions();
		const keeper = keepalive(sessions);
		await keeper.ready();
		let received = 0;
		const note = (_record: StatusRecord): void => {
			received += 1;
		};
		for (const { name } of sessions) keeper.onStatus(note, name);
		expect(received).toBe(many);
		end();
		await advance(3_000);
		// There are five records of each session: the current record, then lost, waiting, opening and alive.
		expect(received).toBe(5 * many);
		await Promise.all(sessions.map(({ name }) => keeper.ready({ session: name })));
		await Promise.all([keeper.stop({ orders: "keep" }), advance(9_000)]);
	});

	it("Keeper closes all sessions when the program has not called pulse() for toleranceMs, and opens them all again at the next pulse()", async () => {
		const { sessions, calls } = createSessions();
		const keeper = keepalive(sessions, { gate: { toleranceMs: 5_000 } });
		await keeper.ready();
		await advance(5_000);
		expect(Object.values(keeper.snapshot()).every(({ status }) => status.state === "gated")).toBe(true);
		keeper.pulse();
		await keeper.ready();
		expect(calls.open).toBe(2 * many);
		await Promise.all([keeper.stop({ orders: "keep" }), advance(9_000)]);
	});
});
