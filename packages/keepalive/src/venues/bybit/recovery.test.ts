import { expect, it, vi } from "vitest";
import { failure, start, timed, useFakeClock } from "./testing/harness.ts";

useFakeClock();

const ids = (orders: readonly { orderId: string }[]): string[] => orders.map(({ orderId }) => orderId);

it("reconcile lists the open orders and those that Disconnection Protect cancelled, and lets requireArmed pass again", async () => {
	const { session, signal, link, inject, venue } = start({}, { products: ["DERIVATIVES", "SPOT"] });
	await session.open(signal);
	for (const instrument of ["BTCUSDT", "BTCPERP", "BTCUSD"]) inject("place", { product: "DERIVATIVES", instrument });
	inject("place", { product: "SPOT" });
	inject("place", { product: "OPTIONS" });
	link.drop();
	await vi.advanceTimersByTimeAsync(10_000);
	await session.open(signal);
	inject("place", { product: "DERIVATIVES", instrument: "ETHUSDT" });
	expect(() => session.requireArmed()).toThrow(/not reconciled/);
	const found = await session.reconcile();
	expect(ids(found.open)).toEqual(["sim-000006"]);
	expect(ids(found.cancelledByDcp).sort()).toEqual(["sim-000001", "sim-000002", "sim-000003", "sim-000004"]);
	expect(found).toMatchObject({ openComplete: true, historyComplete: true });
	expect(session.countdown).toEqual({ state: "none" });
	expect(() => session.requireArmed()).not.toThrow();
	// OPTIONS is not among the products, so its order stays open.
	expect(venue.orders()[4]?.state).toBe("open");
});

it("reconcile reads the lists after the connection and the configuration, as the venue documents it", async () => {
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

it("reconcile lists the inverse orders of a unified account 1.0 as open after a trigger", async () => {
	const { session, signal, link, inject } = start({ accountMode: "uta1" });
	await session.open(signal);
	for (const instrument of ["BTCUSDT", "BTCUSD"]) inject("place", { product: "DERIVATIVES", instrument });
	link.drop();
	await vi.advanceTimersByTimeAsync(10_000);
	await session.open(signal);
	const found = await session.reconcile();
	expect([ids(found.open), ids(found.cancelledByDcp)]).toEqual([["sim-000002"], ["sim-000001"]]);
});

it("reconcile finds an order placed long before the loss, and leaves out what an earlier trigger cancelled", async () => {
	const { session, signal, link, inject } = start();
	await session.open(signal);
	inject("place", { product: "DERIVATIVES" });
	link.drop();
	await vi.advanceTimersByTimeAsync(10_000);
	await session.open(signal);
	expect(ids((await session.reconcile()).cancelledByDcp)).toEqual(["sim-000001"]);
	inject("place", { product: "DERIVATIVES" });
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
	"reconcile finds the cancelled orders although this machine's clock was set by %i ms after the loss",
	async (ms) => {
		const { session, signal, link, inject } = start();
		await session.open(signal);
		inject("place", { product: "DERIVATIVES" });
		link.drop();
		await vi.advanceTimersByTimeAsync(10_000);
		// The venue's clock is unchanged.
		vi.setSystemTime(Date.now() + ms);
		inject("skew", { ms: -ms });
		await session.open(signal).catch(() => session.open(signal));
		await session.beat(signal);
		await vi.advanceTimersByTimeAsync(1_000);
		await session.beat(signal);
		expect(ids((await session.reconcile()).cancelledByDcp)).toEqual(["sim-000001"]);
	},
);

it("reconcile reads all pages, and reports a list that was too long as incomplete", async () => {
	const { session, signal, link, inject } = start();
	await session.open(signal);
	for (let placed = 0; placed < 120; placed += 1) inject("place", { product: "DERIVATIVES" });
	link.drop();
	await vi.advanceTimersByTimeAsync(10_000);
	await session.open(signal);
	const found = await session.reconcile();
	expect([found.cancelledByDcp.length, found.historyComplete]).toEqual([120, true]);
	const many = start({ orderCallsPerSecond: 1_000 });
	await many.session.open(signal);
	for (let placed = 0; placed < 1_001; placed += 1) many.inject("place", { product: "DERIVATIVES" });
	many.link.drop();
	await vi.advanceTimersByTimeAsync(5_000);
	await many.session.open(signal);
	const kept = await many.session.reconcile();
	expect([kept.open.length, kept.openComplete]).toEqual([1_000, false]);
});

it("reconcile keeps the trigger assumed if there are more working orders than it reads", async () => {
	const { session, signal, link, inject } = start({ orderCallsPerSecond: 1_000 });
	await session.open(signal);
	link.drop();
	await vi.advanceTimersByTimeAsync(10_000);
	await session.open(signal);
	for (let placed = 0; placed < 1_001; placed += 1) inject("place", { product: "DERIVATIVES" });
	expect((await session.reconcile()).openComplete).toBe(false);
	expect(session.countdown.state).toBe("assume-fired");
});

it("reconcile still assumes that protection fired if a list could not be read", async () => {
	const { session, signal, link, inject } = start();
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
		inject("force", { path: "/realtime", body });
		await failure(session.reconcile());
		expect(session.countdown.state).toBe("assume-fired");
	}
	await session.reconcile();
	expect(session.countdown.state).toBe("none");
});

it("reconcile rejects without a subscribed connection, and if the connection is lost meanwhile", async () => {
	const { session, signal, link, inject } = start();
	expect((await failure(session.reconcile())).message).toMatch(/there is no subscribed connection/);
	await session.open(signal);
	inject("withhold", { reply: true });
	const reconciling = failure(session.reconcile());
	await vi.advanceTimersByTimeAsync(1_000);
	link.drop();
	expect((await timed(reconciling)).value.message).toMatch(/no reply within 3000 ms.*may cancel DERIVATIVES orders/s);
	inject("withhold", { reply: false });
	await session.open(signal);
	const raced = failure(session.reconcile());
	link.drop();
	expect(await raced).toMatchObject({
		session: "ended",
		message: expect.stringMatching(/lost while the orders were read/),
	});
});

it("reconcile sends no call during a ban", async () => {
	const { session, signal, inject, venue } = start();
	await session.open(signal);
	inject("ban", { forMs: 600_000 });
	expect((await failure(session.reconcile())).disposition).toMatchObject({ action: "wait", forMs: 600_000 });
	const before = venue.received.length;
	expect((await failure(session.reconcile())).disposition).toMatchObject({ action: "wait" });
	expect(venue.received.length).toBe(before);
});
