import { defaultSymbol, type Instrument, instrumentOf } from "./instruments.ts";
import type { BybitSimProduct } from "./options.ts";
import { type BybitSimOrder, newOrder, type OrderTerms } from "./order.ts";

/**
 * Selects orders. Of `orderId`, `orderLinkId`, `symbol` and `baseCoin`, only the first one that a call contains is applied. `settleCoin` is
 * applied in addition to `symbol` or `baseCoin`.
 */
export interface OrderFilter {
	readonly category: string;
	readonly orderId?: string | undefined;
	readonly orderLinkId?: string | undefined;
	readonly symbol?: string | undefined;
	readonly baseCoin?: string | undefined;
	readonly settleCoin?: string | undefined;
}

/** The orders of an account. */
export class Book {
	readonly #orders: BybitSimOrder[] = [];
	readonly #idPrefix: string;

	constructor(idPrefix: string) {
		this.#idPrefix = idPrefix;
	}

	get orders(): readonly BybitSimOrder[] {
		return this.#orders;
	}

	place(product: BybitSimProduct, instrument: Instrument, terms: OrderTerms): BybitSimOrder {
		const id = `${this.#idPrefix}-${String(this.#orders.length + 1).padStart(6, "0")}`;
		const order = newOrder(id, product, instrument, terms);
		this.#orders.push(order);
		return order;
	}

	/** Places an order that rests in the book, with default values for all members that a test does not pass in `changed`. */
	placeResting(
		product: BybitSimProduct,
		changed: Partial<OrderTerms> & { symbol?: string | undefined },
	): BybitSimOrder {
		const { symbol = defaultSymbol[product], ...terms } = changed;
		const instrument = instrumentOf(product, symbol);
		return this.place(product, instrument, {
			linkId: "",
			side: "Buy",
			orderType: "Limit",
			timeInForce: "GTC",
			qty: instrument.smallQty,
			price: String(instrument.lastPrice / 2),
			triggerPrice: "",
			triggerDirection: 0,
			reduceOnly: false,
			...terms,
		});
	}

	/** Cancels an open order, and stores `cancelReason` and `rejectReason` in the order. */
	cancel(order: BybitSimOrder, cancelReason: string, rejectReason: string): void {
		order.state = "cancelled";
		order.cancelReason = cancelReason;
		order.rejectReason = rejectReason;
		order.cancelledAt = Date.now();
		order.updatedAt = order.cancelledAt;
	}

	hasLinkId(linkId: string): boolean {
		return linkId !== "" && this.#orders.some((order) => order.linkId === linkId);
	}

	/** The orders that match a filter, newest first. */
	find({ category, orderId, orderLinkId, symbol, baseCoin, settleCoin }: OrderFilter): BybitSimOrder[] {
		const isMeant = (order: BybitSimOrder): boolean => {
			if (order.category !== category) return false;
			if (orderId !== undefined) return order.id === orderId;
			if (orderLinkId !== undefined) return order.linkId === orderLinkId;
			const instrument = instrumentOf(order.product, order.instrument);
			if (settleCoin !== undefined && instrument.settleCoin !== settleCoin) return false;
			if (symbol !== undefined) return order.instrument === symbol;
			return baseCoin === undefined || instrument.baseCoin === baseCoin;
		};
		return this.#orders.filter(isMeant).reverse();
	}

	/** The open orders of a product. */
	openOf(product: BybitSimProduct): BybitSimOrder[] {
		return this.#orders.filter((order) => order.product === product && order.state === "open");
	}
}
