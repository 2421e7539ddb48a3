import { describe, expect, it } from "vitest";
import { backoffMs, defaultBackoff } from "./backoff.ts";

const upTo = (attempt: number, isReached?: boolean): number => backoffMs(attempt, 1, defaultBackoff, isReached);

describe("the back-off", () => {
	it("is drawn from a tenth of the longest wait to all of it, twice of three seconds", () => {
		for (const attempt of [1, 2]) {
			expect(backoffMs(attempt, 0)).toBe(300);
			expect(backoffMs(attempt, 0.5)).toBe(1_650);
			expect(backoffMs(attempt, 0.999_999)).toBeLessThan(3_000);
		}
	});

	it("doubles from then on up to its cap, drawn from its upper half", () => {
		expect([3, 4, 5, 6, 7].map((attempt) => upTo(attempt))).toEqual([6_000, 12_000, 24_000, 30_000, 30_000]);
		expect([3, 4, 5, 6, 7].map((attempt) => backoffMs(attempt, 0))).toEqual([3_000, 6_000, 12_000, 15_000, 15_000]);
	});

	it("stays at its cap for any number of attempts, of either kind", () => {
		expect(backoffMs(100_000, 0)).toBe(15_000);
		expect(backoffMs(100_000, 0, defaultBackoff, false)).toBe(15_000);
	});

	it("is five seconds at most for the first twelve attempts that reach nobody", () => {
		expect([1, 2, 3, 4, 5, 12].map((attempt) => upTo(attempt, false))).toEqual([
			3_000, 3_000, 3_000, 3_000, 5_000, 5_000,
		]);
		expect(backoffMs(4, 0, defaultBackoff, false)).toBe(300);
		expect(backoffMs(12, 0, defaultBackoff, false)).toBe(2_500);
	});

	it("grows to its cap after those: a ban can look as if nobody were there", () => {
		expect([13, 14, 15, 16].map((attempt) => upTo(attempt, false))).toEqual([10_000, 20_000, 30_000, 30_000]);
		expect(backoffMs(13, 0, defaultBackoff, false)).toBe(5_000);
	});

	it("is never longer for a venue that is not reached than for one that is", () => {
		const slow = { ...defaultBackoff, unreachedCapMs: 600_000 };
		for (let attempt = 1; attempt < 30; attempt += 1) {
			expect(backoffMs(attempt, 1, slow, false)).toBeLessThanOrEqual(backoffMs(attempt, 1, slow));
			expect(backoffMs(attempt, 0, slow, false)).toBeLessThanOrEqual(backoffMs(attempt, 0, slow));
		}
	});
});
