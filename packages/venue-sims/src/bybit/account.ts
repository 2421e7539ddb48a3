import type { SimOrder } from "../venue.ts";
import { Book, categoryOf, toWire } from "./book.ts";
import {
	type BybitSimKey,
	type BybitSimProduct,
	bybitProducts,
	type ResolvedBybitOptions,
	topicOfProduct,
} from "./options.ts";
import type { PrivateConnection } from "./private-connection.ts";
import { type BybitTruth, ProductDcp } from "./product-dcp.ts";

/** One account: its orders, its connections and Disconnection Protect for each product. */
export class BybitAccount {
	readonly keys: readonly BybitSimKey[];
	readonly book: Book;
	/** Authenticated connections. */
	readonly connections = new Set<PrivateConnection>();
	readonly #options: ResolvedBybitOptions;
	readonly #products: Readonly<Record<BybitSimProduct, ProductDcp>>;

	constructor(options: ResolvedBybitOptions, keys: readonly BybitSimKey[], idPrefix: string) {
		this.keys = keys;
		this.book = new Book(idPrefix);
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

	/** Places an order. Returns undefined if it is refused. */
	place(product: BybitSimProduct, instrument?: string, conditional = false): SimOrder | undefined {
		const hasTriggered = this.dcp(product).state === "triggered";
		if (hasTriggered && this.#options.afterTrigger === "block") return undefined;
		const order = this.book.place(product, instrument, conditional);
		if (hasTriggered && this.#options.afterTrigger === "sweep") this.#cancelByDcp(product);
		return order;
	}

	/** Subscribes a connection to a topic. Returns false if it is refused. */
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
	 * A connection unsubscribed or ended.
	 *
	 * @param topics - the topics that it still has.
	 * @param isLoss - false for a clean departure that does not start a countdown.
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

	cancelAll(product: BybitSimProduct): SimOrder[] {
		const cancelled = this.book.cancel(product, "CancelByUser");
		this.#push(cancelled);
		return cancelled;
	}

	close(): void {
		for (const product of bybitProducts) this.dcp(product).close();
	}

	#cancelByDcp(product: BybitSimProduct): void {
		const { accountMode, conditionalOrders } = this.#options;
		if (accountMode === "classic") return;
		const isSpared = (order: SimOrder): boolean =>
			(accountMode === "uta1" && categoryOf(order).category === "inverse") ||
			(conditionalOrders === "kept" && order.conditional === true);
		this.#push(this.book.cancel(product, "CancelByDCP", isSpared));
	}

	#push(orders: readonly SimOrder[]): void {
		if (orders.length === 0) return;
		for (const connection of this.connections) connection.push("order", orders.map(toWire));
	}
}
