import { describe, expect, it } from "vitest";
import { bybitTimestampMarginMs, ServerClock } from "./clock.ts";

describe("the venue's clock", () => {
	it("is taken to be this one while nothing is known, and timestamps are a little late", () => {
		const clock = new ServerClock(() => 1_000_000);
		expect(clock.skew()).toBeUndefined();
		expect(clock.serverNow()).toBe(1_000_000);
		expect(clock.timestamp()).toBe(1_000_000 - bybitTimestampMarginMs);
	});

	it("is estimated against the middle of the round trip, with its sign", () => {
		const clock = new ServerClock(() => 1_000_000);
		clock.sample(998_998, 999_950, 1_000_050);
		expect(clock.skew()).toEqual({ aheadMs: 1_002, plusMinusMs: 50 });
		expect(clock.serverNow()).toBe(998_998);
	});

	it("is taken from the sample with the smallest round trip", () => {
		const clock = new ServerClock(() => 1_000_000);
		clock.sample(1_000_050, 999_000, 1_000_000);
		clock.sample(1_000_100, 999_990, 1_000_000);
		clock.sample(1_000_050, 996_000, 1_000_000);
		expect(clock.skew()).toEqual({ aheadMs: -105, plusMinusMs: 5 });
	});

	it("follows drift: a good old sample makes room after eight others", () => {
		const clock = new ServerClock(() => 1_000_000);
		clock.sample(1_000_000, 1_000_000, 1_000_000);
		for (let index = 0; index < 7; index += 1) clock.sample(1_000_020, 999_980, 1_000_020);
		expect(clock.skew()?.aheadMs).toBe(0);
		clock.sample(1_000_020, 999_980, 1_000_020);
		expect(clock.skew()?.aheadMs).toBe(-20);
	});

	it("believes no sample from before a clock was set, however short its round trip was", () => {
		const clock = new ServerClock(() => 1_000_000);
		clock.sample(1_003_254, 999_980, 1_000_020);
		expect(clock.skew()?.aheadMs).toBe(-3_254);
		clock.sample(1_000_000, 999_977, 1_000_023);
		expect(clock.skew()?.aheadMs).toBe(0);
	});

	it("keeps samples that just agree, and forgets one that misses the newest by a millisecond", () => {
		for (const [offsetMs, aheadMs] of [
			[100, -100],
			[101, 0],
		] as const) {
			const clock = new ServerClock(() => 1_000_000);
			clock.sample(1_000_000 + offsetMs, 999_960, 1_000_040);
			clock.sample(1_000_000, 999_940, 1_000_060);
			expect([offsetMs, clock.skew()?.aheadMs]).toEqual([offsetMs, aheadMs]);
		}
	});

	it("doubts its estimate on the late side: a slow sample never makes a timestamp that is ahead", () => {
		const clock = new ServerClock(() => 1_000_000);
		// The answer was stamped at the very end of a slow call, so the middle of the round trip is 700 ms wrong.
		clock.sample(1_000_000, 998_600, 1_000_000);
		expect(clock.serverNow()).toBe(1_000_700);
		expect(clock.timestamp()).toBeLessThanOrEqual(1_000_000);
	});

	it("passes over a sample during which this clock was set back", () => {
		const clock = new ServerClock(() => 1_000_000);
		clock.sample(1_000_000, 1_000_100, 1_000_000);
		expect(clock.skew()).toBeUndefined();
	});

	it("keeps its estimate when a call was slow enough to be late by itself, and forgets it when it was not", () => {
		const clock = new ServerClock(() => 1_000_000);
		for (const [skewMs, isKept] of [
			[-7_300, true],
			[-7_301, false],
			[0, false],
			[1_000, false],
			[undefined, false],
		] as const) {
			clock.sample(1_000_500, 1_000_000, 1_000_000);
			// A round trip of six seconds; a timestamp is up to 1.3 s late before it leaves.
			clock.refused(skewMs, 994_000, 1_000_000);
			expect([skewMs, clock.skew() !== undefined]).toEqual([skewMs, isKept]);
			clock.forget();
		}
	});
});
