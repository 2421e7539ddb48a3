import { memoryWebSocket } from "@x/venue-sims";
import { describe, expect, it, vi } from "vitest";
import { keepalive } from "../../keeper.ts";
import { type DeribitLoss, type DeribitSession, deribit } from "./index.ts";
import { clientId, clientSecret, never, order, stage, useFakeClock } from "./testing/stage.ts";

useFakeClock();

async function place(session: DeribitSession, count: number): Promise<string[]> {
	for (let placed = 0; placed < count; placed += 1) await session.requireArmed().call("private/buy", order);
	return session.requireArmed().openOrderIds();
}

describe("after a loss", () => {
	it("the session says which orders may have been cancelled, before the next open and after it", async () => {
		const { session, link } = stage();
		await session.open(never);
		expect(session.losses).toEqual([]);
		const orderIds = await place(session, 2);
		link.drop();
		await vi.advanceTimersByTimeAsync(0);
		const loss = {
			endedAt: Date.now(),
			why: "network",
			cancelOnDisconnectFired: "likely",
			orderIds,
			unansweredOrders: 0,
		};
		expect(session.losses).toEqual([loss]);
		await session.open(never);
		expect(session.losses).toEqual([loss]);
		expect(structuredClone(session.losses)).toEqual([loss]);
	});

	it("forgets none over several, and starts anew once a connection has held", async () => {
		const { session, link, pull } = stage();
		await session.open(never);
		await place(session, 1);
		pull("rateLimit");
		await session.handle?.call("private/get_open_orders").catch(() => undefined);
		await vi.advanceTimersByTimeAsync(1_000);
		await session.open(never);
		link.halfOpen();
		await session.open(never);
		expect(session.losses).toMatchObject([{ why: "disconnect", cancelOnDisconnectFired: "likely", orderIds: [] }]);
		link.drop();
		await vi.advanceTimersByTimeAsync(3_000);
		await session.open(never);
		expect(session.losses).toMatchObject([{ why: "network" }]);
	});

	it("one that was left on request is among them, by how it was left", async () => {
		const { session } = stage();
		await session.open(never);
		await place(session, 1);
		await session.close("keep");
		await session.open(never);
		expect(session.losses).toMatchObject([{ why: "logout", cancelOnDisconnectFired: "no" }]);
	});

	it("counts the order calls that had no reply, and says so in the reason, even with no order known", async () => {
		const { session, link, pull } = stage();
		const { ended } = await session.open(never);
		pull("suppressAnswers", { methods: ["private/buy", "private/sell"] });
		const { handle } = session;
		const calls = ["private/buy", "private/sell"].map((method) => handle?.call(method, order).catch(() => undefined));
		await vi.advanceTimersByTimeAsync(0);
		link.drop();
		await Promise.all(calls);
		await vi.advanceTimersByTimeAsync(0);
		expect(session.losses).toMatchObject([{ orderIds: [], unansweredOrders: 2 }]);
		expect(ended?.reason.message).toMatch(/\. Calls that may have placed an order and had no reply: 2$/);
	});

	it("a line that was given up because nothing came any more was lost to silence", async () => {
		const { session, link } = stage();
		await session.open(never);
		link.halfOpen();
		await vi.advanceTimersByTimeAsync(33_001);
		await session.open(never);
		expect(session.losses).toMatchObject([{ why: "silence", cancelOnDisconnectFired: "likely" }]);
		await vi.advanceTimersByTimeAsync(3_000);
	});

	it("a connection that was given up is told of anew when its own end says why after all", async () => {
		const { link, venue } = stage();
		let isCut = false;
		// A line without an uplink: neither frames nor its close arrive.
		class Cuttable extends memoryWebSocket(link) {
			readonly #isFirst = link.connections === 0;
			override send(data: string): void {
				if (!isCut || !this.#isFirst) super.send(data);
			}
			override close(code?: number): void {
				if (!isCut || !this.#isFirst) super.close(code);
			}
		}
		const session = deribit({ clientId, clientSecret, WebSocket: Cuttable, intervalSeconds: 10 });
		await session.open(never);
		const orderIds = await place(session, 1);
		isCut = true;
		await vi.advanceTimersByTimeAsync(20_000);
		await session.open(never);
		expect(session.losses).toMatchObject([{ why: "disconnect", orderIds }]);
		await vi.advanceTimersByTimeAsync(1_999);
		expect(venue.orders()).toMatchObject([{ state: "open" }]);
		await vi.advanceTimersByTimeAsync(1);
		expect(venue.orders()).toMatchObject([{ cancelReason: "cancel_on_disconnect" }]);
		expect(session.losses).toMatchObject([{ why: "heartbeat", cancelOnDisconnectFired: "likely", orderIds }]);
	});

	it("the reason of the end names the orders, ten at most", async () => {
		const { session, link } = stage();
		const first = await session.open(never);
		await place(session, 2);
		link.drop();
		await vi.advanceTimersByTimeAsync(0);
		expect(first.ended?.reason.message).toMatch(/are probably cancelled: SIM-1, SIM-2$/);
		const second = await session.open(never);
		await place(session, 12);
		link.drop();
		await vi.advanceTimersByTimeAsync(0);
		expect(second.ended?.reason.message).toMatch(/SIM-12 and 2 more$/);
		expect(second.ended?.reason.disposition).toEqual({ action: "retry" });
	});
});

describe("reconcile", () => {
	it("runs over the new connection, armed and read back, before the session is alive, and not without a loss", async () => {
		const seen: unknown[] = [];
		const { session, venue, link } = stage({
			reconcile: async (losses, connection) => {
				seen.push([session.handle, venue.truth().connections[0]?.armed, losses.flatMap(({ orderIds }) => orderIds)]);
				seen.push(await connection.call("private/get_open_orders"));
			},
		});
		await session.open(never);
		expect(seen).toEqual([]);
		await place(session, 2);
		link.drop();
		await vi.advanceTimersByTimeAsync(0);
		await session.open(never);
		expect(seen).toEqual([[undefined, true, ["SIM-1", "SIM-2"]], []]);
		expect(venue.received.at(-1)?.method).toBe("private/get_cancel_on_disconnect");
	});

	it("that fails keeps the session from opening, and is told of the same losses and its own orders again", async () => {
		const told: (readonly DeribitLoss[])[] = [];
		const { session, link } = stage({
			reconcile: async (losses, connection) => {
				told.push(losses);
				await connection.call("private/buy", order);
				if (told.length === 1) throw new Error("not yet");
			},
		});
		await session.open(never);
		await place(session, 1);
		link.drop();
		await vi.advanceTimersByTimeAsync(0);
		await expect(session.open(never)).rejects.toMatchObject({
			disposition: { action: "retry" },
			cause: { message: "not yet" },
		});
		expect(session.handle).toBeUndefined();
		await session.open(never);
		expect(told[1]?.map(({ orderIds }) => orderIds)).toEqual([["SIM-1"], ["SIM-2"]]);
	});

	it("that fails with an order call unanswered is told of that next time", async () => {
		const told: (readonly DeribitLoss[])[] = [];
		const { session, link, pull } = stage({
			reconcile: async (losses, connection) => {
				told.push(losses);
				if (told.length === 1) await connection.call("private/buy", order, undefined, { timeoutMs: 1_000 });
			},
		});
		await session.open(never);
		link.drop();
		await vi.advanceTimersByTimeAsync(0);
		pull("suppressAnswers", { methods: ["private/buy"] });
		const opening = session.open(never).catch((error: unknown) => error);
		await vi.advanceTimersByTimeAsync(1_000);
		expect(await opening).toMatchObject({ disposition: { action: "retry" } });
		await session.open(never);
		expect(told[1]).toMatchObject([{ unansweredOrders: 0 }, { orderIds: [], unansweredOrders: 1 }]);
	});

	it("that switches the protection off keeps the session from opening", async () => {
		const { session, link, pull } = stage({ reconcile: () => pull("disarmAll") });
		await session.open(never);
		link.drop();
		await vi.advanceTimersByTimeAsync(0);
		await expect(session.open(never)).rejects.toMatchObject({ disposition: { action: "retry" } });
	});

	it("has to be a function", () => {
		// @ts-expect-error: it is not.
		expect(() => stage({ reconcile: true })).toThrow(/option reconcile must be a function/);
	});
});

it("even with heartbeats a day apart something is sent well within the 60 s after which a silent line is cut", async () => {
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
