import { DeribitVenue, Link, memoryWebSocket } from "@x/venue-sims";
import { describe, expect, it, vi } from "vitest";
import { connectDeribit } from "../socket/connect.ts";
import { hold } from "../testing/held-socket.ts";
import { PlacedOrders } from "./placed-orders.ts";

const placed = (order_id: string, order_state = "open") => ({
	result: { order: { order_id, order_state }, trades: [] },
});

describe("the orders of a connection", () => {
	it("are those that a reply called open or untriggered, until one or the user's channels say otherwise", () => {
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

	it("are not those of others, of refusals, or of replies that are not as expected", () => {
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

	it("are 10 000 at most: the oldest are forgotten first", () => {
		const orders = new PlacedOrders();
		for (let count = 1; count <= 10_001; count += 1) orders.onReply(0, placed(`${count}`), "private/buy");
		expect(orders.ids).toHaveLength(10_000);
		expect(orders.ids[0]).toBe("2");
	});

	it("of a mass quote are among them", () => {
		const orders = new PlacedOrders();
		const quoted = [placed("q1"), placed("q2", "cancelled"), placed("q3")].map(({ result }) => result.order);
		orders.onReply(0, { result: { orders: quoted, errors: [], trades: [] } }, "private/mass_quote");
		expect(orders.ids).toEqual(["q1", "q3"]);
	});

	it("whose replies never came are counted, until one comes however late, or a refusal", async () => {
		vi.useFakeTimers();
		const { connection, socket } = await hold();
		const calls = ["buy", "sell", "close_position", "mass_quote", "edit", "cancel"].map((name) =>
			connection.call(`private/${name}`).catch(() => undefined),
		);
		expect(connection.unansweredOrders).toBe(4);
		socket.hear({ id: 4, error: { code: 13042, message: "cod_not_enabled" } });
		expect(connection.unansweredOrders).toBe(3);
		await vi.advanceTimersByTimeAsync(10_000);
		await Promise.all(calls);
		expect([connection.openOrderIds, connection.unansweredOrders]).toEqual([[], 3]);
		socket.hear({ id: 1, ...placed("late") });
		expect([connection.openOrderIds, connection.unansweredOrders]).toEqual([["late"], 2]);
		socket.end(1006);
		expect(connection.unansweredOrders).toBe(2);
		vi.useRealTimers();
	});

	it("that could not be sent are not counted", async () => {
		const { connection, socket } = await hold();
		socket.send = () => {
			throw new DOMException("no", "InvalidStateError");
		};
		await expect(connection.call("private/buy")).rejects.toMatchObject({ kind: "network" });
		expect(connection.unansweredOrders).toBe(0);
		await connection.disconnect();
		await expect(connection.call("private/buy")).rejects.toMatchObject({ kind: "closed" });
		expect(connection.unansweredOrders).toBe(0);
	});

	it("are known by their connection, while it lives and after its end", async () => {
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
