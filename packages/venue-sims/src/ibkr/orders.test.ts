import { beforeEach, describe, expect, it, vi } from "vitest";
import type { IbkrVenueOptions } from "./options.ts";
import { Harness, useFakeClock } from "./testing/harness.ts";

let harness: Harness;

function start(options: IbkrVenueOptions = {}): void {
	harness = new Harness(options);
}

useFakeClock();

type Json = Record<string, unknown>;
const account = "/iserver/account/DU0000001";
const limit = { conid: 265598, ticker: "AAPL", orderType: "LMT", side: "BUY", quantity: 10, price: 100, tif: "DAY" };

async function ask(method: string, path: string, body?: object): Promise<{ status: number; body: unknown }> {
	const { status, text } = await harness.ask(method, path, { body: body ? JSON.stringify(body) : "" });
	return { status, body: /^[[{]/.test(text) ? (JSON.parse(text) as unknown) : text };
}
const place = (changed: Json = {}) => ask("POST", `${account}/orders`, { orders: [{ ...limit, ...changed }] });
const orders = async () => (await ask("GET", "/iserver/account/orders")).body as { orders: Json[]; snapshot: boolean };

describe("orders at the simulated IBKR", () => {
	it("an order at IbkrVenue requires a live brokerage session and an earlier call of /iserver/accounts", async () => {
		start({ start: "login" });
		expect(await place()).toEqual({ status: 401, body: "not authenticated" });
		await harness.init(false);
		await vi.advanceTimersByTimeAsync(2_000);
		expect((await place()).body).toEqual({ error: "Bad Request: Please query /accounts first", statusCode: 400 });
		await ask("GET", "/iserver/accounts");
		expect((await place()).body).toMatchObject([{ order_status: "Submitted" }]);
		expect((await orders()).orders).toMatchObject([{ ticker: "AAPL", status: "Submitted" }]);
	});

	it.each(["idle", "compete", "expireSso", "reset"] as const)(
		"an open order at IbkrVenue stays open after the fault %s has ended the session",
		async (fault) => {
			start();
			harness.trigger("place", { instrument: "MSFT" });
			harness.trigger(fault);
			await vi.advanceTimersByTimeAsync(86_400_000);
			expect(harness.link.orders()).toMatchObject([{ instrument: "MSFT", state: "open" }]);
			expect(harness.venue.truth().openOrders).toBe(1);
		},
	);
});

describe("orders in a live session of the simulated IBKR", () => {
	beforeEach(async () => {
		start();
		await ask("GET", "/iserver/accounts");
	});

	it("an order placed at IbkrVenue is listed with the values of the call", async () => {
		const placed = await place({ cOID: "mine-1" });
		expect(placed.body).toEqual([{ order_id: "1000000001", order_status: "Submitted", encrypt_message: "1" }]);
		const { orders: list, snapshot } = await orders();
		expect(snapshot).toBe(true);
		expect(list).toMatchObject([
			{
				acct: "DU0000001",
				conid: 265598,
				orderId: 1_000_000_001,
				sizeAndFills: "0/10",
				orderDesc: "Buy 10 AAPL Limit 100.00, Day",
				remainingQuantity: 10,
				status: "Submitted",
				order_ref: "mine-1",
				price: "100.00",
				side: "BUY",
			},
		]);
		expect(harness.link.orders()).toMatchObject([{ side: "BUY", quantity: 10, price: 100, cOID: "mine-1" }]);
	});

	it("an order at IbkrVenue can be changed and cancelled by its id, and an unknown id is refused", async () => {
		await place();
		const changed = await ask("POST", `${account}/order/1000000001`, { ...limit, quantity: 7, price: 101 });
		expect(changed.body).toMatchObject([{ order_id: "1000000001", order_status: "Submitted" }]);
		expect((await orders()).orders).toMatchObject([{ totalSize: 7, price: "101.00" }]);
		const cancelled = await ask("DELETE", `${account}/order/1000000001`);
		expect(cancelled.body).toEqual({ msg: "Request was submitted", order_id: 1_000_000_001, conid: -1, account: null });
		expect((await orders()).orders).toMatchObject([{ status: "Cancelled", order_ccp_status: "Cancelled" }]);
		expect(harness.link.orders()).toMatchObject([{ state: "cancelled", cancelReason: "Cancelled by user" }]);
		expect((await ask("DELETE", `${account}/order/1000000001`)).status).toBe(400);
		expect((await ask("POST", `${account}/order/5`, limit)).status).toBe(400);
	});

	it("/iserver/account/order/status returns the status of an order, and replies 503 to an unknown order id", async () => {
		await place();
		expect((await ask("GET", "/iserver/account/order/status/1000000001")).body).toMatchObject({
			order_id: 1_000_000_001,
			order_status: "Submitted",
			total_size: "10.0",
			cum_fill: "0.0",
		});
		expect(await ask("GET", "/iserver/account/order/status/9")).toEqual({
			status: 503,
			body: { error: "Order 9 is not found", statusCode: 503 },
		});
	});

	it("/iserver/account/trades lists the trades of a market order and of the fault fill, with the recorded members", async () => {
		await place({ orderType: "MKT", price: undefined, cOID: "market" });
		await place({ side: "SELL", cOID: "rests" });
		harness.trigger("fill", { orderId: "1000000002" });
		const trades = (await ask("GET", "/iserver/account/trades")).body as Json[];
		expect(trades).toMatchObject([
			{ symbol: "AAPL", side: "B", size: 10, order_id: 1_000_000_001, order_ref: "market" },
			{ side: "S", size: 10, price: "100", order_id: 1_000_000_002, order_description: "Sold 10 @ 100 on NASDAQ" },
		]);
		expect(Object.keys(trades[0] ?? {}).slice(0, 9)).toEqual(
			"execution_id symbol supports_tax_opt side order_description trade_time trade_time_r size price".split(" "),
		);
		expect((await orders()).orders).toMatchObject([{ status: "Filled" }, { status: "Filled", sizeAndFills: "10" }]);
	});

	it.each(["fill", "cancel"] as const)(
		"fault %s of IbkrVenue throws if orderId is not the id of an open order",
		(fault) => {
			const problem = `fault ${fault}: argument orderId must be the id of an open order`;
			expect(() => harness.trigger(fault)).toThrow(`${problem}, got undefined.`);
			expect(() => harness.trigger(fault, { orderId: "1000000002" })).toThrow(`${problem}, got "1000000002".`);
		},
	);

	it("an order call to IbkrVenue with a malformed order or an unknown account is refused with 400", async () => {
		for (const changed of [{ side: "HOLD" }, { quantity: 0 }, { price: undefined }, { orderType: "???" }]) {
			expect((await place(changed)).status).toBe(400);
		}
		expect((await ask("POST", `${account}/orders`, { orders: [] })).status).toBe(400);
		expect((await ask("POST", "/iserver/account/U7/orders", { orders: [limit] })).status).toBe(400);
	});
});

describe("order questions of the simulated IBKR", () => {
	beforeEach(async () => {
		start({ orderQuestions: ["o163", "o354"], loadMs: 0 });
		await ask("GET", "/iserver/accounts");
	});

	const reply = (id: unknown, confirmed: boolean) => ask("POST", `/iserver/reply/${String(id)}`, { confirmed });

	it("order questions of IbkrVenue are asked one after the other; the order is placed after the last question is confirmed", async () => {
		const first = (await place()).body as [Json];
		expect(first).toMatchObject([{ isSuppressed: false, messageIds: ["o163"], messageOptions: ["Yes", "No"] }]);
		expect(Object.keys(first[0])).toEqual(["id", "message", "isSuppressed", "messageIds", "messageOptions"]);
		const second = (await reply(first[0]["id"], true)).body as [Json];
		expect(second).toMatchObject([{ messageIds: ["o354"] }]);
		expect(harness.link.orders()).toEqual([]);
		expect((await reply(second[0]["id"], true)).body).toMatchObject([{ order_id: "1000000001" }]);
		expect((await reply(second[0]["id"], true)).status).toBe(400);
	});

	it("order questions of IbkrVenue are asked once for all orders of a call, which are placed after the last question is confirmed", async () => {
		const orders = [limit, { ...limit, ticker: "MSFT" }];
		const [first] = (await ask("POST", `${account}/orders`, { orders })).body as [Json];
		const [second] = (await reply(first["id"], true)).body as [Json];
		const placed = (await reply(second["id"], true)).body;
		expect(placed).toMatchObject([{ order_id: "1000000001" }, { order_id: "1000000002" }]);
		expect(harness.link.orders()).toMatchObject([{ instrument: "AAPL" }, { instrument: "MSFT" }]);
	});

	it("an order question of IbkrVenue that is declined discards the order", async () => {
		const [question] = (await place()).body as [Json];
		await reply(question["id"], false);
		expect(harness.link.orders()).toEqual([]);
	});

	it("IbkrVenue does not ask suppressed order questions; suppress/reset or the end of the brokerage session ends the suppression", async () => {
		const suppress = { messageIds: ["o163", "o354"] };
		expect((await ask("POST", "/iserver/questions/suppress", suppress)).body).toEqual({ status: "submitted" });
		expect((await place()).body).toMatchObject([{ order_status: "Submitted" }]);
		expect((await ask("POST", "/iserver/questions/suppress/reset")).body).toEqual({ status: "submitted" });
		expect((await place()).body).toMatchObject([{ messageIds: ["o163"] }]);
		await ask("POST", "/iserver/questions/suppress", suppress);
		harness.trigger("idle");
		await harness.init(false);
		await ask("GET", "/iserver/accounts");
		expect((await place()).body).toMatchObject([{ messageIds: ["o163"] }]);
	});
});

describe("the orders of a user at the simulated IBKR", () => {
	it("orders of a user are shared by all IbkrVenue clients of the user: the fault cancel at one client cancels an order of another client", async () => {
		start();
		const other = new Harness({ start: "login", loadMs: 0, user: harness.venue.user });
		harness.trigger("place", { cOID: "mine" });
		const [order] = other.venue.orders();
		expect(order).toMatchObject({ state: "open", cOID: "mine" });
		other.trigger("cancel", { orderId: order?.id });
		expect(harness.venue.orders()).toMatchObject([{ state: "cancelled", cancelReason: "Cancelled by user" }]);
	});
});
