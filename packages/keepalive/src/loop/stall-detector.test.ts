import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Lease } from "../session.ts";
import { SessionError } from "../session-error.ts";
import { advance, fakeClock, hang, keep, lease, scripted } from "../testing/scripted.ts";

fakeClock();

describe("when our own process stood still", () => {
	/** Time passes and no timer runs, as in a blocked event loop. */
	const standStill = (ms: number): void => {
		vi.setSystemTime(Date.now() + ms);
		blockedMs += ms;
	};
	let blockedMs = 0;
	beforeEach(() => {
		blockedMs = 0;
		const real = performance.now.bind(performance);
		vi.spyOn(performance, "now").mockImplementation(() => real() + blockedMs);
	});

	it("inside a wait the venue asked for, it is not called even so", async () => {
		const boxed = new SessionError("429", { disposition: { action: "wait", forMs: 900_000 } });
		const session = scripted({ beat: async () => Promise.reject(boxed) });
		const { loop, states } = keep(session);
		await advance(20_001);
		standStill(100_000);
		await advance(40_000);
		expect(session.asked.map(({ what }) => what)).toEqual(["open", "beat"]);
		expect(states()).toContain("lost");
		await loop.stop("keep");
	});

	it("past the deadline, a reader sees neither alive nor armed, even before any timer has run", async () => {
		const { loop } = keep(scripted());
		await advance(1_000);
		standStill(120_000);
		expect(loop.current().status).toMatchObject({ state: "late", protection: { state: "unknown" } });
		await loop.stop("keep");
	});

	it("the venue is asked before the session is called lost, and our stall is named as the cause", async () => {
		const session = scripted();
		const { loop, states, records } = keep(session);
		await advance(1_000);
		standStill(120_000);
		await advance(19_000);
		expect(states()).toEqual(["opening", "alive", "late", "alive"]);
		expect(records[2]?.status).toMatchObject({
			cause: { message: expect.stringContaining("stood still for") },
			protection: { state: "unknown" },
		});
		await loop.stop("keep");
	});

	it("and the venue does not answer then, the session is lost", async () => {
		const { loop, states } = keep(scripted({ beat: async () => Promise.reject(new Error("reset")) }));
		await advance(1_000);
		standStill(120_000);
		await advance(19_000);
		expect(states()).toEqual(["opening", "alive", "late", "lost", "waiting"]);
		await loop.stop("keep");
	});
});

describe("when the machine slept", () => {
	/** Only the wall clock goes on, as while a machine sleeps. */
	const sleepMachine = (ms: number): void => {
		vi.setSystemTime(Date.now() + ms);
	};

	it("with a beat under way, its answer renews nothing: the venue is asked again before anything is called alive", async () => {
		const answers: ((lease: Lease) => void)[] = [];
		const session = scripted({
			beat: () =>
				new Promise((resolve) => {
					answers.push(resolve);
				}),
		});
		const { loop, states } = keep(session);
		await advance(20_000);
		sleepMachine(3_600_000);
		answers[0]?.(lease);
		await advance(0);
		expect(states()).toEqual(["opening", "alive", "late"]);
		expect(loop.current().status).toMatchObject({ protection: { state: "unknown" } });
		expect(session.asked.at(-1)).toEqual({ what: "beat", at: 20_000 });
		answers[1]?.(lease);
		await advance(0);
		expect(states()).toEqual(["opening", "alive", "late", "alive"]);
		await loop.stop("keep");
	});

	it("and the venue does not answer when asked again, the session is lost", async () => {
		let answer: (lease: Lease) => void = () => undefined;
		const first = new Promise<Lease>((resolve) => {
			answer = resolve;
		});
		const { loop, states } = keep(scripted({ beat: (signal, count) => (count === 1 ? first : hang(signal)) }));
		await advance(20_000);
		sleepMachine(3_600_000);
		answer(lease);
		await advance(60_000);
		expect(states().slice(0, 4)).toEqual(["opening", "alive", "late", "lost"]);
		await loop.stop("keep");
	});

	it("while it was opening, nothing that was answered is believed", async () => {
		const answers: ((lease: Lease) => void)[] = [];
		const session = scripted({
			open: () =>
				new Promise((resolve) => {
					answers.push(resolve);
				}),
		});
		const { loop, states } = keep(session);
		sleepMachine(3_600_000);
		answers[0]?.(lease);
		await advance(0);
		expect(states()).toEqual(["opening", "waiting"]);
		await advance(500);
		answers[1]?.(lease);
		await advance(0);
		expect(states().at(-1)).toBe("alive");
		await loop.stop("keep");
	});

	it("between two beats, it is noticed within half a minute of waking, however long the pace is", async () => {
		const session = scripted({ open: async () => ({ ...lease, ttlMs: 600_000 }) });
		const { loop, states } = keep(session);
		await advance(10_000);
		sleepMachine(3_600_000);
		await advance(30_000);
		expect(states()).toEqual(["opening", "alive", "late", "alive"]);
		await loop.stop("keep");
	});
});
