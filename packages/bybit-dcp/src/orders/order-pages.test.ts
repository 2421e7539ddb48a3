import { BybitVenue, type BybitVenueOptions, Link, memoryFetch } from "@x/venue-sims";
import { afterEach, describe, expect, expectTypeOf, it } from "vitest";
import { bybitProducts } from "../dcp/protected-product.ts";
import { isBybitError } from "../errors.ts";
import { createBybitHttp } from "../http/http-client.ts";
import { optionFailure } from "../testing/start-client.ts";
import { type BybitOrder, type BybitOrdersQuery, bybitHistoryListsOf, bybitOpenOrderListsOf } from "./order-pages.ts";

const key = { apiKey: "test_api_key", apiSecret: "test_secret" };
const closers: (() => void)[] = [];

function start(options: BybitVenueOptions = {}) {
	const venue = new BybitVenue({ ...key, ...options });
	const link = new Link(venue);
	closers.push(() => link.close());
	const place = (product: string, instrument?: string) => venue.faults["place"]?.({ product, instrument });
	return { venue, place, http: createBybitHttp({ ...key, fetch: memoryFetch(link) }) };
}

function answered(body: string) {
	return createBybitHttp({ ...key, fetch: async () => new Response(body) });
}

const kindOf = (call: Promise<unknown>): Promise<string> =>
	call.then(
		() => "none",
		(error: unknown) => (isBybitError(error) ? error.kind : String(error)),
	);

afterEach(() => {
	for (const close of closers.splice(0)) close();
});

describe("BybitHttp.openOrders", () => {
	it("openOrders() returns all orders of a product when it is called with the queries of bybitOpenOrderListsOf", async () => {
		const { http, place, venue } = start();
		for (const instrument of ["BTCUSDT", "BTCPERP", "BTCUSD"]) place("DERIVATIVES", instrument);
		place("SPOT");
		place("OPTIONS");
		const found: Record<string, string[]> = {};
		for (const product of bybitProducts) {
			const pages = await Promise.all(bybitOpenOrderListsOf(product).map((query) => http.openOrders(query)));
			found[product] = pages.flatMap(({ orders }) => orders.map(({ symbol }) => symbol));
		}
		expect(found).toEqual({
			DERIVATIVES: ["BTCUSDT", "BTCPERP", "BTCUSD"],
			SPOT: ["BTCUSDT"],
			OPTIONS: ["BTC-27DEC30-100000-C"],
		});
		expect(venue.received[0]).toMatchObject({
			method: "GET",
			query: "category=linear&limit=50&settleCoin=USDT",
			body: "",
			contentType: null,
		});
	});

	it("openOrders() sends the cursor of the previous page unchanged", async () => {
		const { http, place, venue } = start();
		for (let placed = 0; placed < 51; placed += 1) place("SPOT");
		const first = await http.openOrders({ category: "spot" });
		expect([first.orders.length, first.nextCursor]).toEqual([50, "page_token%3D50%26"]);
		const second = await http.openOrders({ category: "spot", cursor: first.nextCursor ?? "" });
		expect([second.orders.length, second.nextCursor]).toEqual([1, undefined]);
		expect(venue.received.at(-1)).toMatchObject({ query: "category=spot&limit=50&cursor=page_token%253D50%2526" });
	});

	it("openOrders() fails with kind `parameter` for the category linear without a settleCoin", async () => {
		expect(await kindOf(start().http.openOrders({ category: "linear" }))).toBe("parameter");
	});
});

describe("BybitHttp.orderHistory", () => {
	it("orderHistory() returns cancelledByDcp true only for orders that Disconnection Protect cancelled", async () => {
		const reply = {
			retCode: 0,
			result: {
				category: "linear",
				nextPageCursor: null,
				list: [
					{
						orderId: "1",
						symbol: "BTCUSDT",
						orderStatus: "Cancelled",
						cancelType: "CancelByDCP",
						updatedTime: "1794182400123",
						price: "1",
					},
					{
						orderId: "2",
						symbol: "BTCUSDT",
						orderStatus: "PartiallyFilledCanceled",
						cancelType: "CancelByUser",
						orderLinkId: "mine",
					},
					{ orderId: "4", symbol: "B", orderStatus: "PartiallyFilledCanceled", cancelType: "CancelByDCP" },
					// This order was cancelled by market maker protection, which is another feature.
					{ orderId: "5", symbol: "B", orderStatus: "Cancelled", cancelType: "CancelByMmpTriggered" },
					{ orderId: "3", symbol: "BTCUSDT", orderStatus: "Filled", createdTime: "", updatedTime: "soon" },
				],
			},
		};
		const { orders, nextCursor } = await answered(JSON.stringify(reply)).orderHistory({ category: "linear" });
		expect(orders.map(({ cancelledByDcp }) => cancelledByDcp)).toEqual([true, false, true, false, false]);
		expect(orders[0]).toEqual({
			orderId: "1",
			orderLinkId: "",
			symbol: "BTCUSDT",
			side: "",
			price: "1",
			qty: "",
			leavesQty: "",
			filledQty: "",
			status: "Cancelled",
			cancelType: "CancelByDCP",
			cancelledByDcp: true,
			createdAt: undefined,
			updatedAt: 1_794_182_400_123,
		});
		expect([orders[1]?.orderLinkId, orders[4]?.cancelType, orders[4]?.updatedAt, nextCursor]).toEqual([
			"mine",
			"",
			undefined,
			undefined,
		]);
	});

	it("bybitHistoryListsOf() returns one query for each list of the order history of a product, without a settleCoin", () => {
		expect(bybitHistoryListsOf("DERIVATIVES")).toEqual([{ category: "linear" }, { category: "inverse" }]);
		expect(bybitHistoryListsOf("SPOT")).toEqual([{ category: "spot" }]);
		expect(bybitHistoryListsOf("OPTIONS")).toEqual([{ category: "option" }]);
	});
});

describe("a page of orders", () => {
	it.each([
		"{}",
		'{"list":null}',
		'{"list":{}}',
		'{"category":"spot","list":[]}',
		'{"list":[{"orderId":1,"symbol":"A","orderStatus":"New"}]}',
		'{"list":[{"symbol":"A","orderStatus":"New"}]}',
		'{"list":[{"orderId":"1","symbol":"A","orderStatus":"New","cancelType":7}]}',
		'{"list":[null]}',
	])("a call for a page of orders fails with kind `reply` when the result is %s", async (result) => {
		expect(await kindOf(answered(`{"retCode":0,"result":${result}}`).openOrders({ category: "linear" }))).toBe("reply");
	});
});

it("a query for orders is refused when its cursor contains a lone surrogate", async () => {
	const error = await optionFailure(start().http.openOrders({ category: "spot", cursor: "a\ud800" }));
	expect([error.option, error.message]).toEqual(["query.cursor", expect.stringMatching(/without lone surrogates/)]);
});

it("a query for orders is refused and not sent when one of its members has a wrong value or is missing", async () => {
	const { http, venue } = start();
	for (const query of [
		{ category: "future" },
		{},
		{ category: "spot", cursor: "" },
		{ category: "spot", settleCoin: 1 },
	]) {
		expect((await optionFailure(http.openOrders(query as BybitOrdersQuery))).option).toMatch(/^query/);
		expect((await optionFailure(http.orderHistory(query as BybitOrdersQuery))).option).toMatch(/^query/);
	}
	expect(venue.received).toEqual([]);
});

it("the types of orders make an unknown category a compile error, and mark members that may be missing", () => {
	const { http } = start();
	// @ts-expect-error a product is not a category
	void (() => http.openOrders({ category: "DERIVATIVES" }));
	expectTypeOf<BybitOrder["updatedAt"]>().toEqualTypeOf<number | undefined>();
});
