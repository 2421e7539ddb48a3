import { object, oneOf, optional, rule } from "@x/base/option-schema";
import type { BybitProduct } from "../dcp/product.ts";
import type { components } from "../generated/schema.ts";
import { checkArgument } from "../options.ts";

/** Selects one page of a list of orders. */
export interface BybitOrdersQuery {
	/** A group of orders in the venue's order calls, which are not grouped by product. Each order has one category. */
	readonly category: "linear" | "inverse" | "spot" | "option";
	/** Such as `USDT`. The venue requires it for open orders of `linear` and ignores it for `spot`. */
	readonly settleCoin?: string;
	/** `nextCursor` of the previous page. */
	readonly cursor?: string;
}

/** The part of an order that is needed to reconcile it, and to place it again. Decimals are texts, as the venue sends them. */
export interface BybitOrder {
	/** The venue's ID of the order. */
	readonly orderId: string;
	/** The caller's ID of the order; empty when none was given. */
	readonly orderLinkId: string;
	/** Such as `BTCUSDT`. */
	readonly symbol: string;
	/** `Buy` or `Sell`; empty if the venue does not say, as are the texts below. */
	readonly side: string;
	/** The limit price. */
	readonly price: string;
	/** The quantity of the whole order. */
	readonly qty: string;
	/** What is left to be filled; 0 or empty once the order has ended. */
	readonly leavesQty: string;
	/** What was filled. */
	readonly filledQty: string;
	/** The venue's status, such as `New`, `Cancelled` or `PartiallyFilledCanceled`. */
	readonly status: string;
	/** What cancelled it, by the venue; may be empty. */
	readonly cancelType: string;
	/** Whether Disconnection Protect cancelled it. */
	readonly cancelledByDcp: boolean;
	/** Epoch milliseconds; undefined if the venue does not say. */
	readonly createdAt: number | undefined;
	/** When it last changed, such as when it was cancelled. Epoch milliseconds. */
	readonly updatedAt: number | undefined;
}

/** One page of a list of orders: 50 at most. */
export interface BybitOrdersPage {
	/** Newest first by creation. */
	readonly orders: readonly BybitOrder[];
	/** The `cursor` of the next page; undefined on the last page. */
	readonly nextCursor: string | undefined;
}

/** The venue's maximum. */
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

/** The queries that together list a product's ended orders. Here `linear` needs no coin. */
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
 * The query of a list as it is sent.
 *
 * @throws OptionError.
 * @internal
 */
export function ordersQuery(query: BybitOrdersQuery) {
	// A lone surrogate has no UTF-8 form, so it cannot be signed.
	const text = rule<string>(
		"a non-empty string without lone surrogates",
		(value) => typeof value === "string" && value !== "" && !/\p{Surrogate}/u.test(value),
	);
	const rules = { category: oneOf(...categories), settleCoin: optional(text), cursor: optional(text) };
	// Copied before it is checked, so that a getter cannot change what is sent.
	const { category, settleCoin, cursor } = checkArgument("query", object<BybitOrdersQuery>(rules), { ...query });
	return {
		category,
		limit: ordersPerPage,
		...(settleCoin === undefined ? {} : { settleCoin }),
		...(cursor === undefined ? {} : { cursor }),
	};
}

/**
 * Reads a page, or says what is wrong with it.
 *
 * @internal
 */
export function readOrders(
	result: components["schemas"]["OrdersPage"] | undefined,
	category: BybitOrdersQuery["category"],
): BybitOrdersPage | { readonly problem: string } {
	// A missing list is not an empty one: a working order must not be reported as gone.
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
