import type { components } from "../generated/bybit-dcp.ts";
import type { BybitAccount } from "./account.ts";
import type { OrderFilter } from "./account-orders.ts";
import { type Body, type Call, type Outcome, paramsError, readPage } from "./api-call.ts";
import { findInstrument, instruments, productOfCategory } from "./instruments.ts";
import { type BybitSimOrder, type OrderTerms, toWire } from "./order.ts";

type Schemas = components["schemas"];

/** The calls that place, change, cancel and list orders. */
export const orderCalls: Readonly<Record<string, Call>> = {
	"POST /v5/order/create": (account, body) => create(account, body),
	"POST /v5/order/amend": (account, body) => amend(account, body),
	"POST /v5/order/cancel": (account, body) => cancel(account, body),
	"POST /v5/order/cancel-all": (account, body) => cancelAll(account, body),
	"GET /v5/order/realtime": (account, _, query) => listOpen(account, query),
	"GET /v5/order/history": (account, _, query) => listEnded(account, query),
};

function create(account: BybitAccount, body: Body): Outcome {
	const instrument = findInstrument(body["category"], body["symbol"]);
	if (!instrument) return paramsError("category or symbol invalid");
	const terms = readTerms(body);
	if (typeof terms === "string") return paramsError(terms);
	if (instrument.category === "option" && terms.linkId === "") return paramsError("orderLinkId is required");
	if (account.book.hasLinkId(terms.linkId)) return duplicate(instrument.category);
	const order = account.place(productOfCategory[instrument.category], instrument, terms);
	return order ? ids(order) : { retCode: 10027, retMsg: "Transactions are banned." };
}

/** Reads the members of a new order from the body. Returns the error text if one of them is invalid. */
function readTerms(body: Body): OrderTerms | string {
	const { side, orderType, qty, price, orderLinkId, timeInForce, triggerPrice, triggerDirection } = body;
	if (side !== "Buy" && side !== "Sell") return "side invalid";
	if (orderType !== "Limit" && orderType !== "Market") return "orderType invalid";
	if (!isAmount(qty)) return "qty invalid";
	const isLimit = orderType === "Limit";
	if (isLimit && !isAmount(price)) return "price invalid";
	const linkId = readText(orderLinkId);
	if (!/^[\w-]{0,36}$/.test(linkId)) return "orderLinkId invalid";
	return {
		linkId,
		side,
		orderType,
		timeInForce: isLimit ? readText(timeInForce) || "GTC" : "IOC",
		qty,
		price: isAmount(price) ? price : "",
		triggerPrice: readText(triggerPrice),
		triggerDirection: typeof triggerDirection === "number" ? triggerDirection : 0,
		reduceOnly: body["reduceOnly"] === true,
	};
}

function amend(account: BybitAccount, body: Body): Outcome {
	const found = findOpen(account, body, "order not exists or too late to replace");
	if ("retCode" in found) return found;
	const changed: Partial<Pick<OrderTerms, "qty" | "price" | "triggerPrice">> = {};
	for (const name of ["qty", "price", "triggerPrice"] as const) {
		const value = body[name];
		if (value === undefined || value === null) continue;
		if (!isAmount(value)) return paramsError(`${name} invalid`);
		changed[name] = value;
	}
	account.amend(found.order, changed);
	return ids(found.order);
}

function cancel(account: BybitAccount, body: Body): Outcome {
	const found = findOpen(account, body, "order not exists or too late to cancel");
	if ("retCode" in found) return found;
	account.cancel([found.order]);
	return ids(found.order);
}

function cancelAll(account: BybitAccount, body: Body): Outcome {
	const { category } = body;
	if (!isCategory(category)) return paramsError("category invalid");
	const filter = firstOf(body, ["symbol", "baseCoin", "settleCoin"]);
	if (!filter && (category === "linear" || category === "inverse")) {
		return paramsError("symbol, baseCoin or settleCoin is required");
	}
	// Spot has no settlement coin, so the venue ignores the parameter `settleCoin` for spot orders.
	const applied = category === "spot" && filter && "settleCoin" in filter ? {} : filter;
	// Without `orderFilter`, `/v5/order/cancel-all` cancels all kinds of orders. Spot is the exception: there it cancels only orders that are
	// not conditional.
	const kind = readText(body["orderFilter"]) || (category === "spot" ? "Order" : "all");
	const isMeant = (order: BybitSimOrder): boolean =>
		order.state === "open" &&
		(kind === "all" || category === "option" || kind === (order.conditional ? "StopOrder" : "Order"));
	const orders = account.book.find({ category, ...applied }).filter(isMeant);
	account.cancel(orders);
	const list = orders.map(({ id, linkId }) => ({ orderId: id, orderLinkId: linkId }));
	return { result: { list, success: "1" }, retMsg: "OK" };
}

function listOpen(account: BybitAccount, query: URLSearchParams): Outcome {
	const filter = readFilter(query);
	if (!filter) return paramsError("category invalid");
	const { category, orderId, orderLinkId, symbol, baseCoin, settleCoin } = filter;
	const byId = orderId !== undefined || orderLinkId !== undefined;
	if (category === "linear" && !byId && !symbol && !baseCoin && !settleCoin) {
		return paramsError("Missing some parameters that must be filled in, symbol or settleCoin or baseCoin");
	}
	const wantsOpen = (query.get("openOnly") ?? "0") === "0";
	const orders = account.book.find(filter).filter(({ state }) => byId || (state === "open") === wantsOpen);
	return page(query, category, orders);
}

function listEnded(account: BybitAccount, query: URLSearchParams): Outcome {
	const filter = readFilter(query);
	if (!filter) return paramsError("category invalid");
	const orders = account.book.find(filter).filter(({ state }) => state !== "open");
	return page(query, filter.category, orders);
}

function page(query: URLSearchParams, category: string, orders: readonly BybitSimOrder[]): Outcome {
	const range = readPage(query, 50);
	if (typeof range === "string") return paramsError(range);
	const { from, to } = range;
	const list: Schemas["Order"][] = orders.slice(from, to).map(toWire);
	// The cursor contains percent signs, like the real venue's cursors, so that clients have to percent-encode it.
	const result = { list, nextPageCursor: to < orders.length ? `page_token%3D${to}%26` : "", category };
	return { result: result satisfies Schemas["OrdersPage"], retMsg: "OK" };
}

function readFilter(query: URLSearchParams): OrderFilter | undefined {
	const category = query.get("category");
	if (!isCategory(category)) return undefined;
	const text = (name: string): string | undefined => query.get(name) || undefined;
	return {
		category,
		orderId: text("orderId"),
		orderLinkId: text("orderLinkId"),
		symbol: text("symbol"),
		baseCoin: text("baseCoin"),
		settleCoin: category === "spot" ? undefined : text("settleCoin"),
	};
}

/** Finds the open order that a call names. If the call has both `orderId` and `orderLinkId`, `orderId` is used. */
function findOpen(
	account: BybitAccount,
	body: Body,
	retMsg: string,
): { order: BybitSimOrder } | { retCode: number; retMsg: string } {
	const { category, symbol } = body;
	if (!isCategory(category) || typeof symbol !== "string") return paramsError("category or symbol invalid");
	const id = firstOf(body, ["orderId", "orderLinkId"]);
	if (!id) return paramsError("orderId or orderLinkId is required");
	const order = account.book.find({ category, ...id }).find(({ state }) => state === "open");
	if (order && order.instrument === symbol) return { order };
	return category === "spot" ? { retCode: 170213, retMsg: "Order does not exist." } : { retCode: 110001, retMsg };
}

/** Returns an object with the first of the members `names` that is a non-empty string in the body; undefined if there is none. */
function firstOf(body: Body, names: readonly string[]): Record<string, string> | undefined {
	const name = names.find((each) => readText(body[each]) !== "");
	return name === undefined ? undefined : { [name]: readText(body[name]) };
}

function isCategory(value: unknown): value is string {
	return instruments.some(({ category }) => category === value);
}

function isAmount(value: unknown): value is string {
	return typeof value === "string" && /^\d+(\.\d+)?$/.test(value) && Number(value) > 0;
}

function readText(value: unknown): string {
	return typeof value === "string" ? value : "";
}

function duplicate(category: string): Outcome {
	if (category === "spot") return { retCode: 170141, retMsg: "Duplicate clientOrderId" };
	return { retCode: 110072, retMsg: "OrderLinkedID is duplicate" };
}

function ids({ id, linkId }: BybitSimOrder): Outcome {
	return { result: { orderId: id, orderLinkId: linkId }, retMsg: "OK" };
}
