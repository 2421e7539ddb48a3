import { isRecord } from "@x/base/objects";
import { type BybitProduct, bybitOpenOrderListsOf, bybitProducts, bybitUrlsOf, createBybitHttp } from "@x/bybit-dcp";
import type { BybitConfig } from "../config/config.ts";
import { members } from "../object-or-empty.ts";
import { accepted, bybitCalls, firstOf } from "./bybit-calls.ts";
import { DrillError, DrillRefused } from "./drill-error.ts";
import type { DrillVenue, OrderPlan, OrderSeen } from "./drill-venue-interface.ts";
import { isTestVenue } from "./is-test-venue.ts";
import { bestClock, inBand, roundTo, roundUpTo } from "./plan-order.ts";

const defaultSymbols: Readonly<Record<BybitProduct, string | undefined>> = {
	DERIVATIVES: "BTCUSDT",
	SPOT: "BTCUSDT",
	// There is no default symbol for options, because each option expires.
	OPTIONS: undefined,
};

/** The venue's codes for an order that does not exist or has ended. */
const notOpenCodes: readonly number[] = [110001, 170213];
/** At most this many pages of a list of open orders are read. */
const maxPages = 20;

/**
 * A drill at Bybit, over HTTP only: it never subscribes, because a second subscribed connection would keep Bybit's switch (Disconnection
 * Protect, DCP) from firing. The switch cancels all orders of the account, so it does not matter which connection placed them.
 */
export function bybitDrill({ client, products }: BybitConfig, product: BybitProduct = products[0]): DrillVenue {
	const { restUrl, wsUrl } = bybitUrlsOf(client);
	const { apiKey, apiSecret } = client;
	const http = createBybitHttp({ apiKey, apiSecret, restUrl });
	const calls = bybitCalls(client, restUrl, () => http.serverNow());

	const categoryOf = (symbol: string): string => {
		if (product === "SPOT") return "spot";
		if (product === "OPTIONS") return "option";
		return /(USDT|USDC|PERP)$/.test(symbol) ? "linear" : "inverse";
	};

	async function openOrders(signal: AbortSignal): Promise<number> {
		let count = 0;
		for (const query of bybitProducts.flatMap((each) => bybitOpenOrderListsOf(each))) {
			let cursor: string | undefined;
			for (let page = 0; page < maxPages; page += 1) {
				const { orders, nextCursor } = await http.openOrders({ ...query, ...(cursor && { cursor }) }, { signal });
				count += orders.length;
				cursor = nextCursor;
				if (cursor === undefined) break;
			}
		}
		return count;
	}

	/** Returns the first entry of a list of market data, which needs no API key. */
	async function market(path: string, symbol: string, signal: AbortSignal) {
		const reply = await calls.get(path, { category: categoryOf(symbol), symbol }, signal);
		const entry = firstOf(accepted(path, reply));
		if (!entry) throw new DrillRefused(`the venue does not know ${symbol} in ${product}`);
		return entry;
	}

	return {
		hosts: [...new Set([restUrl.host, wsUrl.host])],
		expectedReason: "CancelByDCP",
		// No time is added for the venue's own processing, because the session's stated exposure (the cancel window and one second) includes
		// it.
		venueTimeMs: 0,
		pollMs: 500,

		isTest: (signal) =>
			isTestVenue(
				[restUrl, wsUrl],
				["api-testnet.bybit.com", "stream-testnet.bybit.com"],
				{ url: new URL("/v5/market/time", restUrl).href },
				signal,
			),

		clock: (signal) =>
			bestClock(async () => {
				const askedAt = Date.now();
				const { epochMs, roundTripMs } = await http.serverTime({ signal });
				return { clockAheadMs: askedAt + roundTripMs / 2 - epochMs, roundTripMs };
			}),

		async account(signal) {
			await http.serverTime({ signal });
			const { userID } = accepted("/v5/user/query-api", await calls.get("/v5/user/query-api", {}, signal));
			return { names: userID === undefined ? [] : [String(userID)], openOrders: await openOrders(signal) };
		},

		async plan(given, signal): Promise<OrderPlan> {
			const symbol = given.instrument ?? defaultSymbols[product];
			if (symbol === undefined) throw new DrillRefused("choose an option contract: give --instrument and --price");
			const info = await market("/v5/market/instruments-info", symbol, signal);
			const lot = members(info["lotSizeFilter"]);
			const price = given.price ?? (await priceOf(info, symbol, signal));
			if (given.amount !== undefined) return { instrument: symbol, price, amount: given.amount };
			const least = numberOf(lot["minOrderQty"], "--amount");
			const step = numberOf(lot["qtyStep"] ?? lot["basePrecision"], "--amount");
			const value = Number(lot["minNotionalValue"] ?? lot["minOrderAmt"] ?? 0);
			// The size of an inverse contract is its value in US dollars.
			const forValue = categoryOf(symbol) === "inverse" ? value : value / Number(price);
			return { instrument: symbol, price, amount: roundUpTo(Math.max(least, forValue || 0), step) };
		},

		async place(plan, label, _guarded, signal) {
			const { instrument: symbol, price, amount: qty } = plan;
			const terms = { category: categoryOf(symbol), symbol, side: "Buy", orderType: "Limit", timeInForce: "PostOnly" };
			const reply = await calls.post("/v5/order/create", { ...terms, qty, price, orderLinkId: label }, signal);
			const { orderId } = accepted("/v5/order/create", reply);
			if (typeof orderId !== "string") throw new DrillError("the venue did not say which order it placed");
			return { ...plan, label, orderId };
		},

		async look({ instrument, orderId }, signal): Promise<OrderSeen> {
			const query = { category: categoryOf(instrument), orderId };
			// An order that has ended may be found in the history only.
			for (const path of ["/v5/order/realtime", "/v5/order/history"]) {
				const order = firstOf(accepted(path, await calls.get(path, query, signal)));
				if (order) return seenOf(order);
			}
			throw new DrillError("the venue shows the order neither as open nor in its history");
		},

		async cancelByLabel({ instrument: symbol }, label, signal) {
			const body = { category: categoryOf(symbol), symbol, orderLinkId: label };
			const reply = await calls.post("/v5/order/cancel", body, signal);
			if (notOpenCodes.includes(reply.retCode)) return 0;
			accepted("/v5/order/cancel", reply);
			return 1;
		},

		close: async () => undefined,
	};

	/**
	 * A price near the lower end of the band in which the venue accepts prices. @throws DrillRefused if the venue does not say how wide the
	 * band is.
	 */
	async function priceOf(
		info: Readonly<Record<string, unknown>>,
		symbol: string,
		signal: AbortSignal,
	): Promise<string> {
		const { priceFilter, riskParameters } = info;
		const band = numberOf(members(riskParameters)["priceLimitRatioY"], "--price");
		const last = numberOf((await market("/v5/market/tickers", symbol, signal))["lastPrice"], "--price");
		return roundTo(inBand(last * (1 - band), last), numberOf(members(priceFilter)["tickSize"], "--price"));
	}
}

function seenOf(order: Readonly<Record<string, unknown>>): OrderSeen {
	const text = (name: string): string => (typeof order[name] === "string" ? order[name] : "");
	const status = text("orderStatus");
	if (status === "Filled" || Number(text("cumExecQty")) > 0) return { state: "filled", amount: text("cumExecQty") };
	if (["New", "PartiallyFilled", "Untriggered", "Triggered"].includes(status)) return { state: "open" };
	const at = /^\d{13}$/.test(text("updatedTime")) ? Number(text("updatedTime")) : undefined;
	return { state: "cancelled", reason: text("cancelType") || status, at };
}

function numberOf(value: unknown, option: string): number {
	const number = Number(isRecord(value) ? Number.NaN : value);
	if (number > 0) return number;
	throw new DrillRefused(`the venue does not report what is needed to choose the order: give ${option}`);
}
