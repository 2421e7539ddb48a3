import { describe, expect, it } from "vitest";
import { limiterPerTransport, slidingWindowLimiter } from "./connection-limiter.ts";
import { advance, useFakeClock } from "./testing/scripted-session.ts";

useFakeClock();

describe("slidingWindowLimiter", () => {
	it("slidingWindowLimiter allows at most `limit` attempts in any window of `perMs`, exact to the millisecond", async () => {
		const limiter = slidingWindowLimiter(2, 1_000);
		expect(limiter.tryAcquire("a")).toBe(0);
		await advance(400);
		expect([limiter.tryAcquire("a"), limiter.tryAcquire("a")]).toEqual([0, 600]);
		await advance(599);
		expect(slidingWindowLimiter(1, 1).tryAcquire("a")).toBe(0);
		await advance(1);
		expect(limiter.tryAcquire("a")).toBe(0);
	});

	it("slidingWindowLimiter tells every caller that it rejects in how many milliseconds an attempt will be allowed", () => {
		const limiter = slidingWindowLimiter(2, 1_000);
		limiter.tryAcquire("a");
		limiter.tryAcquire("a");
		expect([limiter.tryAcquire("a"), limiter.tryAcquire("a"), limiter.tryAcquire("a")]).toEqual([1_000, 1_000, 1_000]);
	});

	it("slidingWindowLimiter counts the attempts to each host separately", () => {
		const limiter = slidingWindowLimiter(1, 1_000);
		expect([limiter.tryAcquire("a"), limiter.tryAcquire("b"), limiter.tryAcquire("a")]).toEqual([0, 0, 1_000]);
	});

	it.each([
		[0, 1_000],
		[1.5, 1_000],
		[Number.NaN, 1_000],
		[1, 0],
		[1, Number.NaN],
	])("slidingWindowLimiter throws an OptionError for a limit of %j attempts in %j ms", (limit, perMs) => {
		expect(() => slidingWindowLimiter(limit, perMs)).toThrow(/^@x\/keepalive: option (limit|perMs) must be/);
	});

	it("limiterPerTransport returns one limiter per fetch function or WebSocket class, and a new limiter for each call without either", () => {
		const of = limiterPerTransport(() => slidingWindowLimiter(1, 1_000));
		const [way, other] = [{}, {}];
		expect(of(way)).toBe(of(way));
		expect(of(way)).not.toBe(of(other));
		expect(of(undefined)).not.toBe(of(undefined));
		expect(() => of(5 as unknown as object)).not.toThrow();
	});
});
