import type { SimOrder } from "../venue.ts";
import { Book, listOf, toWire } from "./book.ts";
import { type BybitSimKey, bybitProducts, type Product, type ResolvedBybitOptions, topicOfProduct } from "./options.ts";
import type { PrivateConnection } from "./private-connection.ts";
import { ProductDcp, type ProductTruth } from "./product-dcp.ts";

/** One account: its orders, its connections and the protection of each product. */
export class Account {
	readonly keys: readonly BybitSimKey[];
	readonly book: Book;
	/** Those that have authenticated. */
	readonly connections = new Set<PrivateConnection>();
	readonly #options: ResolvedBybitOptions;
	readonly #products: Readonly<Record<Product, ProductDcp>>;

	constructor(options: ResolvedBybitOptions, keys: readonly BybitSimKey[], idPrefix: string) {
		this.keys = keys;
		this.book = new Book(idPrefix);
		this.#options = options;
		const machine = (product: Product): ProductDcp =>
			new ProductDcp(product, options, () => this.#cancelByDcp(product));
		this.#products = { DERIVATIVES: machine("DERIVATIVES"), SPOT: machine("SPOT"), OPTIONS: machine("OPTIONS") };
	}

	dcp(product: Product): ProductDcp {
		return this.#products[product];
	}

	truth(): Record<Product, ProductTruth> {
		const { DERIVATIVES, SPOT, OPTIONS } = this.#products;
		return { DERIVATIVES: DERIVATIVES.truth, SPOT: SPOT.truth, OPTIONS: OPTIONS.truth };
	}

	/** Places an order, or undefined when the account may not. */
	place(product: Product, instrument?: string, conditional = false): SimOrder | undefined {
		const outage = this.dcp(product).state === "triggered";
		if (outage && this.#options.afterTrigger === "block") return undefined;
		const order = this.book.place(product, instrument, conditional);
		if (outage && this.#options.afterTrigger === "sweep") this.#cancelByDcp(product);
		return order;
	}

	/** Whether the topic may be subscribed, and what it then means. */
	subscribe(connection: string, topic: string): boolean {
		const named = bybitProducts.filter((product) => topicOfProduct[product] === topic);
		if (this.#options.subscribeWhenNotEnabled === "refuse" && named.some((product) => !this.dcp(product).enabled)) {
			return false;
		}
		const counted = named.length > 0 && this.#options.countedPer === "account" ? bybitProducts : named;
		for (const product of counted) this.dcp(product).subscribed(connection);
		return true;
	}

	/** The connection left some topics or all; `topics` are those it still has. */
	left(connection: string, topics: ReadonlySet<string>, counts: boolean): void {
		const perAccount = this.#options.countedPer === "account";
		const has = (product: Product): boolean => topics.has(topicOfProduct[product]);
		for (const product of bybitProducts) {
			if (perAccount ? !bybitProducts.some(has) : !has(product)) this.dcp(product).gone(connection, counts);
		}
	}

	pinged(connection: string): void {
		for (const product of bybitProducts) this.dcp(product).pinged(connection);
	}

	cancelAll(product: Product): SimOrder[] {
		const cancelled = this.book.cancel(product, "CancelByUser");
		this.#push(cancelled);
		return cancelled;
	}

	close(): void {
		for (const product of bybitProducts) this.dcp(product).close();
	}

	#cancelByDcp(product: Product): void {
		const { accountMode, conditionalOrders } = this.#options;
		if (accountMode === "classic") return;
		const spared = (order: SimOrder): boolean =>
			(accountMode === "uta1" && listOf(order).category === "inverse") ||
			(conditionalOrders === "kept" && order.conditional === true);
		this.#push(this.book.cancel(product, "CancelByDCP", spared));
	}

	#push(orders: readonly SimOrder[]): void {
		if (orders.length === 0) return;
		for (const connection of this.connections) connection.push("order", orders.map(toWire));
	}
}
