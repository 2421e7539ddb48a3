import type { BybitProduct } from "../dcp/product.ts";
import { BybitError } from "../errors.ts";
import type { components } from "../generated/schema.ts";
import { onlyNames } from "../option-checks.ts";

/** How the venue's order calls divide the products. */
export type BybitCategory = components["schemas"]["Category"];

/** One list of orders at the venue, and which of its pages. */
export interface BybitOrdersQuery {
	/** Which list. An order stands in one of them. */
	readonly category: BybitCategory;
	/** Required by the venue for open orders of `linear`, such as `USDT`; not taken for `spot`. */
	readonly settleCoin?: string;
	/** `nextCursor` of the page before. */
	readonly cursor?: string;
}

/** An order, as far as reconciling needs it. */
export interface BybitOrder {
	/** The venue's own name of the order. */
	readonly orderId: string;
	/** The caller's own name of the order; empty when none was given. */
	readonly orderLinkId: string;
	/** Such as `BTCUSDT`. */
	readonly symbol: string;
	/** The venue's word, such as `New`, `Cancelled` or `PartiallyFilledCanceled`. */
	readonly status: string;
	/** The venue's word for what cancelled it; empty when it says none. */
	readonly cancelType: string;
	/** Disconnection Protect cancelled it. */
	readonly cancelledByDcp: boolean;
	/** The venue's clock in epoch milliseconds; undefined where it does not say. */
	readonly createdAt: number | undefined;
	/** The last change: of a cancelled order, when it was cancelled. */
	readonly updatedAt: number | undefined;
}

/** One page of a list of orders, of 50 at the most. */
export interface BybitOrdersPage {
	/** Newest first by creation. */
	readonly orders: readonly BybitOrder[];
	/** For the next page; undefined on the last. */
	readonly nextCursor: string | undefined;
}

/** Entries of a page: the most that the venue gives. */
export const ordersPerPage = 50;

const lists: Readonly<Record<BybitProduct, readonly BybitOrdersQuery[]>> = /* @__PURE__ */ Object.freeze({
	DERIVATIVES: /* @__PURE__ */ Object.freeze<BybitOrdersQuery[]>([
		{ category: "linear", settleCoin: "USDT" },
		{ category: "linear", settleCoin: "USDC" },
		{ category: "inverse" },
	]),
	SPOT: /* @__PURE__ */ Object.freeze<BybitOrdersQuery[]>([{ category: "spot" }]),
	OPTIONS: /* @__PURE__ */ Object.freeze<BybitOrdersQuery[]>([{ category: "option" }]),
});

/** The lists that together hold a product's open orders: Disconnection Protect and the order calls divide them differently. */
export function bybitOpenOrderListsOf(product: BybitProduct): readonly BybitOrdersQuery[] {
	return lists[product];
}

/** The lists that together hold a product's ended orders: there a category needs no coin. */
export function bybitHistoryListsOf(product: BybitProduct): readonly BybitOrdersQuery[] {
	return [...new Set(lists[product].map(({ category }) => category))].map((category) => ({ category }));
}

const categories: readonly string[] = ["linear", "inverse", "spot", "option"] satisfies BybitCategory[];

/**
 * The query of a list, as it is sent.
 *
 * @throws BybitError of kind `options`; nothing has been sent then.
 */
export function ordersQuery(call: string, query: BybitOrdersQuery) {
	onlyNames(query, ["category", "settleCoin", "cursor"], `${call}: `);
	const { category, settleCoin, cursor } = query;
	if (!categories.includes(category)) {
		throw new BybitError("options", `${call}: category must be one of ${categories.join(", ")}; nothing was sent.`);
	}
	for (const [name, value] of Object.entries({ settleCoin, cursor })) {
		// Half a sign (a lone surrogate) has no bytes that could be signed.
		if (value === undefined || (typeof value === "string" && value !== "" && !/\p{Surrogate}/u.test(value))) continue;
		throw new BybitError("options", `${call}: ${name} must be a text or left out; nothing was sent.`);
	}
	return {
		category,
		limit: ordersPerPage,
		...(settleCoin === undefined ? {} : { settleCoin }),
		...(cursor === undefined ? {} : { cursor }),
	};
}

/** What a page says; or the problem with it, when it cannot be what was asked for. */
export function readOrders(
	result: components["schemas"]["OrdersPage"] | undefined,
	category: BybitCategory,
): BybitOrdersPage | { readonly problem: string } {
	// Success without a list is not "no orders": an order that still works must not be reported as gone.
	if (!result?.list) return { problem: "result.list is missing" };
	if (result.category !== undefined && result.category !== category) {
		return { problem: "the list is of another category than asked for" };
	}
	return { orders: result.list.map(readOrder), nextCursor: result.nextPageCursor || undefined };
}

function readOrder(order: components["schemas"]["Order"]): BybitOrder {
	const { orderId, orderLinkId = "", symbol, orderStatus, cancelType = "" } = order;
	return {
		orderId,
		orderLinkId,
		symbol,
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
