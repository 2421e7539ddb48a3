import { describe, expect, it, vi } from "vitest";
import { advanceWithPings, failure, type SomeOptions, start, timed, useFakeClock } from "./testing/start-with-venue.ts";

useFakeClock();

describe("close() of a BybitSession", () => {
	async function opened(options: SomeOptions = {}) {
		const started = start({}, options);
		await started.session.open(started.signal);
		started.inject("place", { product: "DERIVATIVES" });
		return started;
	}

	it("close() with `cancel` makes the venue cancel after exactly one cancel window, within `withinMs`", async () => {
		const { venue, session } = await opened();
		expect(await session.close("cancel")).toMatchObject({ orders: "cancelled", withinMs: 11_000 });
		await vi.advanceTimersByTimeAsync(9_999);
		expect(venue.orders()).toMatchObject([{ state: "open" }]);
		await vi.advanceTimersByTimeAsync(1);
		expect(venue.orders()).toMatchObject([{ state: "cancelled", cancelReason: "CancelByDCP" }]);
	});

	it("close() sends no call that changes the configuration, because Bybit has no call that disarms Disconnection Protect", async () => {
		const { session, sets } = await opened();
		await session.close("keep");
		expect(sets()).toBe(0);
	});

	it("close() with `cancel` says in `detail` by when the venue cancels at the latest", async () => {
		const { session } = await opened();
		const left = await session.close("cancel");
		const by = new Date(Date.now() + 11_000).toISOString();
		expect(left.detail).toContain(`cancels DERIVATIVES orders by ${by} (within 11 s), unless another`);
	});

	it("close() with `keep` returns `refused` and a reason, because Bybit has no call that disarms Disconnection Protect", async () => {
		const { session, state } = await opened();
		const closed = await session.close("keep");
		expect(closed).toMatchObject({
			orders: "refused",
			detail: expect.stringMatching(/cannot be disarmed.*cancelled by .* \(within 11 s\)/),
		});
		expect(state()).toBe("counting");
		expect(await session.close("cancel")).toBe(closed);
	});

	it("close() over a half-open connection promises a cancel within exposureMs instead of the cancel window", async () => {
		const { venue, session, link } = await opened();
		link.halfOpen();
		const { value } = await timed(session.close("cancel"));
		expect(value).toMatchObject({ orders: "cancelled", withinMs: 71_000 });
		await vi.advanceTimersByTimeAsync(70_000);
		expect(venue.orders()).toMatchObject([{ state: "cancelled" }]);
	});

	it.each([0, 20_000, 59_999])(
		"close() %i ms after an earlier connection went half-open adds to `withinMs` the time for which the venue may still see that connection as alive",
		async (afterMs) => {
			const { venue, session, signal, link, inject } = start();
			await session.open(signal);
			inject("place", { product: "DERIVATIVES" });
			link.halfOpen();
			await timed(failure(session.beat(signal)));
			const closeMs = 1_000;
			const from = Date.now();
			await session.open(signal);
			await advanceWithPings(session, afterMs);
			const left = await session.close("cancel");
			expect(left.orders).toBe("cancelled");
			if (left.orders !== "cancelled") return;
			expect(left.withinMs).toBe(from + 60_000 - Date.now() + 11_000);
			expect(left.detail).toMatch(/an earlier connection, whose close was not acknowledged/);
			await vi.advanceTimersByTimeAsync(left.withinMs - closeMs);
			await vi.advanceTimersByTimeAsync(closeMs);
			expect(venue.orders()[0]).toMatchObject({ state: "cancelled", cancelReason: "CancelByDCP" });
			expect(venue.orders()[0]?.cancelledAt).toBeGreaterThanOrEqual(from + 10_000);
		},
	);

	it("close() promises a cancel within the cancel window if the idle limit of an earlier, dropped connection has passed", async () => {
		const { session, signal, link } = start();
		await session.open(signal);
		link.drop();
		await vi.advanceTimersByTimeAsync(1);
		await session.open(signal);
		expect(await session.close("cancel")).toMatchObject({ withinMs: 71_000 - 1 });
		await session.open(signal);
		await advanceWithPings(session, 60_000);
		expect(await session.close("cancel")).toMatchObject({ withinMs: 11_000 });
	});

	it("close() promises a cancel within the cancel window if the venue acknowledged the close of an earlier connection", async () => {
		const { session, signal } = start();
		await session.open(signal);
		await session.open(signal);
		await vi.advanceTimersByTimeAsync(1);
		expect(await session.close("cancel")).toMatchObject({ withinMs: 11_000 });
	});

	it("close() with the option othersKeepAlive promises neither that orders stay open nor that they are cancelled", async () => {
		const { session, signal } = await opened({ othersKeepAlive: true });
		expect((await session.beat(signal)).protection).toMatchObject({
			scope: "DERIVATIVES, once no connection of the account is subscribed",
		});
		expect((await session.close("cancel")).orders).toBe("refused");
		await session.open(signal);
		expect((await session.close("keep")).orders).toBe("unknown");
	});

	it("close() with the option othersKeepAlive gives only the earliest time of the cancel, and names a disabled product whose orders stay open", async () => {
		const { session, inject } = await opened({ products: ["DERIVATIVES", "OPTIONS"], othersKeepAlive: true });
		inject("entitle", { product: "OPTIONS", enabled: false });
		const { orders, detail } = await session.close("cancel");
		expect(orders).toBe("refused");
		expect(detail).toMatch(
			/OPTIONS: those orders stay open; DERIVATIVES orders .* at the earliest, unless another connection/,
		);
	});

	it("close() promises no cancel if the configuration cannot be read back", async () => {
		const { session, signal, inject } = await opened();
		inject("force", { retCode: 10016, times: 2 });
		await advanceWithPings(session, 60_000);
		await session.beat(signal);
		expect((await session.close("cancel")).orders).toBe("unknown");
	});

	it("close() with `keep` reports the orders as kept if Disconnection Protect is off", async () => {
		const { session, signal, inject } = await opened();
		inject("entitle", { product: "DERIVATIVES", enabled: false });
		await advanceWithPings(session, 60_000);
		await session.beat(signal);
		expect((await session.close("keep")).orders).toBe("kept");
	});

	it("close() with `keep` reports refused if Disconnection Protect was off for a product and the configuration cannot be read again", async () => {
		const { session, signal, inject } = await opened();
		inject("entitle", { product: "DERIVATIVES", enabled: false });
		await advanceWithPings(session, 60_000);
		await session.beat(signal);
		inject("force", { retCode: 10016, times: 2 });
		await session.beat(signal);
		expect((await session.close("keep")).orders).toBe("refused");
	});

	it("close() reports unknown if the connection was already lost, or if there was no connection", async () => {
		const { session, link } = await opened();
		link.drop();
		await vi.advanceTimersByTimeAsync(1);
		expect((await session.close("cancel")).orders).toBe("unknown");
		expect((await start().session.close("keep")).orders).toBe("unknown");
	});

	it("close() promises no cancel if Disconnection Protect was turned off after the last read-back", async () => {
		const { venue, session, inject } = await opened();
		inject("entitle", { product: "DERIVATIVES", enabled: false });
		expect((await session.close("cancel")).orders).toBe("refused");
		await vi.advanceTimersByTimeAsync(600_000);
		expect(venue.orders()).toMatchObject([{ state: "open" }]);
	});

	it("close() reports the cancel window that another program has set after the last read-back", async () => {
		const { venue, session, inject } = await opened();
		inject("setWindow", { product: "DERIVATIVES", seconds: 300 });
		expect(await session.close("cancel")).toMatchObject({ orders: "cancelled", withinMs: 301_000 });
		await vi.advanceTimersByTimeAsync(299_999);
		expect(venue.orders()).toMatchObject([{ state: "open" }]);
		await vi.advanceTimersByTimeAsync(1);
		expect(venue.orders()).toMatchObject([{ state: "cancelled" }]);
	});

	it("close() names the products whose orders stay open because Disconnection Protect is off for them", async () => {
		const { session, inject } = await opened({ products: ["DERIVATIVES", "SPOT"] });
		inject("entitle", { product: "SPOT", enabled: false });
		expect(await session.close("cancel")).toMatchObject({
			orders: "refused",
			detail: expect.stringMatching(/not enabled for SPOT.*DERIVATIVES orders are cancelled/),
		});
	});

	it("close() reports unknown after three seconds if HTTP calls get no answer and the connection is half-open", async () => {
		const { session, inject, link } = await opened();
		inject("withhold", { reply: true });
		link.halfOpen();
		const { value, tookMs } = await timed(session.close("cancel"));
		expect(value.orders).toBe("unknown");
		expect(tookMs).toBeLessThanOrEqual(3_001);
	});

	it("close() during a ban sends no HTTP call and promises nothing", async () => {
		const { session, signal, inject, queries } = await opened();
		inject("ban", { forMs: 600_000 });
		await advanceWithPings(session, 60_000);
		await session.beat(signal);
		expect([(await session.close("cancel")).orders, queries()]).toEqual(["unknown", 2]);
	});

	it("close() returns the same result to two concurrent calls", async () => {
		const { session } = await opened();
		const [first, second] = await Promise.all([session.close("cancel"), session.close("keep")]);
		expect(first.orders).toBe("cancelled");
		expect(second).toBe(first);
	});

	it("close() without a connection reports unknown, regardless of the result of an earlier close()", async () => {
		const { session, signal, inject } = await opened();
		expect((await session.close("cancel")).orders).toBe("cancelled");
		inject("withhold", { auth: true });
		await timed(failure(session.open(signal)));
		expect((await session.close("cancel")).orders).toBe("unknown");
	});

	it("close() promises no cancel if the connection is half-open and has topics other than dcp.*", async () => {
		const { session, link } = await opened();
		await session.handle?.subscribe("order");
		link.halfOpen();
		expect((await timed(session.close("cancel"))).value.orders).toBe("unknown");
	});

	it("close() during an open discards the result of that open", async () => {
		const { session, inject, link, signal } = start();
		inject("withhold", { pong: true });
		const opening = failure(session.open(signal));
		await vi.advanceTimersByTimeAsync(100);
		await session.close("cancel");
		inject("sendFrame", { text: '{"req_id":"3","op":"pong"}' });
		await vi.advanceTimersByTimeAsync(5_000);
		expect(await opening).toMatchObject({ session: "ended" });
		expect([session.handle, link.connections]).toEqual([undefined, 0]);
	});
});
