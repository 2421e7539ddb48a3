import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { InitBudget } from "./init-budget.ts";

beforeEach(() => {
	vi.useFakeTimers();
});
afterEach(() => {
	vi.useRealTimers();
});

describe("an init budget", () => {
	it("gives so many in any 24 hours: none at 86 399 999 ms after the oldest, one at 86 400 000", async () => {
		const budget = new InitBudget(2);
		expect(budget.take()).toEqual({ taken: true });
		await vi.advanceTimersByTimeAsync(1_000);
		expect(budget.take()).toEqual({ taken: true });
		expect(budget.take()).toEqual({ taken: false, waitMs: 86_399_000 });
		await vi.advanceTimersByTimeAsync(86_398_999);
		expect(budget.take()).toEqual({ taken: false, waitMs: 1 });
		await vi.advanceTimersByTimeAsync(1);
		expect(budget.take()).toEqual({ taken: true });
		expect(budget.take()).toEqual({ taken: false, waitMs: 1_000 });
	});

	it("makes the waits after failures double to 30 minutes, and a success makes them short again", () => {
		const budget = new InitBudget(100);
		const waits = Array.from({ length: 7 }, () => budget.failed(60_000));
		expect(waits).toEqual([60_000, 120_000, 240_000, 480_000, 960_000, 1_800_000, 1_800_000]);
		budget.succeeded();
		expect(budget.failed(60_000)).toBe(60_000);
	});

	it("stays at the longest wait however many failures there are", () => {
		const budget = new InitBudget(100);
		for (let failure = 0; failure < 5_000; failure++) budget.failed(100);
		expect(budget.failed(100)).toBe(1_800_000);
	});
});
