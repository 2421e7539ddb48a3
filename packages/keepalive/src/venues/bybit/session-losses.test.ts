import { instantNow } from "@x/base/instant";
import type { BybitConnection } from "@x/bybit-dcp";
import { describe, expect, it, vi } from "vitest";
import { keepalive, type SessionError, type StatusRecord } from "../../index.ts";
import { LossTracker } from "./session-losses.ts";
import { advanceWithPings, epoch, failure, lastLoss, start, timed, useFakeClock } from "./testing/start-with-venue.ts";

useFakeClock();

describe("the time until the venue cancels after a socket was closed", () => {
	it("after a close of the socket, the connection loss has state `counting` for exactly one cancel window", async () => {
		const { session, signal, link, venue, inject } = start();
		await session.open(signal);
		inject("place", { product: "DERIVATIVES" });
		await vi.advanceTimersByTimeAsync(4_000);
		expect(session.recovery).toEqual({ losses: [] });
		link.drop();
		await vi.advanceTimersByTimeAsync(0);
		expect(lastLoss(session)).toEqual({
			state: "counting",
			backAt: null,
			how: "closed",
			provedAt: epoch,
			lostAt: epoch + 4_000,
			heldUntil: epoch + 14_000,
			certainUntil: epoch + 10_000,
			cancelledBy: epoch + 75_000,
		});
		expect(venue.truth().DERIVATIVES.deadline).toBe(epoch + 14_000);
		await vi.advanceTimersByTimeAsync(9_999);
		expect([lastLoss(session)?.state, venue.orders()[0]?.state]).toEqual(["counting", "open"]);
		await vi.advanceTimersByTimeAsync(1);
		expect(lastLoss(session)).toMatchObject({ state: "assume-fired", backAt: null });
		expect(venue.orders()[0]?.state).toBe("cancelled");
	});

	it("the abort reason of `lease.ended` and the error of each failed open() say from when the venue may cancel", async () => {
		const { session, signal, link, inject } = start();
		const lease = await session.open(signal);
		link.drop();
		await vi.advanceTimersByTimeAsync(0);
		expect(lease.ended?.reason).toMatchObject({
			session: "ended",
			message: expect.stringMatching(/may cancel DERIVATIVES orders from 2026-11-09T\S+ \(in 10000 ms\)/),
		});
		inject("refuse", { auth: "Params Error" });
		await vi.advanceTimersByTimeAsync(4_000);
		expect((await failure(session.open(signal))).message).toMatch(
			/may cancel DERIVATIVES orders from \S+ \(in 6000 ms\)/,
		);
		await vi.advanceTimersByTimeAsync(6_000);
		expect((await failure(session.open(signal))).message).toMatch(/Bybit may have cancelled DERIVATIVES orders/);
	});

	it("the error after a connection loss asks for a retry within a third of the time left until the cancel, and has no `withinMs` once the cancel is due", async () => {
		const { session, signal, link, inject } = start();
		const lease = await session.open(signal);
		link.drop();
		await vi.advanceTimersByTimeAsync(0);
		const asked = (reason: unknown): unknown => (reason as SessionError).disposition;
		expect(asked(lease.ended?.reason)).toEqual({ action: "retry", withinMs: 10_000 / 3 });
		inject("refuse", { auth: "Params Error" });
		await vi.advanceTimersByTimeAsync(9_997);
		expect(asked(await failure(session.open(signal)))).toEqual({ action: "retry", withinMs: 1 });
		await vi.advanceTimersByTimeAsync(3);
		expect(asked(await failure(session.open(signal)))).not.toHaveProperty("withinMs");
	});

	it("a connection loss has state `averted` if the session reconnects within one cancel window; this is certain if it reconnects before `certainUntil`", async () => {
		const { session, signal, link, state } = start();
		await session.open(signal);
		await vi.advanceTimersByTimeAsync(4_000);
		link.drop();
		await vi.advanceTimersByTimeAsync(5_999);
		await session.open(signal);
		expect(lastLoss(session)).toMatchObject({ state: "averted", backAt: epoch + 9_999, certainUntil: epoch + 10_000 });
		await vi.advanceTimersByTimeAsync(4_000);
		link.drop();
		await vi.advanceTimersByTimeAsync(6_000);
		await session.open(signal);
		const { state: second, backAt, certainUntil } = lastLoss(session) ?? {};
		expect([second, Number(backAt) - Number(certainUntil), state()]).toEqual(["averted", 0, "armed"]);
	});

	it("the first of two connection losses keeps state `assume-fired` after a late reconnect, even if the session reconnects in time after the second loss", async () => {
		const { session, signal, link, inject, venue } = start();
		await session.open(signal);
		inject("place", { product: "DERIVATIVES" });
		inject("force", { path: "/realtime", retCode: 10016, times: 2 });
		link.drop();
		await vi.advanceTimersByTimeAsync(10_000);
		expect((await session.open(signal)).protection.state).toBe("armed");
		expect(venue.orders()[0]?.state).toBe("cancelled");
		expect(lastLoss(session)).toMatchObject({ state: "assume-fired", backAt: epoch + 10_000, orders: null });
		link.drop();
		await vi.advanceTimersByTimeAsync(1_000);
		await session.open(signal);
		// The first connection loss stays in the list, because the session has not yet read the orders after this loss.
		expect(session.recovery.losses).toMatchObject([
			{ state: "assume-fired", backAt: epoch + 10_000, orders: null },
			{ state: "averted", backAt: epoch + 11_000 },
		]);
		await timed(session.beat(signal));
		await vi.advanceTimersByTimeAsync(10_000);
		await session.beat(signal);
		await vi.advanceTimersByTimeAsync(0);
		expect(session.recovery.losses).toMatchObject([{ orders: { cancelledByDcp: [{}] } }, {}]);
	});
});

it("the error after a connection loss also mentions an earlier loss whose orders are unread, and open() still connects before it sends a query", async () => {
	const { session, signal, link, inject, queries } = start();
	await session.open(signal);
	inject("force", { path: "/realtime", retCode: 10016, times: 100 });
	link.drop();
	await vi.advanceTimersByTimeAsync(10_000);
	await session.open(signal);
	expect(lastLoss(session)?.state).toBe("assume-fired");
	await advanceWithPings(session, 100_000);
	await session.beat(signal);
	inject("withhold", { auth: true });
	const before = queries();
	link.drop();
	await vi.advanceTimersByTimeAsync(1);
	const { value } = await timed(failure(session.open(signal)));
	expect(value.message).toMatch(/may cancel DERIVATIVES orders from \S+ \(in 74\d\d ms\).* Bybit may have cancelled/);
	// open() connects before it sends any query.
	expect(queries()).toBe(before);
});

describe("the time until the venue cancels after a close that this process noticed late", () => {
	it("after a stall of this process, the time until the cancel is measured from the last ping answered before the stall, because the venue may have ended the connection long ago", async () => {
		const { session, signal, link, venue, inject } = start({ idleLimitOverrideMs: 30_000 });
		await session.open(signal);
		inject("place", { product: "DERIVATIVES" });
		// This process does nothing for two minutes. Meanwhile the idle limit ends the connection, and the cancel window passes.
		link.halfOpen();
		await vi.advanceTimersByTimeAsync(120_000);
		expect(venue.orders()[0]?.state).toBe("cancelled");
		link.drop();
		await vi.advanceTimersByTimeAsync(0);
		expect(lastLoss(session)).toMatchObject({ state: "assume-fired", how: "silent", heldUntil: epoch + 10_000 });
		await timed(session.open(signal));
		expect(lastLoss(session)).toMatchObject({ orders: { cancelledByDcp: [{}] } });
	});

	it("the time until the cancel is measured from the close if the age of the last ping proves that this process did not stall", async () => {
		for (const [ageMs, how] of [
			[13_000, "closed"],
			[13_001, "silent"],
		] as const) {
			const { session, signal, link } = start();
			await session.open(signal);
			await vi.advanceTimersByTimeAsync(ageMs);
			link.drop();
			await vi.advanceTimersByTimeAsync(0);
			expect(lastLoss(session)?.how).toBe(how);
		}
	});

	it("the time until the cancel is measured from the last answered ping if a stall between two pings may have delayed the detection of the close", async () => {
		const { session, signal, link } = start({}, { pingMs: 40_000, maxActiveTimeSeconds: 120 });
		await session.open(signal);
		await vi.advanceTimersByTimeAsync(5_000);
		// Moves the clock without firing a timer, as a stall does.
		vi.setSystemTime(Date.now() + 12_000);
		link.drop();
		await vi.advanceTimersByTimeAsync(0);
		expect(lastLoss(session)).toMatchObject({ state: "assume-fired", how: "silent", provedAt: epoch });
	});

	it("the time until the cancel is measured from the close again once the process has run without delay for more than 100 ms after a stall", async () => {
		for (const [sinceMs, how] of [
			[99, "silent"],
			[101, "closed"],
		] as const) {
			const { session, signal, link } = start({}, { pingMs: 40_000, maxActiveTimeSeconds: 120 });
			await session.open(signal);
			await vi.advanceTimersByTimeAsync(5_500);
			vi.setSystemTime(Date.now() + 12_000);
			await vi.advanceTimersByTimeAsync(500 + sinceMs);
			link.drop();
			await vi.advanceTimersByTimeAsync(0);
			expect(lastLoss(session)?.how).toBe(how);
		}
	});
});

describe("the time until the venue cancels after a connection has become half-open", () => {
	it("the time until the cancel is measured from the last answered ping of a half-open connection, because the venue may have noticed the loss right after that ping", async () => {
		const { session, signal, link } = start();
		await session.open(signal);
		await vi.advanceTimersByTimeAsync(5_000);
		await session.beat(signal);
		link.halfOpen();
		await vi.advanceTimersByTimeAsync(4_000);
		const { value } = await timed(failure(session.beat(signal)));
		expect(lastLoss(session)).toEqual({
			state: "counting",
			backAt: null,
			how: "silent",
			provedAt: epoch + 5_000,
			lostAt: epoch + 12_000,
			heldUntil: epoch + 15_000,
			certainUntil: epoch + 15_000,
			cancelledBy: epoch + 83_000,
		});
		expect(value.message).toMatch(/may cancel DERIVATIVES orders from 2026-11-09T00:00:15\.000Z \(in 3000 ms\)/);
		await vi.advanceTimersByTimeAsync(3_000);
		expect(lastLoss(session)?.state).toBe("assume-fired");
	});

	it("the time until the cancel is never overestimated, however long ago a half-open connection died", async () => {
		for (const deadForMs of [0, 1, 5_000, 9_999]) {
			const { session, signal, link, venue, inject } = start({ idleLimitOverrideMs: 1, idleScanMs: 1_000 });
			await session.open(signal);
			inject("place", { product: "DERIVATIVES" });
			await vi.advanceTimersByTimeAsync(10_000 - deadForMs - 1);
			link.halfOpen();
			await vi.advanceTimersByTimeAsync(deadForMs);
			await timed(failure(session.beat(signal)).catch(() => undefined));
			const loss = lastLoss(session);
			await vi.advanceTimersByTimeAsync(60_000);
			expect(venue.orders()[0]?.cancelledAt).toBeGreaterThanOrEqual(loss?.heldUntil ?? 0);
		}
	});
});

it("a connection loss has state `assume-fired` if the machine was suspended for the whole cancel window, although the monotonic clock did not count that time", async () => {
	const { session, signal, link } = start();
	await session.open(signal);
	link.drop();
	await vi.advanceTimersByTimeAsync(1_000);
	vi.setSystemTime(epoch + 3_600_000);
	expect(lastLoss(session)?.state).toBe("assume-fired");
});

it("session.recovery lists no connection loss if Disconnection Protect is off for all products, or if a newer connection is already open", async () => {
	const { session, signal, inject, link } = start();
	await session.open(signal);
	await timed(session.open(signal));
	await vi.advanceTimersByTimeAsync(10);
	expect(session.recovery).toEqual({ losses: [] });
	inject("entitle", { product: "DERIVATIVES", enabled: false });
	await advanceWithPings(session, 60_000);
	await session.beat(signal);
	link.drop();
	await vi.advanceTimersByTimeAsync(60_000);
	expect(session.recovery).toEqual({ losses: [] });
});

it("the time until the cancel is measured from the close, or from the last answered ping if the connection is half-open", async () => {
	const left = start();
	await left.session.open(left.signal);
	await vi.advanceTimersByTimeAsync(5_000);
	await left.session.close("cancel");
	expect(lastLoss(left.session)).toMatchObject({ state: "counting", how: "closed", heldUntil: epoch + 15_000 });
	const halfOpen = start();
	await halfOpen.session.open(halfOpen.signal);
	halfOpen.link.halfOpen();
	const from = Date.now();
	await timed(halfOpen.session.close("cancel"));
	expect(lastLoss(halfOpen.session)).toMatchObject({ how: "silent", heldUntil: from + 10_000 });
});

it("a second connection loss does not restart the time until the cancel, and session.recovery is plain data", async () => {
	const { session, signal, link, inject } = start();
	await session.open(signal);
	link.drop();
	await vi.advanceTimersByTimeAsync(1_000);
	inject("withhold", { pong: true });
	// A new connection that is subscribed but has no answered ping does not prevent the cancel.
	await timed(failure(session.open(signal)));
	const { recovery } = session;
	expect(recovery.losses).toMatchObject([{ state: "counting", lostAt: epoch }]);
	expect(structuredClone(recovery)).toEqual(JSON.parse(JSON.stringify(recovery)));
});

it("session.recovery lists all connection losses of an outage while the session is down, and keeps this list while the session is alive", async () => {
	const { session, signal, link, inject } = start();
	const lostAt = (): number[] => session.recovery.losses.map((loss) => loss.lostAt - epoch);
	await session.open(signal);
	await vi.advanceTimersByTimeAsync(1_000);
	link.drop();
	await vi.advanceTimersByTimeAsync(1_000);
	// The venue regards this connection as alive, but the connection is lost before it is verified. So the session was not alive.
	inject("withhold", { reply: true });
	const opening = failure(session.open(signal));
	await vi.advanceTimersByTimeAsync(1_000);
	link.drop();
	await opening;
	expect(lostAt()).toEqual([1_000, 3_000]);
	inject("withhold", { reply: false });
	await session.open(signal);
	expect(lostAt()).toEqual([1_000, 3_000]);
	await vi.advanceTimersByTimeAsync(1_000);
	expect(lostAt()).toEqual([1_000, 3_000]);
	link.drop();
	await vi.advanceTimersByTimeAsync(0);
	expect(lostAt()).toEqual([4_000]);
});

const lossTracker = (): LossTracker =>
	new LossTracker(
		{ windowSeconds: 10, maxActiveTimeSeconds: 30, pingMs: 1_200, products: ["SPOT"] },
		{ isNothingEnabled: false, windows: { shortestSeconds: 10, longestSeconds: 10 } },
		() => 2_160,
	);

it.each([
	[9_399, "counting"],
	[9_400, "assume-fired"],
])(
	"%i ms after the close of a connection with a round trip of 600 ms, a LossTracker with a cancel window of 10 s reports the loss as %s",
	async (ms, state) => {
		const tracker = lossTracker();
		const closed = new AbortController();
		const socket = { ended: closed.signal } as BybitConnection;
		const sent = instantNow(Date.now);
		await vi.advanceTimersByTimeAsync(600);
		tracker.recordPing(socket, sent);
		await vi.advanceTimersByTimeAsync(900);
		closed.abort();
		await vi.advanceTimersByTimeAsync(ms);
		expect(tracker.losses[0]).toMatchObject({ how: "closed", state, heldUntil: epoch + 1_500 + 9_400 });
	},
);

it("LossTracker keeps the last hundred connection losses of an outage", () => {
	const tracker = lossTracker();
	for (let times = 0; times < 150; times += 1) {
		const socket = { ended: new AbortController().signal } as BybitConnection;
		tracker.recordPing(socket, { monotonicMs: times, wallMs: times });
		tracker.recordSilence(socket);
	}
	expect([tracker.losses.length, tracker.losses[0]?.provedAt]).toEqual([100, 50]);
});

it("when a session is lost, the keeper's records say how much time is left until the cancel, and later that the orders may have been cancelled", async () => {
	const { session, link, inject } = start();
	const records: StatusRecord[] = [];
	const keeper = keepalive([session], { random: () => 0.5 });
	keeper.onStatus((record) => records.push(record));
	await vi.advanceTimersByTimeAsync(100);
	inject("refuse", { auth: "Params Error" });
	link.drop();
	await vi.advanceTimersByTimeAsync(30_000);
	const causes = records.flatMap(({ status }) =>
		"cause" in status ? [[status.state, status.cause.message] as const] : [],
	);
	expect(causes[0]).toEqual(["lost", expect.stringMatching(/may cancel DERIVATIVES orders from \S+ \(in 10000 ms\)/)]);
	expect(causes.at(-1)).toEqual(["waiting", expect.stringMatching(/Bybit may have cancelled/)]);
	const stopping = keeper.stop({ orders: "cancel" });
	await vi.advanceTimersByTimeAsync(11_000);
	await stopping;
});

it("a connection loss after which the venue has cancelled orders is reported even if Disconnection Protect was turned off before the session reconnected", async () => {
	const { session, signal, inject, link, venue } = start();
	await session.open(signal);
	inject("place", { product: "DERIVATIVES" });
	link.drop();
	await vi.advanceTimersByTimeAsync(10_000);
	expect(venue.orders()).toMatchObject([{ state: "cancelled" }]);
	inject("entitle", { product: "DERIVATIVES", enabled: false });
	expect((await session.open(signal)).protection.state).toBe("unarmed");
	expect(session.recovery.losses).toMatchObject([{ state: "assume-fired", orders: { cancelledByDcp: [{}] } }]);
	// The session now knows that the venue cancels nothing, so it does not report the next connection loss.
	link.drop();
	await vi.advanceTimersByTimeAsync(10_000);
	await session.open(signal);
	expect(session.recovery.losses).toEqual([]);
});
