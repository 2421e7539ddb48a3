import type { components } from "../generated/bybit-dcp.ts";
import type { SimOrder } from "../venue.ts";
import type { BybitSimProduct } from "./options.ts";

/** An order on the wire. */
export type WireOrder = components["schemas"]["Order"];

const productOfCategory: Readonly<Record<string, BybitSimProduct>> = {
	linear: "DERIVATIVES",
	inverse: "DERIVATIVES",
	spot: "SPOT",
	option: "OPTIONS",
};

const instrumentOf: Readonly<Record<BybitSimProduct, string>> = {
	DERIVATIVES: "BTCUSDT",
	SPOT: "BTCUSDT",
	OPTIONS: "BTC-27DEC30-100000-C",
};

/** The product of a wire category. */
export function productOf(category: unknown): BybitSimProduct | undefined {
	return typeof category === "string" ? productOfCategory[category] : undefined;
}

/** The category and settle coin under which the order calls list an order. */
export function categoryOf({ product, instrument }: SimOrder): { category: string; settleCoin: string } {
	if (product === "SPOT") return { category: "spot", settleCoin: "" };
	if (product === "OPTIONS") return { category: "option", settleCoin: instrument.endsWith("-USDT") ? "USDT" : "USDC" };
	if (instrument.endsWith("USDT")) return { category: "linear", settleCoin: "USDT" };
	if (instrument.endsWith("PERP") || instrument.endsWith("USDC")) return { category: "linear", settleCoin: "USDC" };
	return { category: "inverse", settleCoin: instrument.replace(/USD.*$/, "") };
}

/** The orders of an account. */
export class Book {
	readonly #orders: SimOrder[] = [];
	readonly #idPrefix: string;
	#last = 0;

	constructor(idPrefix: string) {
		this.#idPrefix = idPrefix;
	}

	get orders(): readonly SimOrder[] {
		return this.#orders;
	}

	place(product: BybitSimProduct, instrument = instrumentOf[product], conditional = false): SimOrder {
		this.#last += 1;
		const order: SimOrder = {
			id: `${this.#idPrefix}-${String(this.#last).padStart(6, "0")}`,
			instrument,
			product,
			state: "open",
			placedAt: Date.now(),
			...(conditional ? { conditional } : {}),
		};
		this.#orders.push(order);
		return order;
	}

	/** Cancels the product's open orders, except those that are spared, and returns them. */
	cancel(
		product: BybitSimProduct,
		cancelReason: string,
		isSpared: (order: SimOrder) => boolean = () => false,
	): SimOrder[] {
		const open = this.of(product, true).filter((order) => !isSpared(order));
		for (const order of open) {
			order.state = "cancelled";
			order.cancelReason = cancelReason;
			order.cancelledAt = Date.now();
		}
		return open;
	}

	/** The orders of one category, newest first. */
	list(category: string, settleCoin: string | null, open: boolean): SimOrder[] {
		const matching = this.#orders.filter((order) => {
			const list = categoryOf(order);
			if (list.category !== category || (order.state === "open") !== open) return false;
			return settleCoin === null || list.settleCoin === settleCoin;
		});
		return matching.reverse();
	}

	of(product: BybitSimProduct, open: boolean): SimOrder[] {
		return this.#orders.filter((order) => order.product === product && (order.state === "open") === open);
	}
}

/** An order in the format of the order calls and the `order` topic. */
export function toWire(order: SimOrder): WireOrder {
	return {
		orderId: order.id,
		orderLinkId: "",
		symbol: order.instrument,
		orderStatus: order.state !== "open" ? "Cancelled" : order.conditional ? "Untriggered" : "New",
		cancelType: order.cancelReason ?? "UNKNOWN",
		createdTime: String(order.placedAt),
		updatedTime: String(order.cancelledAt ?? order.placedAt),
	};
}
