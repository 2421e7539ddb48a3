import { object, oneOf, optional, rule } from "@x/base/option-schema";
import type { BybitProduct } from "../dcp/protected-product.ts";
import type { components } from "../generated/schema.ts";
import { checkArgument } from "../options.ts";

/** The query for one page of a list of orders. */
export interface BybitOrdersQuery {
	/** The category of the orders: the venue's order calls group orders by category, not by product. */
	readonly category: "linear" | "inverse" | "spot" | "option";
	/** The settle coin, such as `USDT`. The venue requires it for open orders of `linear` and ignores it for `spot`. */
	readonly settleCoin?: string;
	/** The `nextCursor` of the previous page. Absent for the first page. */
	readonly cursor?: string;
}

/** The members of an order that are needed to reconcile it or to place it again. Decimals are strings, as the venue sends them. */
export interface BybitOrder {
	/** The venue's ID of the order. */
	readonly orderId: string;
	/** The caller's ID of the order; empty when the caller gave none. */
	readonly orderLinkId: string;
	/** The symbol, such as `BTCUSDT`. */
	readonly symbol: string;
	/** `Buy` or `Sell`. This string, and each string below up to `cancelType`, is empty if the venue sends no value for it. */
	readonly side: string;
	/** The limit price. */
	readonly price: string;
	/** The quantity of the whole order. */
	readonly qty: string;
	/** The quantity that is not filled yet; 0 or empty once the order has ended. */
	readonly leavesQty: string;
	/** The quantity that was filled. */
	readonly filledQty: string;
	/** The venue's status, such as `New`, `Cancelled` or `PartiallyFilledCanceled`. */
	readonly status: string;
	/** What cancelled the order, according to the venue; may be empty. */
	readonly cancelType: string;
	/** Whether Disconnection Protect cancelled the order. */
	readonly cancelledByDcp: boolean;
	/** When the order was created, in epoch milliseconds; undefined if the venue does not say. */
	readonly createdAt: number | undefined;
	/** When the order last changed, such as by a cancel, in epoch milliseconds; undefined if the venue does not say. */
	readonly updatedAt: number | undefined;
}

/** One page of a list of orders, with at most 50 orders. */
export interface BybitOrdersPage {
	/** The orders of the page, sorted by their creation, newest first. */
	readonly orders: readonly BybitOrder[];
	/** The `cursor` of the next page; undefined on the last page. */
	readonly nextCursor: string | undefined;
}

/** The largest number of orders that the venue returns in one page. */
const ordersPerPage = 50;

const lists: Readonly<Record<BybitProduct, readonly BybitOrdersQuery[]>> = /* @__PURE__ */ Object.freeze({
	DERIVATIVES: /* @__PURE__ */ Object.freeze<BybitOrdersQuery[]>([
		{ category: "linear", settleCoin: "USDT" },
		{ category: "linear", settleCoin: "USDC" },
		{ category: "inverse" },
	]),
	SPOT: /* @__PURE__ */ Object.freeze<BybitOrdersQuery[]>([{ category: "spot" }]),
	OPTIONS: /* @__PURE__ */ Object.freeze<BybitOrdersQuery[]>([{ category: "option" }]),
});

/** The queries that together list a product's open orders. */
export function bybitOpenOrderListsOf(product: BybitProduct): readonly BybitOrdersQuery[] {
	return lists[product];
}

/**
 * The queries that together list a product's ended orders. Unlike a query for open orders, a query of the category `linear`
 * needs no `settleCoin` here.
 */
export function bybitHistoryListsOf(product: BybitProduct): readonly BybitOrdersQuery[] {
	return [...new Set(lists[product].map(({ category }) => category))].map((category) => ({ category }));
}

const categories = [
	"linear",
	"inverse",
	"spot",
	"option",
] as const satisfies readonly components["schemas"]["Category"][];

/**
 * Checks a query and returns the parameters that are sent.
 *
 * @throws OptionError.
 * @internal
 */
export function ordersQuery(query: BybitOrdersQuery) {
	// A text with a lone surrogate has no UTF-8 form, so it cannot be signed.
	const text = rule<string>(
		"a non-empty string without lone surrogates",
		(value) => typeof value === "string" && value !== "" && !/\p{Surrogate}/u.test(value),
	);
	const rules = { category: oneOf(...categories), settleCoin: optional(text), cursor: optional(text) };
	// The query is copied before it is checked, so that a getter cannot return other values after the check.
	const { category, settleCoin, cursor } = checkArgument("query", object<BybitOrdersQuery>(rules), { ...query });
	return {
		category,
		limit: ordersPerPage,
		...(settleCoin === undefined ? {} : { settleCoin }),
		...(cursor === undefined ? {} : { cursor }),
	};
}

/**
 * Converts a reply to a page of orders, or returns what is wrong with the reply.
 *
 * @internal
 */
export function readOrders(
	result: components["schemas"]["OrdersPage"] | undefined,
	category: BybitOrdersQuery["category"],
): BybitOrdersPage | { readonly problem: string } {
	// A missing list must not be read as an empty list, because then working orders would be reported as ended.
	if (!result?.list) return { problem: "result.list is missing" };
	if (result.category !== undefined && result.category !== category) {
		return { problem: "result.category differs from the category of the query" };
	}
	return { orders: result.list.map(readOrder), nextCursor: result.nextPageCursor || undefined };
}

function readOrder(order: components["schemas"]["Order"]): BybitOrder {
	const { orderId, orderLinkId = "", symbol, side = "", price = "", qty = "" } = order;
	const { orderStatus, cancelType = "", leavesQty = "", cumExecQty: filledQty = "" } = order;
	return {
		orderId,
		orderLinkId,
		symbol,
		side,
		price,
		qty,
		leavesQty,
		filledQty,
		status: orderStatus,
		cancelType,
		cancelledByDcp: cancelType === "CancelByDCP",
		createdAt: epochMs(order.createdTime),
		updatedAt: epochMs(order.updatedTime),
	};
}

function epochMs(text: string | undefined): number | undefined {
	return text !== undefined && /^\d{10,15}$/.test(text) ? Number(text) : undefined;
}
