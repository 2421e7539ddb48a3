import { type DeribitNotification, isObject, type JsonObject } from "../socket/frames.ts";

/** More than any account may have working at once. */
const most = 10_000;
const working: ReadonlySet<unknown> = new Set(["open", "untriggered"]);
const placing = /^private\/(buy|sell|close_position|mass_quote)$/;
const editing = /^private\/edit/;

/**
 * The orders that were placed over one connection and are not known to have ended, by what the replies said. Those are
 * the ones that cancel-on-disconnect takes. An order whose reply never came is not among them, only counted: the venue's
 * own list is the truth, this says where to look.
 */
export class PlacedOrders {
	readonly #ids = new Set<string>();
	/** Calls that may have placed something, by id. */
	readonly #unanswered = new Map<unknown, string>();

	/** Oldest first. */
	get ids(): string[] {
		return [...this.#ids];
	}

	/** How many calls were sent that may have placed an order, and have no reply. */
	get unanswered(): number {
		return this.#unanswered.size;
	}

	/** To be told of every request that was sent. */
	sent(id: number, method: string): void {
		if (placing.test(method)) this.#unanswered.set(id, method);
		dropOldest(this.#unanswered);
	}

	/** To be told of every reply, without a method of one that came after its deadline. */
	heard(id: unknown, { result }: JsonObject, method = this.#unanswered.get(id) ?? ""): void {
		this.#unanswered.delete(id);
		if (method === "private/cancel_all" && result !== undefined) this.#ids.clear();
		if (!isObject(result)) return;
		if (placing.test(method) || editing.test(method)) {
			for (const order of [result["order"], result["orders"]].flat()) this.#learn(order, true);
		}
		if (method === "private/cancel") this.#learn(result, false);
	}

	/** To be told of every notification. Says something only where the user subscribed to their own orders. */
	notified({ channel, data }: DeribitNotification): void {
		if (!/^user\.(orders|changes)\./.test(channel)) return;
		const orders = isObject(data) && Array.isArray(data["orders"]) ? data["orders"] : [data].flat();
		for (const order of orders) this.#learn(order, false);
	}

	/** @param own - placed over this connection, and not only heard of. */
	#learn(order: unknown, own: boolean): void {
		if (!isObject(order) || typeof order["order_id"] !== "string") return;
		const id = order["order_id"];
		if (!working.has(order["order_state"])) this.#ids.delete(id);
		else if (own) this.#ids.add(id);
		dropOldest(this.#ids);
	}
}

function dropOldest<T>(kept: { size: number; keys(): Iterable<T>; delete(key: T): boolean }): void {
	if (kept.size > most) for (const oldest of kept.keys()) return void kept.delete(oldest);
}
