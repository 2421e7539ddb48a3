import { type DeribitNotification, isObject, type JsonObject } from "./frames.ts";

/** More than any account may have working at once. */
const most = 10_000;
const working: ReadonlySet<unknown> = new Set(["open", "untriggered"]);
const placing = /^private\/(buy|sell|edit|edit_by_label|close_position)$/;

/**
 * The orders that were placed over one connection and are not known to have ended, by what the replies said. Those are
 * the ones that cancel-on-disconnect takes. An order whose reply never came is not among them: the venue's own list is
 * the truth, this says where to look.
 */
export class PlacedOrders {
	readonly #ids = new Set<string>();

	/** Oldest first. */
	get ids(): string[] {
		return [...this.#ids];
	}

	/** To be told of every reply. */
	heard(method: string, { result }: JsonObject): void {
		if (method === "private/cancel_all" && result !== undefined) this.#ids.clear();
		if (!isObject(result)) return;
		if (placing.test(method)) this.#learn(result["order"], true);
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
		if (this.#ids.size > most) for (const oldest of this.#ids.values()) return void this.#ids.delete(oldest);
	}
}
