import { describe, expect, it } from "vitest";
import { cutOffMs, intervalMs, nextBeatMs, retryBeatMs } from "./pace.ts";

const protection = { state: "unsupported", reason: "" } as const;
const lease = { ttlMs: 60_000, protection };

describe("the pace of beats", () => {
	it("is a third of the TTL, or the venue's documented pace when that is sooner", () => {
		expect(intervalMs(lease)).toBe(20_000);
		expect(intervalMs({ ...lease, paceMs: 60_000 })).toBe(20_000);
		expect(intervalMs({ ...lease, paceMs: 10_000 })).toBe(10_000);
	});

	it("is made sooner by jitter, by a tenth at most", () => {
		expect(nextBeatMs(lease, 0)).toBe(20_000);
		expect(nextBeatMs(lease, 0.999)).toBeGreaterThanOrEqual(18_000);
	});

	it("cuts a beat off after one interval, or at the end of the lease when that is sooner", () => {
		expect(cutOffMs(lease, 40_000)).toBe(20_000);
		expect(cutOffMs(lease, 5_000)).toBe(5_000);
	});

	it("is an eighth of the interval after a failure, and grows to half of it", () => {
		expect([1, 2, 3, 4, 5, 99].map((failures) => retryBeatMs(lease, failures))).toEqual([
			2_500, 5_000, 7_500, 10_000, 10_000, 10_000,
		]);
	});
});
