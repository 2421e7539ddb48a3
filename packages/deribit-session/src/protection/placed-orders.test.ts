import { DeribitVenue, Link, memoryWebSocket } from "@x/venue-sims";
import { describe, expect, it, vi } from "vitest";
import { connectDeribit } from "../socket/connect.ts";
import { connectFake } from "../testing/fake-socket.ts";
import { PlacedOrders } from "./placed-orders.ts";

const placed = (order_id: string, order_state = "open") => ({
	result: { order: { order_id, order_state }, trades: [] },
});

describe("PlacedOrders", () => {
	it("lists an order from its reply until a reply or notification ends it", () => {
		const orders = new PlacedOrders();
		orders.onReply(0, placed("a"), "private/buy");
		orders.onReply(0, placed("b", "untriggered"), "private/sell");
		orders.onReply(0, placed("c", "filled"), "private/buy");
		orders.onReply(0, placed("d"), "private/buy");
		orders.onReply(0, placed("e"), "private/buy");
		expect(orders.ids).toEqual(["a", "b", "d", "e"]);
		orders.onReply(0, { result: { order_id: "a", order_state: "cancelled" } }, "private/cancel");
		orders.onReply(0, placed("b", "open"), "private/edit");
		const data = { order_id: "d", order_state: "filled" };
		orders.onNotification({ channel: "user.orders.BTC-PERPETUAL.raw", data });
		orders.onNotification({ channel: "user.changes.any.any.raw", data: { orders: [{ ...data, order_id: "e" }] } });
		expect(orders.ids).toEqual(["b"]);
		orders.onReply(0, { result: 1 }, "private/cancel_all");
		expect(orders.ids).toEqual([]);
	});

	it("ignores orders of other connections, errors and malformed replies", () => {
		const orders = new PlacedOrders();
		orders.onNotification({
			channel: "user.orders.any.any.raw",
			data: [{ order_id: "x", order_state: "open" }, 5, null],
		});
		orders.onNotification({ channel: "deribit_price_index.btc_usd", data: { order_id: "y", order_state: "open" } });
		orders.onReply(0, { error: { code: 10009 } }, "private/buy");
		for (const result of [null, "ok", [], {}, { order: null }, { order: { order_id: 5, order_state: "open" } }]) {
			orders.onReply(0, { result }, "private/buy");
		}
		orders.onReply(0, { result: { order_id: "z", order_state: "open" } }, "private/get_order_state");
		orders.onReply(0, { error: { code: 10028 } }, "private/cancel_all");
		expect(orders.ids).toEqual([]);
	});

	it("drops the oldest order when there are more than 10 000", () => {
		const orders = new PlacedOrders();
		for (let count = 1; count <= 10_001; count += 1) orders.onReply(0, placed(`${count}`), "private/buy");
		expect(orders.ids).toHaveLength(10_000);
		expect(orders.ids[0]).toBe("2");
	});

	it("lists the open orders of a mass quote", () => {
		const orders = new PlacedOrders();
		const quoted = [placed("q1"), placed("q2", "cancelled"), placed("q3")].map(({ result }) => result.order);
		orders.onReply(0, { result: { orders: quoted, errors: [], trades: [] } }, "private/mass_quote");
		expect(orders.ids).toEqual(["q1", "q3"]);
	});

	it("counts order calls without a reply until a late reply or an error arrives", async () => {
		vi.useFakeTimers();
		const { connection, socket } = await connectFake();
		const calls = ["buy", "sell", "close_position", "mass_quote", "edit", "cancel"].map((name) =>
			connection.call(`private/${name}`).catch(() => undefined),
		);
		expect(connection.unansweredOrders).toBe(4);
		socket.receive({ id: 4, error: { code: 13042, message: "cod_not_enabled" } });
		expect(connection.unansweredOrders).toBe(3);
		await vi.advanceTimersByTimeAsync(10_000);
		await Promise.all(calls);
		expect([connection.openOrderIds, connection.unansweredOrders]).toEqual([[], 3]);
		socket.receive({ id: 1, ...placed("late") });
		expect([connection.openOrderIds, connection.unansweredOrders]).toEqual([["late"], 2]);
		socket.end(1006);
		expect(connection.unansweredOrders).toBe(2);
		vi.useRealTimers();
	});

	it("does not count a call when it could not be sent", async () => {
		const { connection, socket } = await connectFake();
		socket.send = () => {
			throw new DOMException("no", "InvalidStateError");
		};
		await expect(connection.call("private/buy")).rejects.toMatchObject({ kind: "network" });
		expect(connection.unansweredOrders).toBe(0);
		await connection.disconnect();
		await expect(connection.call("private/buy")).rejects.toMatchObject({ kind: "closed" });
		expect(connection.unansweredOrders).toBe(0);
	});

	it("keeps the orders of a connection after its end", async () => {
		const { clientId, clientSecret } = DeribitVenue.defaults;
		const venue = new DeribitVenue();
		const link = new Link(venue);
		const connection = await connectDeribit({ WebSocket: memoryWebSocket(link) });
		await connection.authenticate({ clientId, clientSecret });
		await connection.call("private/buy", { instrument_name: "BTC-PERPETUAL", amount: 10 });
		await connection.call("private/sell", { instrument_name: "BTC-PERPETUAL", amount: 10 });
		expect(connection.openOrderIds).toEqual(venue.orders().map(({ id }) => id));
		await connection.disconnect();
		expect(connection.openOrderIds).toHaveLength(2);
		link.close();
	});
});
