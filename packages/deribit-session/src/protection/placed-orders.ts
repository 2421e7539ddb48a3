import { type DeribitNotification, isObject, type JsonObject } from "../socket/frames.ts";

/** More than an account can have open at a time. */
const maxOrders = 10_000;
const openStates: ReadonlySet<unknown> = new Set(["open", "untriggered"]);
const placing = /^private\/(buy|sell|close_position|mass_quote)$/;
const editing = /^private\/edit/;

/**
 * The orders placed over one connection that may still be open: those that cancel-on-disconnect cancels. An order whose
 * reply never came is only counted. Confirm with the venue's own list.
 */
export class PlacedOrders {
	readonly #ids = new Set<string>();
	/** Calls without a reply that may have placed an order, by request id. */
	readonly #unanswered = new Map<unknown, string>();

	/** Oldest first. */
	get ids(): readonly string[] {
		return [...this.#ids];
	}

	/** How many calls may have placed an order and have no reply. */
	get unanswered(): number {
		return this.#unanswered.size;
	}

	/** Call it after a request was sent. */
	onSent(id: number, method: string): void {
		if (placing.test(method)) this.#unanswered.set(id, method);
		dropOldest(this.#unanswered);
	}

	/** Call it with every reply; without a method for one that came after its deadline. */
	onReply(id: unknown, { result }: JsonObject, method = this.#unanswered.get(id) ?? ""): void {
		this.#unanswered.delete(id);
		if (method === "private/cancel_all" && result !== undefined) this.#ids.clear();
		if (!isObject(result)) return;
		if (placing.test(method) || editing.test(method)) {
			for (const order of [result["order"], result["orders"]].flat()) this.#update(order, true);
		}
		if (method === "private/cancel") this.#update(result, false);
	}

	/** Call it with every notification. It reads only those of the `user.*` channels for orders, if the program subscribed to them. */
	onNotification({ channel, data }: DeribitNotification): void {
		if (!/^user\.(orders|changes)\./.test(channel)) return;
		const orders = isObject(data) && Array.isArray(data["orders"]) ? data["orders"] : [data].flat();
		for (const order of orders) this.#update(order, false);
	}

	/** @param isOwn - placed over this connection. */
	#update(order: unknown, isOwn: boolean): void {
		if (!isObject(order) || typeof order["order_id"] !== "string") return;
		const id = order["order_id"];
		if (!openStates.has(order["order_state"])) this.#ids.delete(id);
		else if (isOwn) this.#ids.add(id);
		dropOldest(this.#ids);
	}
}

function dropOldest<T>(kept: { size: number; keys(): Iterable<T>; delete(key: T): boolean }): void {
	if (kept.size > maxOrders) for (const oldest of kept.keys()) return void kept.delete(oldest);
}
