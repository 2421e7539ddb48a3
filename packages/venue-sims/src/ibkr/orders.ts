import type { IbkrSimOrder, IbkrTrade, OrderTicket } from "./order.ts";

/** The price at which all market orders are filled, because there is no market data. */
const marketPrice = 100;

/** The user's orders and trades, which are kept when a session ends. */
export class IbkrOrders {
	readonly #listeners: ((order: IbkrSimOrder) => void)[] = [];
	readonly #orders: IbkrSimOrder[] = [];
	readonly #trades: IbkrTrade[] = [];

	/** Calls a listener with every order that changes. */
	onChange(listener: (order: IbkrSimOrder) => void): void {
		this.#listeners.push(listener);
	}

	list(): readonly IbkrSimOrder[] {
		return this.#orders;
	}

	trades(): readonly IbkrTrade[] {
		return this.#trades;
	}

	find(id: unknown): IbkrSimOrder | undefined {
		return this.#orders.find((order) => order.id === String(id));
	}

	findOpen(id: unknown): IbkrSimOrder | undefined {
		const order = this.find(id);
		return order?.state === "open" ? order : undefined;
	}

	/** Places an order. A market order is filled at once. */
	place(account: string, { ticker, ...ticket }: OrderTicket): IbkrSimOrder {
		const now = Date.now();
		const order: IbkrSimOrder = {
			id: String(1_000_000_001 + this.#orders.length),
			instrument: ticker,
			state: "open",
			placedAt: now,
			account,
			...ticket,
			filledQuantity: 0,
			updatedAt: now,
		};
		this.#orders.push(order);
		if (order.orderType === "MKT") this.fill(order);
		else this.#changed(order);
		return order;
	}

	/** Changes quantity and price of an open order. */
	change(order: IbkrSimOrder, { quantity, price }: OrderTicket): void {
		order.quantity = quantity;
		if (price !== undefined) order.price = price;
		order.updatedAt = Date.now();
		this.#changed(order);
	}

	cancel(order: IbkrSimOrder): void {
		order.state = "cancelled";
		order.cancelReason = "Cancelled by user";
		order.cancelledAt = Date.now();
		order.updatedAt = order.cancelledAt;
		this.#changed(order);
	}

	/** Fills an open order, by default its whole remaining quantity. */
	fill(order: IbkrSimOrder, wanted = Number.POSITIVE_INFINITY): void {
		const quantity = Math.min(wanted, order.quantity - order.filledQuantity);
		order.filledQuantity += quantity;
		order.updatedAt = Date.now();
		if (order.filledQuantity >= order.quantity) order.state = "filled";
		const id = `sim.${String(this.#trades.length + 1).padStart(6, "0")}`;
		this.#trades.push({ id, order, quantity, price: order.price ?? marketPrice, at: order.updatedAt });
		this.#changed(order);
	}

	#changed(order: IbkrSimOrder): void {
		for (const listener of this.#listeners) listener(order);
	}
}
