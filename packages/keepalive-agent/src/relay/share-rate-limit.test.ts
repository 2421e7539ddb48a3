import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FairShare } from "./share-rate-limit.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Takes calls until one is refused. Returns how many calls a bot may make in a row. */
function takeAll(share: FairShare, name: string, isUrgent = false): number {
	let taken = 0;
	while (share.tryTake(name, isUrgent)) taken += 1;
	return taken;
}

describe("FairShare of a limit of 10 calls per second with a burst of 20, for two bots", () => {
	const rate = { perSecond: 10, burst: 20 };

	it("FairShare allows each bot half of the burst, whatever the other bot does", () => {
		const share = new FairShare(["a", "b"], () => rate);
		expect(takeAll(share, "a")).toBe(10);
		expect(takeAll(share, "b")).toBe(10);
		expect(share.tryTake("nobody")).toBe(false);
	});

	it("FairShare gives the whole rate to a single active bot, and half of it to each of two active bots", () => {
		const share = new FairShare(["a", "b"], () => rate);
		takeAll(share, "a");
		vi.advanceTimersByTime(500);
		expect(takeAll(share, "a")).toBe(5);
		takeAll(share, "b");
		vi.advanceTimersByTime(1_000);
		expect([takeAll(share, "a"), takeAll(share, "b")]).toEqual([5, 5]);
	});

	it("FairShare never allows more calls than the burst plus all calls that were refilled", () => {
		const share = new FairShare(["a", "b"], () => rate, 0.25);
		let taken = 0;
		for (let ms = 0; ms < 60_000; ms += 70) {
			vi.advanceTimersByTime(70);
			taken += takeAll(share, "a", true) + takeAll(share, "b");
			while (share.tryTakeOwn()) taken += 1;
			expect(taken).toBeLessThanOrEqual(20 + ((ms + 70) / 1_000) * 10 + 1e-6);
		}
	});

	it("FairShare keeps a quarter of the burst for the relay itself, and a quarter of each bot's part for urgent calls (cancels)", () => {
		const share = new FairShare(["a", "b"], () => rate, 0.25);
		// Of the burst of 20 calls, 5 are kept for the relay itself. Each bot has 7.5 calls, of which 1.875 are kept for urgent calls.
		expect(takeAll(share, "a")).toBe(5);
		expect(takeAll(share, "a", true)).toBe(2);
		let own = 0;
		while (share.tryTakeOwn()) own += 1;
		expect(own).toBe(5 + 7);
	});

	it("FairShare allows each of 50 bots its first call, although the burst has only 20 calls", () => {
		const names = Array.from({ length: 50 }, (_, index) => `bot-${index}`);
		const share = new FairShare(names, () => rate, 0.25);
		expect(names.every((name) => share.tryTake(name))).toBe(true);
	});
});
