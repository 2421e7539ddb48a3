import type { SimOrder } from "../venue.ts";
import type { Product } from "./options.ts";

/** An order in the venue's own members. */
export type WireOrder = Readonly<Record<string, string>>;

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

/** The account's orders. */
export class Book {
	readonly #orders: SimOrder[] = [];
	#last = 0;

	get orders(): readonly SimOrder[] {
		return this.#orders;
	}

	place(product: Product, instrument = instrumentOf[product]): SimOrder {
		this.#last += 1;
		const order: SimOrder = {
			id: `sim-${String(this.#last).padStart(6, "0")}`,
			instrument,
			product,
			state: "open",
			placedAt: Date.now(),
		};
		this.#orders.push(order);
		return order;
	}

	/** Cancels every open order of the product and says which they were. */
	cancel(product: Product, cancelReason: string): SimOrder[] {
		const open = this.of(product, true);
		for (const order of open) {
			order.state = "cancelled";
			order.cancelReason = cancelReason;
			order.cancelledAt = Date.now();
		}
		return open;
	}

	of(product: Product, open: boolean): SimOrder[] {
		return this.#orders.filter((order) => order.product === product && (order.state === "open") === open);
	}
}

/** An order as the order calls and the `order` topic show it. */
export function toWire(order: SimOrder): WireOrder {
	return {
		orderId: order.id,
		symbol: order.instrument,
		orderStatus: order.state === "open" ? "New" : "Cancelled",
		cancelType: order.cancelReason ?? "UNKNOWN",
		createdTime: String(order.placedAt),
		updatedTime: String(order.cancelledAt ?? order.placedAt),
	};
}
