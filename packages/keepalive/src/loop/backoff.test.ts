import { describe, expect, it } from "vitest";
import { backoffMs, defaultBackoff, type FailedAttempt } from "./backoff.ts";

const unreachable = { unreachable: true };
const upTo = (attempt: number, failed?: FailedAttempt): number => backoffMs(attempt, 1, defaultBackoff, failed);

describe("backoffMs", () => {
	it("backoffMs gives each of the first two waits a random length from 0.3 to 3 s", () => {
		for (const attempt of [1, 2]) {
			expect(backoffMs(attempt, 0)).toBe(300);
			expect(backoffMs(attempt, 0.5)).toBe(1_650);
			expect(backoffMs(attempt, 0.999_999)).toBeLessThan(3_000);
		}
	});

	it("from the third wait on, backoffMs doubles the upper limit for each wait, up to capMs; a wait is at least half of its limit", () => {
		expect([3, 4, 5, 6, 7].map((attempt) => upTo(attempt))).toEqual([6_000, 12_000, 24_000, 30_000, 30_000]);
		expect([3, 4, 5, 6, 7].map((attempt) => backoffMs(attempt, 0))).toEqual([3_000, 6_000, 12_000, 15_000, 15_000]);
	});

	it("backoffMs keeps the upper limit of the wait at capMs for any number of attempts", () => {
		expect(backoffMs(100_000, 0)).toBe(15_000);
		expect(backoffMs(100_000, 0, defaultBackoff, unreachable)).toBe(15_000);
	});

	it("backoffMs waits at most 5 s before each of the first 12 attempts while the venue is unreachable", () => {
		expect([1, 2, 3, 4, 5, 12].map((attempt) => upTo(attempt, unreachable))).toEqual([
			3_000, 3_000, 3_000, 3_000, 5_000, 5_000,
		]);
		expect(backoffMs(4, 0, defaultBackoff, unreachable)).toBe(300);
		expect(backoffMs(12, 0, defaultBackoff, unreachable)).toBe(2_500);
	});

	it("backoffMs lets the waits grow to capMs after 12 attempts on an unreachable venue, because a ban can look like an outage", () => {
		expect([13, 14, 15, 16].map((attempt) => upTo(attempt, unreachable))).toEqual([10_000, 20_000, 30_000, 30_000]);
		expect(backoffMs(13, 0, defaultBackoff, unreachable)).toBe(5_000);
	});

	it.each([0, 0.1, 0.4, 0.5, 0.9])(
		"after an outage of 30 s, the next attempt comes within 5 s, even if withinMs made the waits of the first 10 s shorter (random number %d)",
		(random) => {
			const outageMs = 30_000;
			let ms = 0;
			let attempts = 1;
			let savingAttempts = 0;
			for (; ms < outageMs && attempts < 30; attempts += 1) {
				const withinMs = 10_000 - ms;
				if (withinMs > 0) savingAttempts += 1;
				ms += backoffMs(attempts, random, defaultBackoff, {
					...unreachable,
					savingAttempts,
					wasStable: attempts === 1,
					...(withinMs > 0 && { withinMs }),
				});
			}
			expect(ms - outageMs).toBeLessThanOrEqual(5_000);
			// Not many attempts are made during the outage, because the venue may count them.
			expect(attempts).toBeLessThanOrEqual(20);
		},
	);

	it("backoffMs never waits longer than withinMs; a withinMs below 1 s has the effect of 1 s", () => {
		for (const attempt of [1, 2]) {
			expect(upTo(attempt, { withinMs: 2_999 })).toBe(2_999);
			expect(upTo(attempt, { withinMs: 3_001 })).toBe(3_000);
			expect(upTo(attempt, { withinMs: 1_001, unreachable: true })).toBe(1_001);
			expect(upTo(attempt, { withinMs: 0 })).toBe(1_000);
			expect(backoffMs(attempt, 0, defaultBackoff, { withinMs: 0 })).toBe(100);
		}
		expect([3, 4, 5, 6].map((attempt) => upTo(attempt, { withinMs: 3_001 }))).toEqual([3_001, 3_001, 3_001, 3_001]);
		expect(upTo(6, { withinMs: 0 })).toBe(1_000);
	});

	it("backoffMs treats a withinMs below baseMs as baseMs once more than six opens in a row have failed", () => {
		expect(upTo(100, { failedOpens: 6, withinMs: 0 })).toBe(1_000);
		expect(upTo(100, { failedOpens: 0, withinMs: 1_001 })).toBe(1_001);
		expect(upTo(7, { failedOpens: 7, withinMs: 0 })).toBe(3_000);
		expect(upTo(7, { withinMs: 0 })).toBe(3_000);
		expect(upTo(100, { withinMs: 3_001 })).toBe(3_001);
		expect(upTo(100, { withinMs: 60_000 })).toBe(30_000);
	});

	it("backoffMs waits 0.05 to 0.5 s before the first retry after a stable session, and up to 3 s before the second retry", () => {
		expect(backoffMs(1, 0, defaultBackoff, { wasStable: true })).toBe(50);
		expect(upTo(1, { wasStable: true })).toBe(500);
		expect(upTo(1, { wasStable: true, unreachable: true, withinMs: 3_000 })).toBe(500);
		expect(upTo(2, { wasStable: true })).toBe(3_000);
	});

	it("backoffMs never waits longer for an unreachable venue than for a reachable venue", () => {
		const slow = { ...defaultBackoff, unreachableCapMs: 600_000 };
		for (let attempt = 1; attempt < 30; attempt += 1) {
			expect(backoffMs(attempt, 1, slow, unreachable)).toBeLessThanOrEqual(backoffMs(attempt, 1, slow));
			expect(backoffMs(attempt, 0, slow, unreachable)).toBeLessThanOrEqual(backoffMs(attempt, 0, slow));
		}
	});
});
