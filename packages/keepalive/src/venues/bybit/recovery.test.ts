import { expect, it, vi } from "vitest";
import { failure, start, timed, useFakeClock } from "./testing/harness.ts";

useFakeClock();

const ids = (orders: readonly { orderId: string }[]): string[] => orders.map(({ orderId }) => orderId);

it("tells what still works and what Disconnection Protect cancelled, and only then does the guard pass again", async () => {
	const { session, signal, link, lever, venue } = start({}, { products: ["DERIVATIVES", "SPOT"] });
	await session.open(signal);
	for (const instrument of ["BTCUSDT", "BTCPERP", "BTCUSD"]) lever("place", { product: "DERIVATIVES", instrument });
	lever("place", { product: "SPOT" });
	lever("place", { product: "OPTIONS" });
	link.drop();
	await vi.advanceTimersByTimeAsync(10_000);
	await session.open(signal);
	lever("place", { product: "DERIVATIVES", instrument: "ETHUSDT" });
	expect(() => session.requireArmed()).toThrow(/not reconciled/);
	const found = await session.reconcile();
	expect(ids(found.open)).toEqual(["sim-000006"]);
	expect(ids(found.cancelledByDcp).sort()).toEqual(["sim-000001", "sim-000002", "sim-000003", "sim-000004"]);
	expect(found).toMatchObject({ openComplete: true, historyComplete: true });
	expect(session.countdown).toEqual({ state: "none" });
	expect(() => session.requireArmed()).not.toThrow();
	// Options were not asked for, so nothing was subscribed for them and their order lives.
	expect(venue.orders()[4]?.state).toBe("open");
});

it("after a trigger comes the venue's own order of things: connected, read back, and only then the lists", async () => {
	const { session, signal, link, venue } = start();
	await session.open(signal);
	link.drop();
	await vi.advanceTimersByTimeAsync(10_000);
	const before = venue.received.length;
	await session.open(signal);
	await session.reconcile();
	const steps = venue.received
		.slice(before)
		.map((got) => (got.kind === "http" ? got.path.split("/").at(-1) : (got.frame as { op: string }).op));
	const lists = ["realtime", "realtime", "realtime", "history", "history"];
	expect(steps).toEqual(["auth", "subscribe", "ping", "query-dcp-info", ...lists]);
});

it("shows what a legacy account keeps: inverse orders of a unified account 1.0 still work after the trigger", async () => {
	const { session, signal, link, lever } = start({ accountMode: "uta1" });
	await session.open(signal);
	for (const instrument of ["BTCUSDT", "BTCUSD"]) lever("place", { product: "DERIVATIVES", instrument });
	link.drop();
	await vi.advanceTimersByTimeAsync(10_000);
	await session.open(signal);
	const found = await session.reconcile();
	expect([ids(found.open), ids(found.cancelledByDcp)]).toEqual([["sim-000002"], ["sim-000001"]]);
});

it("finds an order that was placed long before the loss, and leaves out what an earlier trigger cancelled", async () => {
	const { session, signal, link, lever } = start();
	await session.open(signal);
	lever("place", { product: "DERIVATIVES" });
	link.drop();
	await vi.advanceTimersByTimeAsync(10_000);
	await session.open(signal);
	expect(ids((await session.reconcile()).cancelledByDcp)).toEqual(["sim-000001"]);
	lever("place", { product: "DERIVATIVES" });
	for (let beats = 0; beats < 720; beats += 1) {
		await vi.advanceTimersByTimeAsync(10_000);
		await session.beat(signal);
	}
	link.drop();
	await vi.advanceTimersByTimeAsync(10_000);
	await session.open(signal);
	expect(ids((await session.reconcile()).cancelledByDcp)).toEqual(["sim-000002"]);
});

it.each([-3_600_000, 3_600_000])(
	"finds what was cancelled although this machine's clock was set by %i ms since the loss",
	async (ms) => {
		const { session, signal, link, lever } = start();
		await session.open(signal);
		lever("place", { product: "DERIVATIVES" });
		link.drop();
		await vi.advanceTimersByTimeAsync(10_000);
		// The venue's clock goes on as it was.
		vi.setSystemTime(Date.now() + ms);
		lever("skew", { ms: -ms });
		await session.open(signal).catch(() => session.open(signal));
		await session.beat(signal);
		await vi.advanceTimersByTimeAsync(1_000);
		await session.beat(signal);
		expect(ids((await session.reconcile()).cancelledByDcp)).toEqual(["sim-000001"]);
	},
);

it("reads page after page, and says when there were more than it read", async () => {
	const { session, signal, link, lever } = start();
	await session.open(signal);
	for (let placed = 0; placed < 120; placed += 1) lever("place", { product: "DERIVATIVES" });
	link.drop();
	await vi.advanceTimersByTimeAsync(10_000);
	await session.open(signal);
	const found = await session.reconcile();
	expect([found.cancelledByDcp.length, found.historyComplete]).toEqual([120, true]);
	const many = start({ orderCallsPerSecond: 1_000 });
	await many.session.open(signal);
	for (let placed = 0; placed < 1_001; placed += 1) many.lever("place", { product: "DERIVATIVES" });
	many.link.drop();
	await vi.advanceTimersByTimeAsync(5_000);
	await many.session.open(signal);
	const kept = await many.session.reconcile();
	expect([kept.open.length, kept.openComplete]).toEqual([1_000, false]);
});

it("with more working orders than it reads goes on assuming the trigger", async () => {
	const { session, signal, link, lever } = start({ orderCallsPerSecond: 1_000 });
	await session.open(signal);
	link.drop();
	await vi.advanceTimersByTimeAsync(10_000);
	await session.open(signal);
	for (let placed = 0; placed < 1_001; placed += 1) lever("place", { product: "DERIVATIVES" });
	expect((await session.reconcile()).openComplete).toBe(false);
	expect(session.countdown.state).toBe("assume-fired");
});

it("half an answer is none: a list that cannot be read leaves the trigger assumed", async () => {
	const { session, signal, link, lever } = start();
	await session.open(signal);
	link.drop();
	await vi.advanceTimersByTimeAsync(10_000);
	await session.open(signal);
	for (const body of [
		'{"retCode":0,"result":{}}',
		'{"retCode":0,"result":{"list":null}}',
		'{"retCode":10016}',
		"<html>",
	]) {
		lever("force", { path: "/realtime", body });
		await failure(session.reconcile());
		expect(session.countdown.state).toBe("assume-fired");
	}
	await session.reconcile();
	expect(session.countdown.state).toBe("none");
});

it("is refused without a connection that counts, and worth nothing when that is lost meanwhile", async () => {
	const { session, signal, link, lever } = start();
	expect((await failure(session.reconcile())).message).toMatch(/there is no connection that counts/);
	await session.open(signal);
	lever("withhold", { reply: true });
	const reconciling = failure(session.reconcile());
	await vi.advanceTimersByTimeAsync(1_000);
	link.drop();
	expect((await timed(reconciling)).value.message).toMatch(/had no answer within 3000 ms.*will cancel the orders/s);
	lever("withhold", { reply: false });
	await session.open(signal);
	const raced = failure(session.reconcile());
	link.drop();
	expect(await raced).toMatchObject({
		session: "ended",
		message: expect.stringMatching(/lost while the orders were read/),
	});
});

it("makes no call while the venue wants none", async () => {
	const { session, signal, lever, venue } = start();
	await session.open(signal);
	lever("ban", { forMs: 600_000 });
	expect((await failure(session.reconcile())).disposition).toMatchObject({ action: "wait", forMs: 600_000 });
	const before = venue.received.length;
	expect((await failure(session.reconcile())).disposition).toMatchObject({ action: "wait" });
	expect(venue.received.length).toBe(before);
});
