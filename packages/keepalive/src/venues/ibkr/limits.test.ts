import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Attempts } from "./limits.ts";

beforeEach(() => {
	vi.useFakeTimers();
});
afterEach(() => {
	vi.useRealTimers();
});

describe("attempts", () => {
	it("are so many in any 24 hours: none at 86 399 999 ms after the oldest, one at 86 400 000", async () => {
		const attempts = new Attempts({ most: 2, firstMs: 0 });
		expect(attempts.take()).toBe(true);
		await vi.advanceTimersByTimeAsync(1_000);
		expect(attempts.take()).toBe(true);
		expect(attempts.take()).toBe(false);
		expect(attempts.waitMs).toBe(86_399_000);
		await vi.advanceTimersByTimeAsync(86_398_999);
		expect(attempts.take()).toBe(false);
		await vi.advanceTimersByTimeAsync(1);
		expect(attempts.take()).toBe(true);
		expect(attempts.waitMs).toBe(1_000);
	});

	it("keep the next one away for a minute that doubles to half an hour, exactly", async () => {
		const attempts = new Attempts({ most: 100, firstMs: 60_000 });
		for (const waitMs of [60_000, 120_000, 240_000, 480_000, 960_000, 1_800_000, 1_800_000]) {
			expect(attempts.take()).toBe(true);
			expect(attempts.waitMs).toBe(waitMs);
			await vi.advanceTimersByTimeAsync(waitMs - 1);
			expect(attempts.take()).toBe(false);
			await vi.advanceTimersByTimeAsync(1);
		}
	});

	it("stay at the longest wait however many there are", async () => {
		const attempts = new Attempts({ most: 100_000, firstMs: 100 });
		for (let attempt = 0; attempt < 2_000; attempt++) {
			attempts.take();
			await vi.advanceTimersByTimeAsync(1_800_000);
		}
		attempts.take();
		expect(attempts.waitMs).toBe(1_800_000);
	});

	it("are forgotten when what they opened has lasted for ten first waits, and not a moment earlier", async () => {
		const attempts = new Attempts({ most: 100, firstMs: 60_000 });
		attempts.take();
		await vi.advanceTimersByTimeAsync(60_000);
		attempts.take();
		await vi.advanceTimersByTimeAsync(599_999);
		attempts.alive();
		attempts.take();
		expect(attempts.waitMs).toBe(240_000);
		await vi.advanceTimersByTimeAsync(600_000);
		attempts.alive();
		attempts.take();
		expect(attempts.waitMs).toBe(60_000);
	});

	it("that opened a session are one step nearer: the first repair begins at once, the second after a minute", async () => {
		const attempts = new Attempts({ most: 100, firstMs: 60_000 });
		const waits: number[] = [];
		for (let repair = 0; repair < 5; repair++) {
			expect(attempts.take()).toBe(true);
			attempts.opened();
			waits.push(attempts.waitMs);
			await vi.advanceTimersByTimeAsync(attempts.waitMs);
		}
		expect(waits).toEqual([0, 60_000, 120_000, 240_000, 480_000]);
		attempts.take();
		expect(attempts.waitMs).toBe(1_800_000);
	});

	it("are forgiven once in half an hour at most, however often things change", async () => {
		const attempts = new Attempts({ most: 100, firstMs: 60_000 });
		attempts.take();
		attempts.forgive();
		expect(attempts.waitMs).toBe(0);
		attempts.take();
		attempts.forgive();
		expect(attempts.waitMs).toBe(60_000);
		await vi.advanceTimersByTimeAsync(1_800_000);
		attempts.take();
		expect(attempts.waitMs).toBe(120_000);
		attempts.forgive();
		expect(attempts.waitMs).toBe(0);
	});

	it("have a second half that does not wait but counts", () => {
		const attempts = new Attempts({ most: 2, firstMs: 60_000 });
		expect(attempts.take()).toBe(true);
		expect(attempts.take(true)).toBe(true);
		expect(attempts.take(true)).toBe(false);
		expect(attempts.count(1_000)).toEqual({ last24h: 2, most: 2, nextAt: 86_401_000 });
	});

	it("that were never made keep nothing away", () => {
		const attempts = new Attempts({ most: 1, firstMs: 60_000 });
		expect(attempts.waitMs).toBe(0);
		expect(attempts.count(1_000)).toEqual({ last24h: 0, most: 1 });
	});
});
