import { describe, expect, it, vi } from "vitest";
import { bybit, bybitExposure } from "./index.ts";
import { type SomeOptions, start, useFakeClock } from "./testing/start-with-venue.ts";

useFakeClock();

describe("bybitExposure", () => {
	it("bybitExposure() adds idle limit, idle check, cancel window and delivery time if the network dies, and only the last two if the process dies", () => {
		expect(bybitExposure()).toEqual({
			processDeathMs: 11_000,
			networkDeathMs: 71_000,
			exposureMs: 71_000,
			parts: { idleLimitMs: 30_000, idleScanMs: 30_000, windowMs: 10_000, deliveryMs: 1_000 },
		});
		expect(bybitExposure({ windowSeconds: 3, maxActiveTimeSeconds: 600 })).toMatchObject({
			processDeathMs: 4_000,
			exposureMs: 634_000,
		});
	});
});

describe("the property `warnings` of a Bybit session", () => {
	const warningsOf = (options: SomeOptions): readonly string[] =>
		bybit({ client: { apiKey: "k", apiSecret: "s" }, products: ["SPOT"], ...options }).warnings;

	it("warnings are empty with the default options", () => {
		expect(warningsOf({})).toEqual([]);
	});

	it("warnings say that the option windowSeconds hardly matters, because the venue ends a silent connection only after maxActiveTimeSeconds", () => {
		expect(warningsOf({ windowSeconds: 3, maxActiveTimeSeconds: 600 })).toEqual([
			expect.stringMatching(/maxActiveTimeSeconds 600 makes windowSeconds 3 meaningless.* up to 634 s/),
		]);
	});

	it("warnings name a ping interval that is so long that a single lost ping ends the connection", () => {
		expect(warningsOf({ pingMs: 14_999 })).toEqual([]);
		expect(warningsOf({ pingMs: 15_000 })).toEqual([expect.stringMatching(/no room for a lost ping/)]);
	});
});

describe("exposureMs, the longest time until the venue cancels", () => {
	it.each([0, 1, 4_999, 9_999])("exposureMs suffices if the network fails %i ms after a ping", async (afterPingMs) => {
		const { venue, session, signal, link, inject } = start();
		const lease = await session.open(signal);
		// Pings until shortly after the venue has checked for idle connections. If the network dies then, the venue notices it only at the
		// last possible moment.
		for (let beats = 0; beats < 4; beats += 1) {
			await vi.advanceTimersByTimeAsync(10_000);
			await session.beat(signal);
		}
		inject("place", { product: "DERIVATIVES" });
		await vi.advanceTimersByTimeAsync(afterPingMs);
		const diedAt = Date.now();
		link.halfOpen();
		await vi.advanceTimersByTimeAsync(120_000);
		const [order] = venue.orders();
		expect(order?.cancelReason).toBe("CancelByDCP");
		const livedMs = (order?.cancelledAt ?? Number.NaN) - diedAt;
		expect(livedMs).toBeLessThanOrEqual(lease.protection.state === "armed" ? lease.protection.exposureMs : 0);
		expect(livedMs).toBeGreaterThan(10_000);
	});
});
