import { afterEach, describe, expect, it, vi } from "vitest";
import { bybitTimestampMarginMs, ServerClock } from "./server-clock.ts";

afterEach(() => {
	vi.useRealTimers();
});

describe("ServerClock", () => {
	it("ServerClock returns the time of this machine while it has no samples, and sets timestamps back by a safety margin", () => {
		const clock = new ServerClock(() => 1_000_000);
		expect(clock.skew).toBeUndefined();
		expect(clock.serverNow()).toBe(1_000_000);
		expect(clock.timestamp()).toBe(1_000_000 - bybitTimestampMarginMs);
	});

	it("ServerClock assumes that the venue read its clock in the middle of the round trip of a sample", () => {
		const clock = new ServerClock(() => 1_000_000);
		clock.sample(998_998, 999_950, 1_000_050);
		expect(clock.skew).toEqual({ aheadMs: 1_002, plusMinusMs: 50 });
		expect(clock.serverNow()).toBe(998_998);
	});

	it("ServerClock takes its estimate from the sample with the shortest round trip", () => {
		const clock = new ServerClock(() => 1_000_000);
		clock.sample(1_000_050, 999_000, 1_000_000);
		clock.sample(1_000_100, 999_990, 1_000_000);
		clock.sample(1_000_050, 996_000, 1_000_000);
		expect(clock.skew).toEqual({ aheadMs: -105, plusMinusMs: 5 });
	});

	it("ServerClock drops a sample after eight newer samples, so that the estimate follows clock drift", () => {
		const clock = new ServerClock(() => 1_000_000);
		clock.sample(1_000_000, 1_000_000, 1_000_000);
		for (let index = 0; index < 7; index += 1) clock.sample(1_000_020, 999_980, 1_000_020);
		expect(clock.skew?.aheadMs).toBe(0);
		clock.sample(1_000_020, 999_980, 1_000_020);
		expect(clock.skew?.aheadMs).toBe(-20);
	});

	it("ServerClock drops its older samples when a new sample shows that a clock was set", () => {
		const clock = new ServerClock(() => 1_000_000);
		clock.sample(1_003_254, 999_980, 1_000_020);
		expect(clock.skew?.aheadMs).toBe(-3_254);
		clock.sample(1_000_000, 999_977, 1_000_023);
		expect(clock.skew?.aheadMs).toBe(0);
	});

	it("ServerClock drops an older sample that differs from the newest sample by more than their round trips can explain", () => {
		for (const [offsetMs, aheadMs] of [
			[100, -100],
			[101, 0],
		] as const) {
			const clock = new ServerClock(() => 1_000_000);
			clock.sample(1_000_000 + offsetMs, 999_960, 1_000_040);
			clock.sample(1_000_000, 999_940, 1_000_060);
			expect([offsetMs, clock.skew?.aheadMs]).toEqual([offsetMs, aheadMs]);
		}
	});

	it.each([
		[1_000, -2_000],
		[1_001, undefined],
		[-1_000, -2_000],
		[-1_001, undefined],
	])("ServerClock discards its estimate if the wall clock jumps by over 1 000 ms: by %i ms", (setMs, aheadMs) => {
		vi.useFakeTimers({ now: 1_000_000 });
		const clock = new ServerClock(Date.now);
		clock.sample(1_002_000, 999_980, 1_000_020);
		vi.advanceTimersByTime(60_000);
		vi.setSystemTime(Date.now() + setMs);
		expect(clock.skew?.aheadMs).toBe(aheadMs);
		expect(clock.serverNow()).toBe(Date.now() - (aheadMs ?? 0));
		clock.sample(Date.now() + 500, Date.now() - 20, Date.now() + 20);
		expect(clock.skew?.plusMinusMs).toBe(20);
	});

	it("ServerClock ignores the sample of a call during which the wall clock was set", () => {
		vi.useFakeTimers({ now: 1_000_000 });
		const clock = new ServerClock(Date.now);
		clock.sample(Date.now(), Date.now() - 10, Date.now());
		const sentAt = clock.sentNow();
		vi.setSystemTime(Date.now() + 3_600_000);
		clock.sample(1_000_010, sentAt, Date.now());
		expect(clock.skew).toBeUndefined();
		const sentAgainAt = clock.sentNow();
		clock.sample(1_000_020, sentAgainAt, Date.now());
		expect(clock.skew?.aheadMs).toBe(3_599_980);
	});

	it("ServerClock returns no timestamp ahead of the venue's clock, even if its only sample is from a slow call", () => {
		const clock = new ServerClock(() => 1_000_000);
		// The venue read its clock at the end of a call of 1 400 ms. The estimate assumes the middle of the call, so it is 700 ms
		// wrong.
		clock.sample(1_000_000, 998_600, 1_000_000);
		expect(clock.serverNow()).toBe(1_000_700);
		expect(clock.timestamp()).toBeLessThanOrEqual(1_000_000);
	});

	it("ServerClock ignores the sample of a call during which this machine's clock was set back", () => {
		const clock = new ServerClock(() => 1_000_000);
		clock.sample(1_000_000, 1_000_100, 1_000_000);
		expect(clock.skew).toBeUndefined();
	});

	it("ServerClock discards its estimate when the venue refused a timestamp, unless a slow call explains the refusal", () => {
		const clock = new ServerClock(() => 1_000_000);
		for (const [skewMs, isKept] of [
			[-7_300, true],
			[-7_301, false],
			[0, false],
			[1_000, false],
			[undefined, false],
		] as const) {
			clock.sample(1_000_500, 1_000_000, 1_000_000);
			// A timestamp can be up to 1.3 s old when it is sent, and this call takes 6 s. So a timestamp that arrives up to 7.3 s late
			// does not show that the estimate is wrong.
			clock.refused(skewMs, 994_000, 1_000_000);
			expect([skewMs, clock.skew !== undefined]).toEqual([skewMs, isKept]);
			clock.forget();
		}
	});
});
