import { describe, expect, it, vi } from "vitest";
import type { BybitSettings } from "./index.ts";
import { failure, pass, start, timed, useFakeClock } from "./testing/harness.ts";

useFakeClock();

describe("leaving", () => {
	async function opened(settings: Partial<BybitSettings> = {}) {
		const started = start({}, settings);
		await started.session.open(started.signal);
		started.lever("place", { product: "DERIVATIVES" });
		return started;
	}

	it("with cancel says when, and the venue keeps the word to the millisecond", async () => {
		const { venue, session } = await opened();
		expect(await session.close("cancel")).toMatchObject({ orders: "cancelled", withinMs: 10_000 });
		await vi.advanceTimersByTimeAsync(9_999);
		expect(venue.orders()).toMatchObject([{ state: "open" }]);
		await vi.advanceTimersByTimeAsync(1);
		expect(venue.orders()).toMatchObject([{ state: "cancelled", cancelReason: "CancelByDCP" }]);
	});

	it("sends no set call: none disarms", async () => {
		const { session, sets } = await opened();
		await session.close("keep");
		expect(sets()).toBe(0);
	});

	it("with cancel names the instant by which the venue has cancelled", async () => {
		const { session } = await opened();
		const left = await session.close("cancel");
		const by = new Date(Date.now() + 10_000).toISOString();
		expect(left.detail).toContain(`cancels the orders of DERIVATIVES within 10 s, by ${by}, unless another`);
	});

	it("with keep is refused in words, since no call disarms", async () => {
		const { session, state } = await opened();
		const closed = await session.close("keep");
		expect(closed).toMatchObject({
			orders: "refused",
			detail: expect.stringMatching(/no call disarms.*cancelled within 10 s/),
		});
		expect(state()).toBe("counting");
		expect(await session.close("cancel")).toBe(closed);
	});

	it("over a half-open line promises no more than the whole exposure", async () => {
		const { venue, session, link } = await opened();
		link.halfOpen();
		const { value } = await timed(session.close("cancel"));
		expect(value).toMatchObject({ orders: "cancelled", withinMs: 70_000 });
		await vi.advanceTimersByTimeAsync(70_000);
		expect(venue.orders()).toMatchObject([{ state: "cancelled" }]);
	});

	it.each([0, 20_000, 59_999])(
		"%i ms after an earlier connection went half-open promises no earlier than the venue can have noticed that one",
		async (afterMs) => {
			const { venue, session, signal, link, lever } = start();
			await session.open(signal);
			lever("place", { product: "DERIVATIVES" });
			link.halfOpen();
			await timed(failure(session.beat(signal)));
			const closeMs = 1_000;
			const from = Date.now();
			await session.open(signal);
			await pass(session, afterMs);
			const left = await session.close("cancel");
			expect(left.orders).toBe("cancelled");
			if (left.orders !== "cancelled") return;
			expect(left.withinMs).toBe(from + 60_000 - Date.now() + 10_000);
			expect(left.detail).toMatch(/an earlier connection, whose end was not acknowledged/);
			await vi.advanceTimersByTimeAsync(left.withinMs - closeMs);
			await vi.advanceTimersByTimeAsync(closeMs);
			expect(venue.orders()[0]).toMatchObject({ state: "cancelled", cancelReason: "CancelByDCP" });
			expect(venue.orders()[0]?.cancelledAt).toBeGreaterThanOrEqual(from + 10_000);
		},
	);

	it("after an earlier connection that the venue has had the time to miss promises the window alone", async () => {
		const { session, signal, link } = start();
		await session.open(signal);
		link.drop();
		await vi.advanceTimersByTimeAsync(1);
		await session.open(signal);
		expect(await session.close("cancel")).toMatchObject({ withinMs: 70_000 - 1 });
		await session.open(signal);
		await pass(session, 60_000);
		expect(await session.close("cancel")).toMatchObject({ withinMs: 10_000 });
	});

	it("after a connection that was replaced with an acknowledged close promises the window alone", async () => {
		const { session, signal } = start();
		await session.open(signal);
		await session.open(signal);
		await vi.advanceTimersByTimeAsync(1);
		expect(await session.close("cancel")).toMatchObject({ withinMs: 10_000 });
	});

	it("while others keep the account alive can promise neither", async () => {
		const { session, signal } = await opened({ othersKeepAlive: true });
		expect((await session.beat(signal)).protection).toMatchObject({ scope: "DERIVATIVES, once every keeper is gone" });
		expect((await session.close("cancel")).orders).toBe("refused");
		await session.open(signal);
		expect((await session.close("keep")).orders).toBe("unknown");
	});

	it("a protection that was not proved promises no cancel", async () => {
		const { session, signal, lever } = await opened();
		lever("force", { retCode: 10016, times: 2 });
		await pass(session, 60_000);
		await session.beat(signal);
		expect((await session.close("cancel")).orders).toBe("unknown");
	});

	it("a product that is no longer enabled keeps its orders, and cancels none", async () => {
		const { session, signal, lever } = await opened();
		lever("entitle", { product: "DERIVATIVES", enabled: false });
		await pass(session, 60_000);
		await session.beat(signal);
		expect((await session.close("keep")).orders).toBe("kept");
	});

	it("a product of which it is not known any longer that it is not enabled promises to keep nothing", async () => {
		const { session, signal, lever } = await opened();
		lever("entitle", { product: "DERIVATIVES", enabled: false });
		await pass(session, 60_000);
		await session.beat(signal);
		lever("force", { retCode: 10016, times: 2 });
		await session.beat(signal);
		expect((await session.close("keep")).orders).toBe("refused");
	});

	it("a connection that was lost already, or none, is unknown", async () => {
		const { session, link } = await opened();
		link.drop();
		await vi.advanceTimersByTimeAsync(1);
		expect((await session.close("cancel")).orders).toBe("unknown");
		expect((await start().session.close("keep")).orders).toBe("unknown");
	});

	it("promises no cancel by a young proof when the product is no longer enabled", async () => {
		const { venue, session, lever } = await opened();
		lever("entitle", { product: "DERIVATIVES", enabled: false });
		expect((await session.close("cancel")).orders).toBe("refused");
		await vi.advanceTimersByTimeAsync(600_000);
		expect(venue.orders()).toMatchObject([{ state: "open" }]);
	});

	it("promises by the window that somebody else has set since the last proof", async () => {
		const { venue, session, lever } = await opened();
		lever("setWindow", { product: "DERIVATIVES", seconds: 300 });
		expect(await session.close("cancel")).toMatchObject({ orders: "cancelled", withinMs: 300_000 });
		await vi.advanceTimersByTimeAsync(299_999);
		expect(venue.orders()).toMatchObject([{ state: "open" }]);
		await vi.advanceTimersByTimeAsync(1);
		expect(venue.orders()).toMatchObject([{ state: "cancelled" }]);
	});

	it("says of products of which one is not enabled which orders go on working", async () => {
		const { session, lever } = await opened({ products: ["DERIVATIVES", "SPOT"] });
		lever("entitle", { product: "SPOT", enabled: false });
		expect(await session.close("cancel")).toMatchObject({
			orders: "refused",
			detail: expect.stringMatching(/not enabled for SPOT.*those of DERIVATIVES are cancelled/),
		});
	});

	it("while HTTP hangs and the line is half-open is unknown after three seconds", async () => {
		const { session, lever, link } = await opened();
		lever("withhold", { reply: true });
		link.halfOpen();
		const { value, tookMs } = await timed(session.close("cancel"));
		expect(value.orders).toBe("unknown");
		expect(tookMs).toBeLessThanOrEqual(3_001);
	});

	it("asks nothing of a venue that banned the address, and promises nothing", async () => {
		const { session, signal, lever, queries } = await opened();
		lever("ban", { forMs: 600_000 });
		await pass(session, 60_000);
		await session.beat(signal);
		expect([(await session.close("cancel")).orders, queries()]).toEqual(["unknown", 2]);
	});

	it("twice at once gives both the same answer", async () => {
		const { session } = await opened();
		const [first, second] = await Promise.all([session.close("cancel"), session.close("keep")]);
		expect(first.orders).toBe("cancelled");
		expect(second).toBe(first);
	});

	it("over a line that does not answer says no time when streams may keep the venue from noticing", async () => {
		const { session, link } = await opened();
		await session.handle?.subscribe("order");
		link.halfOpen();
		expect((await timed(session.close("cancel"))).value.orders).toBe("unknown");
	});

	it("while opening throws the opening's result away", async () => {
		const { session, lever, link, signal } = start();
		lever("withhold", { pong: true });
		const opening = failure(session.open(signal));
		await vi.advanceTimersByTimeAsync(100);
		await session.close("cancel");
		lever("say", { text: '{"req_id":"3","op":"pong"}' });
		await vi.advanceTimersByTimeAsync(5_000);
		expect(await opening).toMatchObject({ session: "ended" });
		expect([session.handle, link.connections]).toEqual([undefined, 0]);
	});
});
