import type { components } from "../generated/bybit-dcp.ts";
import type { SimOrder } from "../venue.ts";
import type { Product } from "./options.ts";

/** An order in the venue's own members. */
export type WireOrder = components["schemas"]["Order"];

const productOfCategory: Readonly<Record<string, Product>> = {
	linear: "DERIVATIVES",
	inverse: "DERIVATIVES",
	spot: "SPOT",
	option: "OPTIONS",
};

const instrumentOf: Readonly<Record<Product, string>> = {
	DERIVATIVES: "BTCUSDT",
	SPOT: "BTCUSDT",
	OPTIONS: "BTC-27DEC30-100000-C",
};

export function productOf(category: unknown): Product | undefined {
	return typeof category === "string" ? productOfCategory[category] : undefined;
}

/** Which list of the order calls an instrument stands in: a product's orders are divided further there. */
export function listOf({ product, instrument }: SimOrder): { category: string; settleCoin: string } {
	if (product === "SPOT") return { category: "spot", settleCoin: "" };
	if (product === "OPTIONS") return { category: "option", settleCoin: instrument.endsWith("-USDT") ? "USDT" : "USDC" };
	if (instrument.endsWith("USDT")) return { category: "linear", settleCoin: "USDT" };
	if (instrument.endsWith("PERP") || instrument.endsWith("USDC")) return { category: "linear", settleCoin: "USDC" };
	return { category: "inverse", settleCoin: instrument.replace(/USD.*$/, "") };
}

/** The account's orders. */
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

	place(product: Product, instrument = instrumentOf[product], conditional = false): SimOrder {
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

	/** Cancels every open order of the product but those that are spared, and says which they were. */
	cancel(product: Product, cancelReason: string, spared: (order: SimOrder) => boolean = () => false): SimOrder[] {
		const open = this.of(product, true).filter((order) => !spared(order));
		for (const order of open) {
			order.state = "cancelled";
			order.cancelReason = cancelReason;
			order.cancelledAt = Date.now();
		}
		return open;
	}

	/** Those of one list, the newest first. */
	list(category: string, settleCoin: string | null, open: boolean): SimOrder[] {
		const wanted = this.#orders.filter((order) => {
			const list = listOf(order);
			if (list.category !== category || (order.state === "open") !== open) return false;
			return settleCoin === null || list.settleCoin === settleCoin;
		});
		return wanted.reverse();
	}

	of(product: Product, open: boolean): SimOrder[] {
		return this.#orders.filter((order) => order.product === product && (order.state === "open") === open);
	}
}

/** An order as the order calls and the `order` topic show it. */
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
