import { describe, expect, it } from "vitest";
import { backoffMs } from "./backoff.ts";

describe("the back-off", () => {
	it("is drawn between half of the longest wait and all of it", () => {
		expect(backoffMs(1, 0)).toBe(500);
		expect(backoffMs(1, 0.5)).toBe(750);
		expect(backoffMs(1, 0.999_999)).toBeLessThan(1_000);
	});

	it("doubles with each attempt up to its cap, where the spread stays", () => {
		expect([1, 2, 3, 4, 5, 6, 7].map((attempt) => backoffMs(attempt, 0))).toEqual([
			500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000,
		]);
		expect(backoffMs(7, 0.5)).toBe(22_500);
	});

	it("stays at its cap for any number of attempts", () => {
		expect(backoffMs(100_000, 0)).toBe(15_000);
	});
});
