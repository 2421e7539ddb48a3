import { describe, expect, it } from "vitest";
import { inheritConnections, slidingWindowLimiter, usedConnections } from "./connection-limiter.ts";
import { isKeeperLimits } from "./session-limits.ts";
import { advance, useFakeClock } from "./testing/scripted-session.ts";
import { AttemptLimit } from "./venues/ibkr/limits.ts";

useFakeClock();

describe("isKeeperLimits", () => {
	const cause = { name: "Error", message: "busy" };

	it.each([
		[{}],
		[{ a: { openingsUntil: 0 } }],
		[{ a: { openingsUntil: 1, venueWait: { until: 2, cause }, used: { inits: { made: [[1, 2]], step: 3 } } } }],
	])("isKeeperLimits accepts %j", (value) => {
		expect(isKeeperLimits(value)).toBe(true);
	});

	it.each([
		[null],
		[[]],
		["{}"],
		[{ a: null }],
		[{ a: {} }],
		[{ a: { openingsUntil: "1" } }],
		[{ a: { openingsUntil: Number.NaN } }],
		[{ a: { openingsUntil: -1 } }],
		[{ a: { openingsUntil: 1, venueWait: { until: 2 } } }],
		[{ a: { openingsUntil: 1, used: [] } }],
		[{ a: { openingsUntil: 1, used: { inits: { made: [1] } } } }],
		[{ a: { openingsUntil: 1, used: { inits: { made: [[1, 2, 3]] } } } }],
		[{ a: { openingsUntil: 1, used: { inits: { made: [[1, null]] } } } }],
	])("isKeeperLimits refuses %j", (value) => {
		expect(isKeeperLimits(value)).toBe(false);
	});
});

describe("inheritConnections()", () => {
	it("inheritConnections() counts the earlier attempts to a host, plus one possible attempt per session if the previous process was killed", () => {
		const earlier = slidingWindowLimiter(5, 60_000);
		earlier.tryAcquire("a");
		earlier.tryAcquire("a");
		const used = JSON.parse(JSON.stringify(usedConnections(earlier, "a")));
		const later = slidingWindowLimiter(5, 60_000);
		for (let session = 0; session < 2; session += 1) inheritConnections(later, "a", used, true);
		expect([later.tryAcquire("a"), later.tryAcquire("a")]).toEqual([0, 60_000]);
		expect(later.tryAcquire("b")).toBe(0);
	});

	it("inheritConnections() allows no attempt for a whole window when it is not known how many attempts were made", async () => {
		const later = slidingWindowLimiter(5, 60_000);
		expect(inheritConnections(later, "a", "all", false)).toBe(60_000);
		await advance(59_999);
		expect(later.tryAcquire("a")).toBe(1);
		await advance(1);
		expect(later.tryAcquire("a")).toBe(0);
	});
});

describe("inherit() of an AttemptLimit", () => {
	const options = { limit: 4, firstMs: 1_000 };
	const dayMs = 86_400_000;

	it("inherit() continues the count of the last day's attempts, and continues the back-off at the step that was reached", async () => {
		const earlier = new AttemptLimit(options);
		earlier.tryAcquire();
		await advance(1_000);
		earlier.tryAcquire();
		const later = new AttemptLimit(options);
		later.inherit(JSON.parse(JSON.stringify(earlier.used)));
		expect(later.waitMs).toBe(earlier.waitMs);
		expect(later.waitMs).toBe(2_000);
		expect(later.count(0).last24h).toBe(2);
		later.countPossible();
		later.countPossible();
		expect(later.isUsedUp).toBe(true);
		expect(later.waitMs).toBe(dayMs - 1_000);
		later.countPossible();
		expect(later.count(0).last24h).toBe(4);
	});

	it("inherit() with `all` counts the limit as used up, and then allows the attempts one at a time, spread over a day", async () => {
		const later = new AttemptLimit(options);
		later.inherit("all");
		expect(later.tryAcquire()).toBe(false);
		expect(later.waitMs).toBe(dayMs / 4);
		await advance(dayMs / 4);
		expect(later.tryAcquire()).toBe(true);
		expect(later.isUsedUp).toBe(true);
	});

	it("inherit() counts an attempt with a time in the future as made now, because the clock may have been set back", () => {
		const later = new AttemptLimit({ limit: 1, firstMs: 0 });
		later.inherit({ made: [[Date.now() + 365 * dayMs, 1]] });
		expect(later.waitMs).toBe(dayMs);
	});
});
