import { after } from "../timers.ts";
import { instrumentOf } from "./instruments.ts";
import type { DeribitSettings } from "./options.ts";
import { type DeribitOrder, type DeribitTrade, type OrderTerms, orderState } from "./order.ts";

/** A change of one order, with the trades that caused it. */
export interface OrderChange {
	readonly order: DeribitOrder;
	readonly trades: readonly DeribitTrade[];
}

/** The members that an edit can change. */
export type OrderEdit = Partial<Pick<DeribitOrder, "amount" | "price" | "postOnly" | "reduceOnly" | "trigger">>;

/** The default values of a new order. With these values, the order rests in the book until it is filled. */
const resting: OrderTerms = {
	direction: "buy",
	amount: 10,
	price: 1,
	label: "",
	orderType: "limit",
	timeInForce: "good_til_cancelled",
	postOnly: false,
	reduceOnly: false,
	mmp: false,
	trigger: undefined,
	quote: undefined,
};

/** The account's orders, trades and positions. Remembers which connection placed each order. */
export class Book {
	readonly trades: DeribitTrade[] = [];
	readonly #orders: DeribitOrder[] = [];
	readonly #positions = new Map<string, number>();
	readonly #pending = new Set<() => void>();
	/** Called after each change of an order. */
	onChange: (change: OrderChange) => void = () => undefined;

	all(): readonly DeribitOrder[] {
		return this.#orders;
	}

	/**
	 * Places an order. An order that crosses the mark price is filled completely at the mark price; any other order rests in the book until
	 * `fill`. A post-only order that crosses is moved one tick away from the mark price and rests. An immediate-or-cancel or fill-or-kill
	 * order that does not cross is cancelled.
	 */
	place(instrument: string, connection: string | undefined, terms: Partial<OrderTerms> = {}): OrderChange {
		const order = this.#add(instrument, connection, { ...resting, ...terms }, undefined);
		if (order.isUntriggered) return this.#changed(order);
		return this.#match(order);
	}

	/**
	 * Triggers a stop order that has reached its price: the stop order ends, and a new order of the same connection takes
	 * its place.
	 */
	trigger(order: DeribitOrder): OrderChange {
		const { instrument, connection } = order;
		order.state = "filled";
		order.isTriggered = true;
		order.updatedAt = Date.now();
		this.#changed(order);
		const isMarket = order.orderType.endsWith("market");
		const terms = { ...termsOf(order), orderType: isMarket ? "market" : "limit", trigger: undefined };
		return this.#match(this.#add(instrument, connection, terms, order.id));
	}

	/** Changes an open order. The order still belongs to the connection that placed it. */
	edit(order: DeribitOrder, edit: OrderEdit): OrderChange {
		Object.assign(order, edit, { replaced: true, updatedAt: Date.now() });
		if (order.isUntriggered) return this.#changed(order);
		return this.#match(order);
	}

	/** Fills an open order at its price, as if another trader took it. */
	fill(order: DeribitOrder, amount: number): OrderChange {
		return this.#changed(order, [this.#trade(order, order.price ?? instrumentOf(order.instrument).markPrice, amount)]);
	}

	find(id: string): DeribitOrder | undefined {
		return this.#orders.find((order) => order.id === id);
	}

	open(connection?: string): DeribitOrder[] {
		return this.#orders.filter(
			(order) => order.state === "open" && (connection === undefined || order.connection === connection),
		);
	}

	/** The size of the account's position in an instrument. Positive when long. */
	position(instrument: string): number {
		return this.#positions.get(instrument) ?? 0;
	}

	/** Names of the instruments that were traded. */
	traded(): string[] {
		return [...this.#positions.keys()];
	}

	/** Cancels the orders and returns their number. */
	cancel(orders: readonly DeribitOrder[], reason: string): number {
		for (const order of orders) {
			order.state = "cancelled";
			order.cancelReason = reason;
			order.cancelledAt = Date.now();
			order.updatedAt = order.cancelledAt;
			this.#changed(order);
		}
		return orders.length;
	}

	/**
	 * Does what cancel-on-disconnect does when a connection ends: cancels the orders of the connection, after the delay in the option
	 * `cancelDelayMs`.
	 */
	cancelOnDisconnect(connection: string, { cancelDelayMs, cancelsUntriggered }: DeribitSettings): void {
		const cancel = (): void => {
			const orders = this.open(connection).filter(({ isUntriggered }) => cancelsUntriggered || !isUntriggered);
			this.cancel(orders, "cancel_on_disconnect");
		};
		if (cancelDelayMs <= 0) {
			cancel();
			return;
		}
		const stop = after(cancelDelayMs, () => {
			this.#pending.delete(stop);
			cancel();
		});
		this.#pending.add(stop);
	}

	/** Stops the timers of delayed cancels (option `cancelDelayMs`). */
	close(): void {
		for (const stop of this.#pending) stop();
	}

	#add(instrument: string, connection: string | undefined, terms: OrderTerms, parent: string | undefined) {
		const now = Date.now();
		const order: DeribitOrder = {
			id: `SIM-${this.#orders.length + 1}`,
			instrument,
			state: "open",
			placedAt: now,
			...(connection === undefined ? {} : { connection }),
			...terms,
			filledAmount: 0,
			averagePrice: 0,
			updatedAt: now,
			replaced: false,
			isUntriggered: terms.trigger !== undefined,
			isTriggered: false,
			triggerOrderId: parent,
		};
		this.#orders.push(order);
		return order;
	}

	#match(order: DeribitOrder): OrderChange {
		const { markPrice, tickSize } = instrumentOf(order.instrument);
		const crosses = isTaker(order, markPrice);
		if (crosses && order.postOnly) {
			order.price = order.direction === "buy" ? markPrice - tickSize : markPrice + tickSize;
			return this.#changed(order);
		}
		const left = order.amount - order.filledAmount;
		if (crosses) return this.#changed(order, [this.#trade(order, markPrice, left, true)]);
		const isImmediate = order.timeInForce === "immediate_or_cancel" || order.timeInForce === "fill_or_kill";
		if (isImmediate) {
			order.state = "cancelled";
			order.cancelledAt = Date.now();
		}
		return this.#changed(order);
	}

	#trade(order: DeribitOrder, price: number, amount: number, asTaker = false): DeribitTrade {
		const before = order.filledAmount;
		order.filledAmount = before + amount;
		order.averagePrice = (order.averagePrice * before + price * amount) / order.filledAmount;
		order.updatedAt = Date.now();
		if (order.filledAmount >= order.amount) order.state = "filled";
		const sign = order.direction === "buy" ? 1 : -1;
		this.#positions.set(order.instrument, this.position(order.instrument) + sign * amount);
		const sequence = this.trades.length + 1;
		const trade: DeribitTrade = {
			id: `T-${sequence}`,
			sequence,
			order,
			price,
			amount,
			at: order.updatedAt,
			isTaker: asTaker,
			orderState: orderState(order),
		};
		this.trades.push(trade);
		return trade;
	}

	#changed(order: DeribitOrder, trades: readonly DeribitTrade[] = []): OrderChange {
		const change = { order, trades };
		this.onChange(change);
		return change;
	}
}

function isTaker({ orderType, price, direction }: DeribitOrder, markPrice: number): boolean {
	if (orderType === "market") return true;
	if (price === undefined) return false;
	return direction === "buy" ? price > markPrice : price < markPrice;
}

function termsOf(order: DeribitOrder): OrderTerms {
	const { direction, amount, price, label, orderType, timeInForce, postOnly, reduceOnly, mmp, trigger, quote } = order;
	return { direction, amount, price, label, orderType, timeInForce, postOnly, reduceOnly, mmp, trigger, quote };
}
