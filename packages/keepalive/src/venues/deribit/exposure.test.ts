import { describe, expect, it, vi } from "vitest";
import { keepalive } from "../../keeper.ts";
import { deribitExposure } from "./index.ts";
import { neverAborted, stage, useFakeClock } from "./testing/session-with-venue.ts";

useFakeClock();

describe("deribitExposure", () => {
	it.each([
		[10, 23_000],
		[30, 69_000],
		[60, 138_000],
	])("deribitExposure() at interval %i has networkDeathMs %i, processDeathMs 0", (intervalSeconds, networkDeathMs) => {
		expect(deribitExposure({ intervalSeconds })).toEqual({ processDeathMs: 0, networkDeathMs });
	});

	it("deribitExposure() uses the default interval if none is given", () => {
		expect(deribitExposure()).toEqual(deribitExposure({ intervalSeconds: 10 }));
	});
});

describe("the exposure and lease of a DeribitSession at the simulated venue", () => {
	it.each([10, 30, 60])(
		"the exposure of a session with heartbeat interval %i is exactly the longest time until the venue cancels after the network dies",
		async (seconds) => {
			// The simulated venue does not cut idle connections here. With a long interval, such a cut would come before the missed heartbeat,
			// but the cut is not documented.
			const { session, venue, link, trigger } = stage(
				{ intervalSeconds: seconds },
				{ transportIdleMs: 10_000_000, firstProbeFactor: 1.3 },
			);
			const { protection } = await session.open(neverAborted);
			const exposureMs = protection.state === "armed" ? protection.exposureMs : 0;
			trigger("place");
			link.halfOpen();
			await vi.advanceTimersByTimeAsync(exposureMs - 1);
			expect(venue.orders()).toMatchObject([{ state: "open" }]);
			await vi.advanceTimersByTimeAsync(1);
			expect(venue.orders()).toMatchObject([{ state: "cancelled" }]);
		},
	);

	it.each([10, 30, 50, 300])(
		"the lease of a session with heartbeat interval %i ends no later than the earliest time at which the venue may close a silent connection",
		async (seconds) => {
			const fastest = { firstProbeFactor: 1, graceMs: 10_000, subscriptionsPreventIdleDrop: false };
			const { session, link, venue, trigger } = stage({ intervalSeconds: seconds }, fastest);
			const { ttlMs } = await session.open(neverAborted);
			trigger("place");
			link.halfOpen();
			await vi.advanceTimersByTimeAsync(ttlMs - 1);
			expect(venue.orders()).toMatchObject([{ state: "open" }]);
			await vi.advanceTimersByTimeAsync(1);
			expect(venue.orders()).toMatchObject([{ state: "cancelled" }]);
		},
	);
});

it("DeribitSession pings so often that the venue does not cut the connection after 60 idle seconds, even with a heartbeat interval of a day", async () => {
	const { venue, session } = stage({ intervalSeconds: 86_400 });
	const keeper = keepalive([session]);
	await vi.advanceTimersByTimeAsync(2 * 3_600_000);
	const { tally, status } = keeper.snapshot()["deribit"] ?? {};
	expect([status?.state, tally?.losses]).toEqual(["alive", 0]);
	const gaps = venue.received.slice(1).map(({ at }, index) => at - (venue.received[index]?.at ?? at));
	expect(Math.max(...gaps)).toBeLessThanOrEqual(20_000);
	expect(session.warnings).toHaveLength(1);
	expect(session.exposure).toEqual({ processDeathMs: 0, networkDeathMs: 198_720_000 });
	await keeper.stop({ orders: "keep" });
});
