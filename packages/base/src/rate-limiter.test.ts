import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { instantNow, isOlderThan, overrunMs, suspendedMs } from "./instant.ts";
import { RollingLimit, TokenBucket } from "./rate-limiter.ts";
import { RetryAfter } from "./retry-after.ts";

let clock = 0;
beforeEach(() => {
	// The fake clock starts below 0, because the monotonic clock may do so.
	clock = -1_000;
	vi.spyOn(performance, "now").mockImplementation(() => clock);
});
afterEach(() => vi.restoreAllMocks());

it("RetryAfter applies the longest of the recorded waits", () => {
	const retryAfter = new RetryAfter();
	expect(retryAfter.remainingMs()).toBe(0);
	retryAfter.record(100);
	retryAfter.record(50);
	retryAfter.record(Number.NaN);
	expect(retryAfter.remainingMs()).toBe(100);
	clock += 99.5;
	expect(retryAfter.remainingMs()).toBe(0.5);
	clock += 0.5;
	expect(retryAfter.remainingMs()).toBe(0);
});

it("TokenBucket allows a burst, then one action per period; an action may be up to 2 ms early, because timers fire early", () => {
	const bucket = new TokenBucket({ burst: 2, everyMs: 100 });
	expect([bucket.tryAcquire(), bucket.tryAcquire(), bucket.tryAcquire()]).toEqual([0, 0, 100]);
	clock += 98;
	expect(bucket.tryAcquire()).toBe(2);
	clock += 0.5;
	expect(bucket.tryAcquire()).toBe(0);
	expect(bucket.tryAcquire()).toBe(101.5);
});

it("RollingLimit allows at most its limit of attempts in a window, and gives the first refused caller a shorter wait than the second", () => {
	const limit = new RollingLimit(2, 100);
	expect(limit.tryAcquire()).toBe(0);
	clock += 30.5;
	expect(limit.tryAcquire()).toBe(0);
	expect([limit.tryAcquire(), limit.tryAcquire(), limit.tryAcquire()]).toEqual([70, 100, 70]);
	clock += 69.5;
	expect(limit.tryAcquire()).toBe(0);
	expect(limit.tryAcquire()).toBe(100);
});

it("suspendedMs, overrunMs and isOlderThan distinguish a suspended machine from a late timer", () => {
	let wall = 5_000;
	const from = instantNow(() => wall);
	clock += 100;
	wall += 400;
	const to = instantNow(() => wall);
	expect(suspendedMs(from, to)).toBe(300);
	expect(overrunMs(from, 50, to)).toBe(300);
	expect([isOlderThan(from, 399, to), isOlderThan(from, 400, to)]).toEqual([true, false]);
	const setBack = { ...to, wallMs: 0 };
	expect([suspendedMs(from, setBack), overrunMs(from, 50, setBack), isOlderThan(from, 99, setBack)]).toEqual([
		0,
		50,
		true,
	]);
});

it("TokenBucket.restore continues where an earlier bucket stopped, or with an empty bucket when fullInMs exceeds the time to fill the bucket", () => {
	const earlier = new TokenBucket({ burst: 2, everyMs: 100 });
	expect(earlier.fullInMs).toBe(0);
	earlier.tryAcquire();
	clock += 40;
	expect(earlier.fullInMs).toBe(60);
	const later = new TokenBucket({ burst: 2, everyMs: 100 });
	later.restore(earlier.fullInMs);
	expect([later.tryAcquire(), later.tryAcquire()]).toEqual([0, 60]);
	later.restore(Number.POSITIVE_INFINITY);
	expect(later.waitMs).toBe(100);
	later.restore(0);
	expect(later.waitMs).toBe(100);
});

it("RollingLimit.restore continues where an earlier limiter stopped, and counts no attempt twice when restore is called twice", () => {
	const earlier = new RollingLimit(3, 60_000);
	earlier.tryAcquire();
	clock += 12_000;
	earlier.tryAcquire();
	earlier.tryAcquire();
	expect(earlier.made).toEqual([
		[10_000, 1],
		[0, 2],
	]);
	const later = new RollingLimit(3, 60_000);
	later.restore(earlier.made);
	later.restore(earlier.made);
	expect(later.tryAcquire()).toBe(50_000);
	clock += 50_000;
	expect([later.tryAcquire(), later.tryAcquire()]).toEqual([0, 10_000]);
});

it("RollingLimit.restore counts an attempt with a time in the future as made now, and ignores an attempt older than the window", () => {
	const limit = new RollingLimit(1, 60_000);
	limit.restore([[60_000, 1]]);
	expect(limit.made).toEqual([]);
	limit.restore([[-99_000, 5]]);
	expect(limit.tryAcquire()).toBe(60_000);
	const used = new RollingLimit(2, 60_000);
	used.useUp();
	expect(used.tryAcquire()).toBe(60_000);
});
