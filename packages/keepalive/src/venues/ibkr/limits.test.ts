import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AttemptLimit } from "./limits.ts";

beforeEach(() => {
	vi.useFakeTimers();
});
afterEach(() => {
	vi.useRealTimers();
});

describe("AttemptLimit", () => {
	it("AttemptLimit applies an earlier process's back-off in full, even if its own attempt was successful", () => {
		const [fresh, used] = [1, 2].map(() => new AttemptLimit({ limit: 50, firstMs: 60_000 }));
		used?.tryAcquire();
		used?.recordOpened();
		for (const limit of [fresh, used]) limit?.inherit({ made: [[Date.now(), 1]], step: 5 });
		expect([fresh?.waitMs, used?.waitMs]).toEqual([960_000, 960_000]);
	});

	it("AttemptLimit allows an attempt beyond the limit only when the oldest attempt is a whole day old", async () => {
		const attempts = new AttemptLimit({ limit: 2, firstMs: 0 });
		expect(attempts.tryAcquire()).toBe(true);
		await vi.advanceTimersByTimeAsync(1_000);
		expect(attempts.tryAcquire()).toBe(true);
		expect(attempts.tryAcquire()).toBe(false);
		expect(attempts.waitMs).toBe(86_399_000);
		await vi.advanceTimersByTimeAsync(86_398_999);
		expect(attempts.tryAcquire()).toBe(false);
		await vi.advanceTimersByTimeAsync(1);
		expect(attempts.tryAcquire()).toBe(true);
		expect(attempts.waitMs).toBe(1_000);
	});

	it("AttemptLimit doubles the delay after each attempt, from one minute to half an hour", async () => {
		const attempts = new AttemptLimit({ limit: 100, firstMs: 60_000 });
		for (const waitMs of [60_000, 120_000, 240_000, 480_000, 960_000, 1_800_000, 1_800_000]) {
			expect(attempts.tryAcquire()).toBe(true);
			expect(attempts.waitMs).toBe(waitMs);
			await vi.advanceTimersByTimeAsync(waitMs - 1);
			expect(attempts.tryAcquire()).toBe(false);
			await vi.advanceTimersByTimeAsync(1);
		}
	});

	it("AttemptLimit never delays by more than half an hour, however many attempts are made", async () => {
		const attempts = new AttemptLimit({ limit: 100_000, firstMs: 100 });
		for (let attempt = 0; attempt < 2_000; attempt++) {
			attempts.tryAcquire();
			await vi.advanceTimersByTimeAsync(1_800_000);
		}
		attempts.tryAcquire();
		expect(attempts.waitMs).toBe(1_800_000);
	});

	it("AttemptLimit resets the back-off only if a session has lasted for ten times the first delay", async () => {
		const attempts = new AttemptLimit({ limit: 100, firstMs: 60_000 });
		attempts.tryAcquire();
		await vi.advanceTimersByTimeAsync(60_000);
		attempts.tryAcquire();
		await vi.advanceTimersByTimeAsync(599_999);
		attempts.recordAlive();
		attempts.tryAcquire();
		expect(attempts.waitMs).toBe(240_000);
		await vi.advanceTimersByTimeAsync(600_000);
		attempts.recordAlive();
		attempts.tryAcquire();
		expect(attempts.waitMs).toBe(60_000);
	});

	it("AttemptLimit delays less after attempts that opened a session: not at all after the first, then by one minute, two, four and eight", async () => {
		const attempts = new AttemptLimit({ limit: 100, firstMs: 60_000 });
		const waits: number[] = [];
		for (let repair = 0; repair < 5; repair++) {
			expect(attempts.tryAcquire()).toBe(true);
			attempts.recordOpened();
			waits.push(attempts.waitMs);
			await vi.advanceTimersByTimeAsync(attempts.waitMs);
		}
		expect(waits).toEqual([0, 60_000, 120_000, 240_000, 480_000]);
		attempts.tryAcquire();
		expect(attempts.waitMs).toBe(1_800_000);
	});

	it("AttemptLimit resets the back-off on request, but at most once in half an hour", async () => {
		const attempts = new AttemptLimit({ limit: 100, firstMs: 60_000 });
		attempts.tryAcquire();
		attempts.resetBackoff();
		expect(attempts.waitMs).toBe(0);
		attempts.tryAcquire();
		attempts.resetBackoff();
		expect(attempts.waitMs).toBe(60_000);
		await vi.advanceTimersByTimeAsync(1_800_000);
		attempts.tryAcquire();
		expect(attempts.waitMs).toBe(120_000);
		attempts.resetBackoff();
		expect(attempts.waitMs).toBe(0);
	});

	it("AttemptLimit counts a second request that belongs to an allowed attempt, but does not delay that request", () => {
		const attempts = new AttemptLimit({ limit: 2, firstMs: 60_000 });
		expect(attempts.tryAcquire()).toBe(true);
		expect(attempts.tryAcquire(true)).toBe(true);
		expect(attempts.tryAcquire(true)).toBe(false);
		expect(attempts.count(1_000)).toEqual({ last24h: 2, limit: 2, nextAt: 86_401_000 });
	});

	it("AttemptLimit allows the first attempt at once", () => {
		const attempts = new AttemptLimit({ limit: 1, firstMs: 60_000 });
		expect(attempts.waitMs).toBe(0);
		expect(attempts.count(1_000)).toEqual({ last24h: 0, limit: 1 });
	});
});
