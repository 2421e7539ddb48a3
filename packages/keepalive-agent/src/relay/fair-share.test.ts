import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FairShare } from "./fair-share.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** How many calls in a row are allowed. */
function takeAll(share: FairShare, name: string, isUrgent = false): number {
	let taken = 0;
	while (share.tryTake(name, isUrgent)) taken += 1;
	return taken;
}

describe("a limit of 20 at once and 10 a second, shared by two bots", () => {
	const rate = { perSecond: 10, burst: 20 };

	it("allows each half of the burst, whatever the other does", () => {
		const share = new FairShare(["a", "b"], () => rate);
		expect(takeAll(share, "a")).toBe(10);
		expect(takeAll(share, "b")).toBe(10);
		expect(share.tryTake("nobody")).toBe(false);
	});

	it("gives the whole rate to one alone, and half of it to each of two", () => {
		const share = new FairShare(["a", "b"], () => rate);
		takeAll(share, "a");
		vi.advanceTimersByTime(500);
		expect(takeAll(share, "a")).toBe(5);
		takeAll(share, "b");
		vi.advanceTimersByTime(1_000);
		expect([takeAll(share, "a"), takeAll(share, "b")]).toEqual([5, 5]);
	});

	it("never allows more than the burst and what has refilled", () => {
		const share = new FairShare(["a", "b"], () => rate, 0.25);
		let taken = 0;
		for (let ms = 0; ms < 60_000; ms += 70) {
			vi.advanceTimersByTime(70);
			taken += takeAll(share, "a", true) + takeAll(share, "b");
			while (share.tryTakeOwn()) taken += 1;
			expect(taken).toBeLessThanOrEqual(20 + ((ms + 70) / 1_000) * 10 + 1e-6);
		}
	});

	it("keeps a quarter for cancels and for the relay itself", () => {
		const share = new FairShare(["a", "b"], () => rate, 0.25);
		// 5 are the relay's, 7.5 each bot's, and 1.875 of these for cancels.
		expect(takeAll(share, "a")).toBe(5);
		expect(takeAll(share, "a", true)).toBe(2);
		let own = 0;
		while (share.tryTakeOwn()) own += 1;
		expect(own).toBe(5 + 7);
	});

	it("allows one call to each of more bots than there are calls", () => {
		const names = Array.from({ length: 50 }, (_, index) => `bot-${index}`);
		const share = new FairShare(names, () => rate, 0.25);
		expect(names.every((name) => share.tryTake(name))).toBe(true);
	});
});
