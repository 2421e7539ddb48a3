import { describe, expect, it, vi } from "vitest";
import { advanceWithPings, lastLoss, start, useFakeClock } from "./testing/start-with-venue.ts";

useFakeClock();

describe("the time of the venue's cancel when one of two cancel windows may be in force", () => {
	const product = "DERIVATIVES";
	const own = { windowSeconds: 30 };

	/** Opens a session, lets another program change its cancel window, and lets the session read the change and set its own window again. */
	async function replaced(seconds: number) {
		const started = start(own, { ...own, verifyEveryMs: 5_000 });
		const { session, signal, inject } = started;
		await session.open(signal);
		inject("place", { product });
		inject("setWindow", { product, seconds });
		await vi.advanceTimersByTimeAsync(5_000);
		expect((await session.beat(signal)).protection.state).toBe("unknown");
		return started;
	}

	it("a connection loss has state `assume-fired` after the shorter of two possible cancel windows, and the next open() reads the orders", async () => {
		const { session, signal, link, venue } = await replaced(10);
		link.drop();
		await vi.advanceTimersByTimeAsync(9_999);
		expect([lastLoss(session)?.state, venue.orders()[0]?.state]).toEqual(["counting", "open"]);
		await vi.advanceTimersByTimeAsync(1);
		expect([lastLoss(session)?.state, venue.orders()[0]?.state]).toEqual(["assume-fired", "cancelled"]);
		await session.open(signal);
		expect(lastLoss(session)).toMatchObject({
			state: "assume-fired",
			orders: { cancelledByDcp: [{ orderId: venue.orders()[0]?.id }] },
		});
	});

	it("the field cancelledBy of a connection loss is computed from the longer of two possible cancel windows", async () => {
		const { session, link, venue } = await replaced(300);
		link.drop();
		await vi.advanceTimersByTimeAsync(0);
		const { cancelledBy = 0 } = lastLoss(session) ?? {};
		await vi.advanceTimersByTimeAsync(299_999);
		expect(venue.orders()[0]?.state).toBe("open");
		expect(cancelledBy).toBeGreaterThanOrEqual(Date.now());
		await vi.advanceTimersByTimeAsync(1);
		expect(venue.orders()[0]?.state).toBe("cancelled");
	});

	it.each([
		[14_999, "assume-fired"],
		[15_000, "averted"],
	])(
		"a connection loss %i ms after the session's own window was read back has state %s: another program's window counts for 15 000 ms",
		async (sinceMs, state) => {
			const { session, signal, link } = await replaced(10);
			// The venue applies the session's cancel window 10 s after the session has set it.
			await vi.advanceTimersByTimeAsync(10_000);
			expect((await session.beat(signal)).protection.state).toBe("armed");
			await advanceWithPings(session, sinceMs);
			link.drop();
			await vi.advanceTimersByTimeAsync(10_000);
			await session.open(signal);
			expect(lastLoss(session)?.state).toBe(state);
		},
	);

	it("a connection loss has state `assume-fired` after a shorter cancel window that another program has set, even if the session reads this window only after the loss", async () => {
		const { session, signal, link, inject, venue } = start(own, own);
		await session.open(signal);
		inject("place", { product });
		inject("setWindow", { product, seconds: 10 });
		link.drop();
		await vi.advanceTimersByTimeAsync(12_000);
		expect(venue.orders()[0]?.state).toBe("cancelled");
		await session.open(signal);
		expect(lastLoss(session)).toMatchObject({ state: "assume-fired", orders: { cancelledByDcp: [{}] } });
	});

	it("a connection loss keeps state `averted` if another program sets a shorter cancel window after the session has reconnected", async () => {
		const { session, signal, link, inject } = start(own, { ...own, verifyEveryMs: 5_000 });
		await session.open(signal);
		link.drop();
		await vi.advanceTimersByTimeAsync(12_000);
		await session.open(signal);
		await vi.advanceTimersByTimeAsync(5_000);
		await session.beat(signal);
		inject("setWindow", { product, seconds: 10 });
		await vi.advanceTimersByTimeAsync(5_000);
		expect((await session.beat(signal)).protection.state).toBe("unknown");
		expect(lastLoss(session)?.state).toBe("averted");
	});
});
