import { DeribitVenue, Link, memoryWebSocket } from "@x/venue-sims";
import { describe, expect, it, vi } from "vitest";
import { connectDeribit } from "../socket/connect.ts";
import { connectFake } from "../testing/fake-socket.ts";
import { PlacedOrders } from "./placed-orders.ts";

const placed = (order_id: string, order_state = "open") => ({
	result: { order: { order_id, order_state }, trades: [] },
});

describe("PlacedOrders", () => {
	it("PlacedOrders lists an order from its acknowledgement until a reply or notification shows that the order has ended", () => {
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
		orders.onSent(1, "private/cancel_all", {});
		orders.onReply(1, { result: 1 }, "private/cancel_all");
		expect(orders.ids).toEqual([]);
	});

	it("PlacedOrders lists an order placed by a stop order of this connection, whichever of the two orders is seen first", () => {
		const orders = new PlacedOrders();
		const push = (order_id: string, order_state: string, trigger_order_id?: string): void =>
			orders.onNotification({
				channel: "user.orders.any.any.raw",
				data: { order_id, order_state, ...(trigger_order_id && { trigger_order_id }) },
			});
		orders.onReply(0, placed("stop", "untriggered"), "private/buy");
		push("stop", "triggered");
		expect(orders.ids).toEqual([]);
		push("child", "open", "stop");
		expect(orders.ids).toEqual(["child"]);
		push("child", "filled", "stop");
		expect(orders.ids).toEqual([]);
		push("early child", "open", "late stop");
		push("foreign child", "open", "foreign stop");
		expect(orders.ids).toEqual([]);
		orders.onReply(0, placed("late stop", "untriggered"), "private/sell");
		expect(orders.ids).toEqual(["late stop", "early child"]);
		const reread = { order_id: "found child", order_state: "open", trigger_order_id: "late stop" };
		orders.onReply(0, { result: [reread, 5] }, "private/get_open_orders");
		expect(orders.ids).toEqual(["late stop", "early child", "found child"]);
	});

	it("PlacedOrders does not list an order that was placed over another connection and edited over this connection", () => {
		const orders = new PlacedOrders();
		orders.onReply(0, placed("foreign"), "private/edit");
		orders.onReply(0, placed("own"), "private/buy");
		orders.onReply(0, placed("own"), "private/edit");
		orders.onReply(0, placed("labelled"), "private/edit_by_label");
		expect(orders.ids).toEqual(["own"]);
	});

	it("PlacedOrders.hasUnlistedQuotes becomes true at a mass quote reply without order ids, and false when all quotes are cancelled", () => {
		const orders = new PlacedOrders();
		const quote = (id: number): void => {
			orders.onSent(id, "private/mass_quote", {});
			orders.onReply(id, { result: { errors_count: 0, pending_requests_count: 0 } }, "private/mass_quote");
		};
		const cancel = (id: number, cancel_type: string): void => {
			orders.onSent(id, "private/cancel_quotes", { cancel_type });
			orders.onReply(id, { result: 2 }, "private/cancel_quotes");
		};
		expect(orders.hasUnlistedQuotes).toBe(false);
		quote(1);
		expect([orders.ids, orders.hasUnlistedQuotes]).toEqual([[], true]);
		cancel(2, "instrument");
		expect(orders.hasUnlistedQuotes).toBe(true);
		cancel(3, "all");
		expect(orders.hasUnlistedQuotes).toBe(false);
		// A cancel does not end a quote that was sent after the cancel.
		orders.onSent(4, "private/cancel_quotes", { cancel_type: "all" });
		quote(5);
		orders.onReply(4, { result: 0 }, "private/cancel_quotes");
		expect(orders.hasUnlistedQuotes).toBe(true);
	});

	it.each<[string, object, string[] | "all"]>([
		["cancel_all_by_instrument", { instrument_name: "BTC-PERPETUAL" }, ["eth", "labelled", "quote"]],
		["cancel_all_by_instrument", { instrument_name: "BTC-PERPETUAL", type: "limit" }, "all"],
		["cancel_all_by_currency", { currency: "BTC" }, ["eth", "quote"]],
		["cancel_all_by_currency", { currency: "BTC", kind: "option" }, "all"],
		["cancel_all_by_kind_or_type", { currency: "any" }, []],
		["cancel_by_label", { label: "grid" }, ["btc", "eth", "quote"]],
		["cancel_by_label", { label: "grid", currency: "ETH" }, "all"],
		["cancel_quotes", { cancel_type: "all" }, ["btc", "eth", "labelled"]],
		["cancel_quotes", { cancel_type: "delta" }, "all"],
		["cancel_all_by_something_new", {}, "all"],
	])("PlacedOrders keeps every order that may still be open after %s %j", (name, params, left) => {
		const orders = new PlacedOrders();
		const add = (order_id: string, instrument_name: string, label?: string, method = "private/buy"): void => {
			const order = { order_id, order_state: "open", instrument_name, ...(label && { label }) };
			orders.onReply(0, { result: { order, orders: [] } }, method);
		};
		add("btc", "BTC-PERPETUAL");
		add("eth", "ETH-PERPETUAL");
		add("labelled", "BTC-27DEC26", "grid");
		add("quote", "ETH-PERPETUAL", undefined, "private/mass_quote");
		const all = orders.ids;
		orders.onSent(1, `private/${name}`, params);
		add("later", "BTC-PERPETUAL", "grid");
		expect(orders.ids).toEqual([...all, "later"]);
		orders.onReply(1, { result: 1 }, `private/${name}`);
		expect(orders.ids).toEqual([...(left === "all" ? all : left), "later"]);
		// A cancel that the venue refused ends no order.
		orders.onSent(2, "private/cancel_all", {});
		orders.onReply(2, { error: { code: 10028 } }, "private/cancel_all");
		expect(orders.ids).toContain("later");
	});

	it("PlacedOrders removes an order when a pushed trade says that the order is filled", () => {
		const orders = new PlacedOrders();
		for (const id of ["a", "b", "c"]) orders.onReply(0, placed(id), "private/buy");
		const trade = (order_id: string, state: string) => ({ order_id, state, trade_id: "1" });
		orders.onNotification({ channel: "user.trades.any.any.raw", data: [trade("a", "filled"), trade("b", "open")] });
		orders.onNotification({
			channel: "user.changes.any.any.raw",
			data: { orders: [], positions: [], trades: [trade("c", "filled")] },
		});
		expect(orders.ids).toEqual(["b"]);
		orders.onNotification({ channel: "user.trades.any.any.raw", data: [trade("a", "open")] });
		expect(orders.ids).toEqual(["b"]);
	});

	it("PlacedOrders ignores orders of other connections, error replies and malformed replies", () => {
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

	it("PlacedOrders drops the oldest order when there are more than 10 000", () => {
		const orders = new PlacedOrders();
		for (let count = 1; count <= 10_001; count += 1) orders.onReply(0, placed(`${count}`), "private/buy");
		expect(orders.ids).toHaveLength(10_000);
		expect(orders.ids[0]).toBe("2");
	});

	it("PlacedOrders lists only those orders of a mass quote that are open", () => {
		const orders = new PlacedOrders();
		const quoted = [placed("q1"), placed("q2", "cancelled"), placed("q3")].map(({ result }) => result.order);
		orders.onReply(0, { result: { orders: quoted, errors: [], trades: [] } }, "private/mass_quote");
		expect(orders.ids).toEqual(["q1", "q3"]);
	});

	it("PlacedOrders counts an order call as unanswered until a reply or an error arrives, even after the deadline of the call", async () => {
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

	it("PlacedOrders.unanswered excludes an order call that could not be sent", async () => {
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

	it("PlacedOrders keeps the orders of a connection after the connection has ended", async () => {
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
