import { noOrderError, orderIdError } from "../fault-order-id-errors.ts";
import { executionPush, fastExecutionPush, positionPush, walletPush } from "./account-formats.ts";
import { Book } from "./account-orders.ts";
import { type Instrument, instrumentOf } from "./instruments.ts";
import {
	type BybitSimKey,
	type BybitSimProduct,
	bybitProducts,
	type ResolvedBybitOptions,
	topicOfProduct,
} from "./options.ts";
import { type BybitSimOrder, leavesQty, type OrderTerms, toPush } from "./order.ts";
import { Portfolio } from "./portfolio.ts";
import type { PrivateConnection } from "./private-connection.ts";
import { type BybitTruth, ProductDcp } from "./product-dcp.ts";
import { topicsOf } from "./topics.ts";

/** One account: its orders, positions and connections, and the state of Disconnection Protect for each product. */
export class BybitAccount {
	readonly keys: readonly BybitSimKey[];
	readonly userId: number;
	readonly book: Book;
	readonly portfolio: Portfolio;
	/** The authenticated WebSocket connections of this account. */
	readonly connections = new Set<PrivateConnection>();
	readonly #options: ResolvedBybitOptions;
	readonly #products: Readonly<Record<BybitSimProduct, ProductDcp>>;

	constructor(options: ResolvedBybitOptions, keys: readonly BybitSimKey[], idPrefix: string, userId: number) {
		this.keys = keys;
		this.userId = userId;
		this.book = new Book(idPrefix);
		this.portfolio = new Portfolio(idPrefix);
		this.#options = options;
		const dcpOf = (product: BybitSimProduct): ProductDcp =>
			new ProductDcp(product, options, () => this.#cancelByDcp(product));
		this.#products = { DERIVATIVES: dcpOf("DERIVATIVES"), SPOT: dcpOf("SPOT"), OPTIONS: dcpOf("OPTIONS") };
	}

	dcp(product: BybitSimProduct): ProductDcp {
		return this.#products[product];
	}

	truth(): Record<BybitSimProduct, BybitTruth> {
		const { DERIVATIVES, SPOT, OPTIONS } = this.#products;
		return { DERIVATIVES: DERIVATIVES.truth, SPOT: SPOT.truth, OPTIONS: OPTIONS.truth };
	}

	/**
	 * Places an order that rests in the book, for a test. The instrument need not exist. Returns undefined if the order is refused, because
	 * Disconnection Protect has cancelled orders and the option `afterTrigger` is `block`.
	 */
	placeResting(
		product: BybitSimProduct,
		changed: Partial<OrderTerms> & { symbol?: string | undefined },
	): BybitSimOrder | undefined {
		return this.#onPlaced(product, () => this.book.placeResting(product, changed));
	}

	/**
	 * Places an order, and fills it if it crosses the last price. A post-only order that crosses is cancelled at once, and so is an IOC or
	 * FOK order that does not cross. Returns undefined if the order is refused, because Disconnection Protect has cancelled orders and the
	 * option `afterTrigger` is `block`.
	 */
	place(product: BybitSimProduct, instrument: Instrument, terms: OrderTerms): BybitSimOrder | undefined {
		return this.#onPlaced(product, () => {
			const order = this.book.place(product, instrument, terms);
			const isImmediate = ["IOC", "FOK"].includes(order.timeInForce);
			if (order.conditional) return order;
			if (!crosses(order, instrument)) {
				if (isImmediate) this.book.cancel(order, "UNKNOWN", "EC_NoImmediateQtyToFill");
			} else if (order.timeInForce === "PostOnly") {
				this.book.cancel(order, "UNKNOWN", "EC_PostOnlyWillTakeLiquidity");
			} else {
				this.#fill(order, instrument, instrument.lastPrice, leavesQty(order), false);
			}
			return order;
		});
	}

	/** Changes an open order, and fills it if it now crosses the last price. */
	amend(order: BybitSimOrder, changed: Partial<Pick<OrderTerms, "qty" | "price" | "triggerPrice">>): void {
		Object.assign(order, changed);
		order.updatedAt = Date.now();
		const instrument = instrumentOf(order.product, order.instrument);
		if (!order.conditional && crosses(order, instrument)) {
			this.#fill(order, instrument, instrument.lastPrice, leavesQty(order), false);
		} else this.#pushOrders([order]);
	}

	/** Cancels open orders at the caller's request. */
	cancel(orders: readonly BybitSimOrder[]): void {
		for (const order of orders) this.book.cancel(order, "CancelByUser", "EC_PerCancelRequest");
		this.#pushOrders(orders);
	}

	/** Cancels an open order, by default the newest, as if the venue had decided to cancel it. */
	cancelByVenue(orderId: unknown, cancelType: string): BybitSimOrder {
		const isMeant = ({ id, state }: BybitSimOrder): boolean =>
			state === "open" && (orderId === undefined || id === orderId);
		const order = this.book.orders.findLast(isMeant);
		if (!order) throw noOrderError("cancel", orderId);
		this.book.cancel(order, cancelType, "EC_NoError");
		this.#pushOrders([order]);
		return order;
	}

	/** Fills an open order, by default its whole quantity, as if another trader took it. */
	takeOrder(orderId: unknown, qty: number | undefined): void {
		const order = this.book.orders.find(({ id }) => id === orderId);
		if (order?.state !== "open") throw orderIdError("fill", orderId);
		const filled = Math.min(qty ?? Number.POSITIVE_INFINITY, leavesQty(order));
		this.#fill(order, instrumentOf(order.product, order.instrument), Number(order.price), filled, true);
	}

	/** Subscribes a connection to a topic. Returns false if the subscription is refused. */
	subscribe(connection: string, topic: string): boolean {
		const products = bybitProducts.filter((product) => topicOfProduct[product] === topic);
		if (this.#options.subscribeWhenNotEnabled === "refuse" && products.some((product) => !this.dcp(product).enabled)) {
			return false;
		}
		const protectedProducts = products.length > 0 && this.#options.countedPer === "account" ? bybitProducts : products;
		for (const product of protectedProducts) this.dcp(product).onSubscribe(connection);
		return true;
	}

	/**
	 * To be called when a connection has lost subscriptions or has ended.
	 *
	 * @param topics - the topics to which the connection remains subscribed.
	 * @param isLoss - whether this event may start a countdown. False for a clean close or an unsubscribe if the option `leavingCounts` is
	 * false.
	 */
	onTopicsLeft(connection: string, topics: ReadonlySet<string>, isLoss: boolean): void {
		const perAccount = this.#options.countedPer === "account";
		const has = (product: BybitSimProduct): boolean => topics.has(topicOfProduct[product]);
		for (const product of bybitProducts) {
			if (perAccount ? !bybitProducts.some(has) : !has(product)) this.dcp(product).onConnectionLeft(connection, isLoss);
		}
	}

	onPing(connection: string): void {
		for (const product of bybitProducts) this.dcp(product).onPing(connection);
	}

	close(): void {
		for (const product of bybitProducts) this.dcp(product).close();
	}

	#onPlaced(product: BybitSimProduct, place: () => BybitSimOrder): BybitSimOrder | undefined {
		const hasTriggered = this.dcp(product).state === "triggered";
		if (hasTriggered && this.#options.afterTrigger === "block") return undefined;
		const order = place();
		// If the order has a fill, `#fill` has already pushed the order.
		if (order.filledQty === 0) this.#pushOrders([order]);
		if (hasTriggered && this.#options.afterTrigger === "sweep") this.#cancelByDcp(product);
		return order;
	}

	#fill(order: BybitSimOrder, instrument: Instrument, price: number, qty: number, isMaker: boolean): void {
		const execution = this.portfolio.fill(order, instrument, price, qty, isMaker);
		this.#pushOrders([order]);
		this.#push("execution", order.category, [executionPush(execution)]);
		this.#push("execution.fast", order.category, [fastExecutionPush(execution)]);
		const position = this.portfolio.positionOf(instrument);
		if (position) this.#push("position", order.category, [positionPush(position)]);
		this.#push("wallet", order.category, [walletPush(this.portfolio)]);
	}

	#cancelByDcp(product: BybitSimProduct): void {
		const { accountMode, conditionalOrders } = this.#options;
		if (accountMode === "classic") return;
		const isSpared = (order: BybitSimOrder): boolean =>
			(accountMode === "uta1" && order.category === "inverse") ||
			(conditionalOrders === "kept" && order.conditional === true);
		const orders = this.book.openOf(product).filter((order) => !isSpared(order));
		for (const order of orders) this.book.cancel(order, "CancelByDCP", "EC_NoError");
		this.#pushOrders(orders);
	}

	/**
	 * Pushes orders of one product to the subscribed connections, in one message per category: DERIVATIVES has the categories linear and
	 * inverse.
	 */
	#pushOrders(orders: readonly BybitSimOrder[]): void {
		for (const category of new Set(orders.map((order) => order.category))) {
			const data = orders.filter((order) => order.category === category).map(toPush);
			this.#push("order", category, data);
		}
	}

	#push(topic: string, category: string, data: readonly object[]): void {
		for (const name of topicsOf(topic, category)) {
			for (const connection of this.connections) connection.push(name, data);
		}
	}
}

function crosses({ orderType, side, price }: BybitSimOrder, { lastPrice }: Instrument): boolean {
	if (orderType === "Market") return true;
	return side === "Buy" ? Number(price) >= lastPrice : Number(price) <= lastPrice;
}
