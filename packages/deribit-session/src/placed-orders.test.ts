import { DeribitVenue, Link, memoryWebSocket } from "@x/venue-sims";
import { describe, expect, it } from "vitest";
import { connectDeribit } from "./connect.ts";
import { PlacedOrders } from "./placed-orders.ts";

const placed = (order_id: string, order_state = "open") => ({
	result: { order: { order_id, order_state }, trades: [] },
});

describe("the orders of a connection", () => {
	it("are those that a reply called open or untriggered, until one or the user's channels say otherwise", () => {
		const orders = new PlacedOrders();
		orders.heard("private/buy", placed("a"));
		orders.heard("private/sell", placed("b", "untriggered"));
		orders.heard("private/buy", placed("c", "filled"));
		orders.heard("private/buy", placed("d"));
		orders.heard("private/buy", placed("e"));
		expect(orders.ids).toEqual(["a", "b", "d", "e"]);
		orders.heard("private/cancel", { result: { order_id: "a", order_state: "cancelled" } });
		orders.heard("private/edit", placed("b", "open"));
		const data = { order_id: "d", order_state: "filled" };
		orders.notified({ channel: "user.orders.BTC-PERPETUAL.raw", data });
		orders.notified({ channel: "user.changes.any.any.raw", data: { orders: [{ ...data, order_id: "e" }] } });
		expect(orders.ids).toEqual(["b"]);
		orders.heard("private/cancel_all", { result: 1 });
		expect(orders.ids).toEqual([]);
	});

	it("are not those of others, of refusals, or of replies that are not as expected", () => {
		const orders = new PlacedOrders();
		orders.notified({ channel: "user.orders.any.any.raw", data: [{ order_id: "x", order_state: "open" }, 5, null] });
		orders.notified({ channel: "deribit_price_index.btc_usd", data: { order_id: "y", order_state: "open" } });
		orders.heard("private/buy", { error: { code: 10009 } });
		for (const result of [null, "ok", [], {}, { order: null }, { order: { order_id: 5, order_state: "open" } }]) {
			orders.heard("private/buy", { result });
		}
		orders.heard("private/get_order_state", { result: { order_id: "z", order_state: "open" } });
		orders.heard("private/cancel_all", { error: { code: 10028 } });
		expect(orders.ids).toEqual([]);
	});

	it("are 10 000 at most: the oldest are forgotten first", () => {
		const orders = new PlacedOrders();
		for (let count = 1; count <= 10_001; count += 1) orders.heard("private/buy", placed(`${count}`));
		expect(orders.ids).toHaveLength(10_000);
		expect(orders.ids[0]).toBe("2");
	});

	it("are known by their connection, while it lives and after its end", async () => {
		const { clientId, clientSecret } = DeribitVenue.defaults;
		const venue = new DeribitVenue();
		const link = new Link(venue);
		const connection = await connectDeribit({ WebSocket: memoryWebSocket(link) });
		await connection.authenticate({ clientId, clientSecret });
		await connection.call("private/buy", { instrument_name: "BTC-PERPETUAL", amount: 10 });
		await connection.call("private/sell", { instrument_name: "BTC-PERPETUAL", amount: 10 });
		expect(connection.openOrderIds()).toEqual(venue.orders().map(({ id }) => id));
		await connection.disconnect();
		expect(connection.openOrderIds()).toHaveLength(2);
		link.close();
	});
});
