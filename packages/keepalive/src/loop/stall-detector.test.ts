import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Lease } from "../session.ts";
import { SessionError } from "../session-error.ts";
import { advance, hang, lease, scripted, startLoop, useFakeClock } from "../testing/scripted-session.ts";

useFakeClock();

describe("SessionLoop after a blocked event loop", () => {
	/** Moves both clocks without firing timers, as a blocked event loop does. */
	const blockEventLoop = (ms: number): void => {
		vi.setSystemTime(Date.now() + ms);
		blockedMs += ms;
	};
	let blockedMs = 0;
	beforeEach(() => {
		blockedMs = 0;
		const real = performance.now.bind(performance);
		vi.spyOn(performance, "now").mockImplementation(() => real() + blockedMs);
	});

	it("SessionLoop does not call the venue during a wait that the venue asked for, even if the event loop was blocked meanwhile", async () => {
		const rateLimited = new SessionError("429", { disposition: { action: "wait", forMs: 900_000 } });
		const session = scripted({ beat: async () => Promise.reject(rateLimited) });
		const { loop, states } = startLoop(session);
		await advance(20_001);
		blockEventLoop(100_000);
		await advance(40_000);
		expect(session.calls.map(({ what }) => what)).toEqual(["open", "beat"]);
		expect(states()).toContain("lost");
		await loop.stop("keep");
	});

	it("SessionLoop shows a session as late as soon as its lease has expired, even before any timer has fired", async () => {
		const { loop } = startLoop(scripted());
		await advance(1_000);
		blockEventLoop(120_000);
		expect(loop.current().status).toMatchObject({ state: "late", protection: { state: "unknown" } });
		await loop.stop("keep");
	});

	it("SessionLoop sends another beat after a stall before it calls the session lost, and names the stall as the cause", async () => {
		const session = scripted();
		const { loop, states, records } = startLoop(session);
		await advance(1_000);
		blockEventLoop(120_000);
		await advance(19_000);
		expect(states()).toEqual(["opening", "alive", "late", "alive"]);
		expect(records[2]?.status).toMatchObject({
			cause: { message: expect.stringContaining("stalled for") },
			protection: { state: "unknown" },
		});
		await loop.stop("keep");
	});

	it("SessionLoop gives the session up as lost when the venue does not answer the beat that follows a stall", async () => {
		const { loop, states } = startLoop(scripted({ beat: async () => Promise.reject(new Error("reset")) }));
		await advance(1_000);
		blockEventLoop(120_000);
		await advance(19_000);
		expect(states()).toEqual(["opening", "alive", "late", "lost", "waiting"]);
		await loop.stop("keep");
	});
});

describe("SessionLoop after a suspended machine", () => {
	/** Moves only the wall clock, as a suspended machine does. */
	const suspendMachine = (ms: number): void => {
		vi.setSystemTime(Date.now() + ms);
	};

	it("SessionLoop discards the answer to a beat that was pending during a suspension, and sends another beat", async () => {
		const answers: ((lease: Lease) => void)[] = [];
		const session = scripted({
			beat: () =>
				new Promise((resolve) => {
					answers.push(resolve);
				}),
		});
		const { loop, states } = startLoop(session);
		await advance(20_000);
		suspendMachine(3_600_000);
		answers[0]?.(lease);
		await advance(0);
		expect(states()).toEqual(["opening", "alive", "late"]);
		expect(loop.current().status).toMatchObject({ protection: { state: "unknown" } });
		expect(session.calls.at(-1)).toEqual({ what: "beat", at: 20_000 });
		answers[1]?.(lease);
		await advance(0);
		expect(states()).toEqual(["opening", "alive", "late", "alive"]);
		await loop.stop("keep");
	});

	it("SessionLoop gives the session up as lost when the venue does not answer the beat that follows a suspension", async () => {
		let answer: (lease: Lease) => void = () => undefined;
		const first = new Promise<Lease>((resolve) => {
			answer = resolve;
		});
		const { loop, states } = startLoop(scripted({ beat: (signal, count) => (count === 1 ? first : hang(signal)) }));
		await advance(20_000);
		suspendMachine(3_600_000);
		answer(lease);
		await advance(60_000);
		expect(states().slice(0, 4)).toEqual(["opening", "alive", "late", "lost"]);
		await loop.stop("keep");
	});

	it("SessionLoop discards the result of an open that was pending during a suspension, and opens the session again", async () => {
		const answers: ((lease: Lease) => void)[] = [];
		const session = scripted({
			open: () =>
				new Promise((resolve) => {
					answers.push(resolve);
				}),
		});
		const { loop, states } = startLoop(session);
		suspendMachine(3_600_000);
		answers[0]?.(lease);
		await advance(0);
		expect(states()).toEqual(["opening", "waiting"]);
		await advance(500);
		answers[1]?.(lease);
		await advance(0);
		expect(states().at(-1)).toBe("alive");
		await loop.stop("keep");
	});

	it("SessionLoop notices a suspension within 30 s after the machine wakes, even if the beats are further apart", async () => {
		const session = scripted({ open: async () => ({ ...lease, ttlMs: 600_000 }) });
		const { loop, states } = startLoop(session);
		await advance(10_000);
		suspendMachine(3_600_000);
		await advance(30_000);
		expect(states()).toEqual(["opening", "alive", "late", "alive"]);
		await loop.stop("keep");
	});
});
