import { describe, expect, it } from "vitest";
import { backoffMs, defaultBackoff, type FailedAttempt } from "./backoff.ts";

const unreached = { unreached: true };
const upTo = (attempt: number, failed?: FailedAttempt): number => backoffMs(attempt, 1, defaultBackoff, failed);

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
		expect(backoffMs(100_000, 0, defaultBackoff, unreached)).toBe(15_000);
	});

	it("is five seconds at most for the first twelve attempts that reach nobody", () => {
		expect([1, 2, 3, 4, 5, 12].map((attempt) => upTo(attempt, unreached))).toEqual([
			3_000, 3_000, 3_000, 3_000, 5_000, 5_000,
		]);
		expect(backoffMs(4, 0, defaultBackoff, unreached)).toBe(300);
		expect(backoffMs(12, 0, defaultBackoff, unreached)).toBe(2_500);
	});

	it("grows to its cap after those: a ban can look as if nobody were there", () => {
		expect([13, 14, 15, 16].map((attempt) => upTo(attempt, unreached))).toEqual([10_000, 20_000, 30_000, 30_000]);
		expect(backoffMs(13, 0, defaultBackoff, unreached)).toBe(5_000);
	});

	it("hurries twice where orders can still be saved, down to a second, and never waits longer for it", () => {
		for (const attempt of [1, 2]) {
			expect(upTo(attempt, { withinMs: 2_999 })).toBe(2_999);
			expect(upTo(attempt, { withinMs: 3_001 })).toBe(3_000);
			expect(upTo(attempt, { withinMs: 1_001, unreached: true })).toBe(1_001);
			expect(upTo(attempt, { withinMs: 0 })).toBe(1_000);
			expect(backoffMs(attempt, 0, defaultBackoff, { withinMs: 0 })).toBe(100);
		}
		expect(upTo(3, { withinMs: 0 })).toBe(6_000);
	});

	it("is never longer for a venue that is not reached than for one that is", () => {
		const slow = { ...defaultBackoff, unreachedCapMs: 600_000 };
		for (let attempt = 1; attempt < 30; attempt += 1) {
			expect(backoffMs(attempt, 1, slow, unreached)).toBeLessThanOrEqual(backoffMs(attempt, 1, slow));
			expect(backoffMs(attempt, 0, slow, unreached)).toBeLessThanOrEqual(backoffMs(attempt, 0, slow));
		}
	});
});
