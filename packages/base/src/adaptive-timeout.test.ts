import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AdaptiveTimeout } from "./adaptive-timeout.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const adaptive = () => new AdaptiveTimeout({ ms: 1_000, longestMs: 6_000, resetMs: 60_000 });

describe("AdaptiveTimeout", () => {
	it.each([
		[999, 1_000],
		[1_000, 2_000],
		[1_999, 2_000],
		[2_000, 4_000],
		[5_000, 6_000],
		[60_000, 6_000],
	])("AdaptiveTimeout doubles until it exceeds the %i ms that an answer took, up to 6 s: %i ms", (tookMs, ms) => {
		const one = adaptive();
		one.record(tookMs);
		expect(one.ms).toBe(ms);
	});

	it("AdaptiveTimeout doubles each time no answer comes before the timeout", () => {
		const one = adaptive();
		const seen = [0, 0, 0, 0].map(() => {
			one.record(one.ms);
			return one.ms;
		});
		expect(seen).toEqual([2_000, 4_000, 6_000, 6_000]);
	});

	it("AdaptiveTimeout returns to its configured value exactly 60 s after the last slow answer", async () => {
		const one = adaptive();
		one.record(1_500);
		await vi.advanceTimersByTimeAsync(50_000);
		one.record(1_200);
		one.record(10);
		await vi.advanceTimersByTimeAsync(59_999);
		expect(one.ms).toBe(2_000);
		await vi.advanceTimersByTimeAsync(1);
		expect(one.ms).toBe(1_000);
	});
});
