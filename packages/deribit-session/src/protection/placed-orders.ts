import { isRecord } from "@x/base/objects";
import type { JsonObject } from "../socket/read-frame.ts";

/** How many entries each list below holds at most. An account cannot have this many open orders at a time. */
const maxOrders = 10_000;
const openStates: ReadonlySet<unknown> = new Set(["open", "untriggered"]);
const massQuote = "private/mass_quote";
const placing: ReadonlySet<string> = new Set(["private/buy", "private/sell", "private/close_position", massQuote]);
const cancelling = /^private\/cancel_(all|by_label|quotes)/;

/** The facts about an order that decide which mass cancels end the order. */
export interface PlacedOrder {
	/** The instrument's name; undefined when no reply or notification contained it. */
	readonly instrument: unknown;
	/** The order's label; undefined when no reply or notification contained it. */
	readonly label: unknown;
	/** Whether `private/mass_quote` placed the order. */
	readonly isQuote: boolean;
}

/** A mass cancel that has no reply yet. */
interface PendingCancel {
	/** The orders, by id, that were in the list when the cancel was sent and that the cancel ends. */
	readonly ids: readonly string[];
	/** How many mass quotes were sent before the cancel; undefined when the cancel does not end all quotes. */
	readonly quotesBefore: number | undefined;
}

/**
 * The orders that were placed over one connection and may still be open. Cancel-on-disconnect cancels these orders.
 *
 * Two kinds of orders are missing from the list:
 * - The orders of a call without a reply. Such calls are only counted, in `unanswered`.
 * - Quotes that the venue acknowledged without their ids. They only set `hasUnlistedQuotes`.
 *
 * Compare the list with the venue's own list before relying on it.
 */
export class PlacedOrders {
	readonly #open = new Map<string, PlacedOrder>();
	/**
	 * Ids of orders placed over this connection that are no longer open. When a stop order triggers, it ends first, and the
	 * order that it places is seen later. These ids show that this order, too, belongs to this connection.
	 */
	readonly #ended = new Set<string>();
	/**
	 * Open orders, by order id, that a stop order placed while it is unknown whether that stop order was placed over this
	 * connection. If a later reply shows that it was, the orders move to `#open`.
	 */
	readonly #triggered = new Map<string, JsonObject>();
	/** The calls that may have placed an order and have no reply: a map from request id to method. */
	readonly #unanswered = new Map<unknown, string>();
	readonly #cancels = new Map<unknown, PendingCancel>();
	#quotes = 0;
	#hasUnlistedQuotes = false;

	/** Ids of the orders that may still be open, oldest first. */
	get ids(): readonly string[] {
		return [...this.#open.keys()];
	}

	/** The orders that may still be open, by id, oldest first. */
	get open(): ReadonlyMap<string, PlacedOrder> {
		return this.#open;
	}

	/** How many calls may have placed an order and have no reply. */
	get unanswered(): number {
		return this.#unanswered.size;
	}

	/**
	 * Whether a mass quote was acknowledged without the ids of its orders. False again once a later call has cancelled
	 * all quotes.
	 */
	get hasUnlistedQuotes(): boolean {
		return this.#hasUnlistedQuotes;
	}

	/** Must be called after each request was sent. */
	onSent(id: number, method: string, params: unknown): void {
		if (placing.has(method)) this.#unanswered.set(id, method);
		if (method === massQuote) this.#quotes += 1;
		if (cancelling.test(method)) {
			const ends = cancelledBy(method, isRecord(params) ? params : {});
			const ids = [...this.#open].filter(([, order]) => ends(order)).map(([orderId]) => orderId);
			const endsQuotes = method === "private/cancel_quotes" && isRecord(params) && params["cancel_type"] === "all";
			this.#cancels.set(id, { ids, quotesBefore: endsQuotes ? this.#quotes : undefined });
		}
		dropOldest(this.#unanswered);
		dropOldest(this.#cancels);
	}

	/** Must be called with every reply. `method` is undefined for a reply that came after the deadline of its call. */
	onReply(id: unknown, { result }: Readonly<Record<string, unknown>>, method = this.#unanswered.get(id) ?? ""): void {
		this.#unanswered.delete(id);
		const cancel = this.#cancels.get(id);
		this.#cancels.delete(id);
		if (result === undefined) return;
		if (cancel) this.#onCancelled(cancel);
		if (!method.startsWith("private/")) return;
		const isPlacing = placing.has(method);
		if (method === massQuote && !(isRecord(result) && Array.isArray(result["orders"]))) this.#hasUnlistedQuotes = true;
		const orders = isRecord(result)
			? [result["order"] ?? (isPlacing ? undefined : result), result["orders"]]
			: [result];
		// Nested loops instead of `flat()`, because `flat()` would take longer than the rest of this method.
		for (const found of orders) {
			for (const order of Array.isArray(found) ? found : [found]) this.#update(order, isPlacing, method === massQuote);
		}
	}

	/**
	 * Must be called with every notification. Reads only the `user.*` channels for orders and trades; the program must
	 * have subscribed to them.
	 */
	onNotification({ channel, data }: { readonly channel: string; readonly data?: unknown }): void {
		if (!/^user\.(orders|changes|trades)\./.test(channel)) return;
		const { orders, trades } = isRecord(data) ? data : {};
		const pushed = Array.isArray(orders) || Array.isArray(trades) ? [trades, orders] : [data];
		for (const order of pushed.flat()) this.#update(order, false);
	}

	#onCancelled({ ids, quotesBefore }: PendingCancel): void {
		for (const id of ids) this.#end(id);
		if (quotesBefore === this.#quotes && ![...this.#unanswered.values()].includes(massQuote)) {
			this.#hasUnlistedQuotes = false;
		}
	}

	/**
	 * Updates the lists with an order or trade that a reply or notification contains.
	 *
	 * @param isOwn - whether the reply shows that the order was placed over this connection. If false, the order is
	 * ignored, unless it is in the lists or was placed by a stop order.
	 */
	#update(order: unknown, isOwn: boolean, isQuote = false): void {
		if (!isRecord(order) || typeof order["order_id"] !== "string") return;
		const { order_id: id, order_state: state, trigger_order_id: trigger } = order;
		if (!openStates.has(state ?? order["state"])) {
			this.#end(id);
		} else if (isOwn || this.#isOwn(id) || this.#isOwn(trigger)) {
			// `order_state` is undefined for a trade, which has the member `state` instead. A trade does not add its order to the
			// list, because the order may have ended since the trade.
			if (state !== undefined) this.#add(id, order, isQuote);
		} else if (typeof trigger === "string") {
			this.#triggered.set(id, order);
			dropOldest(this.#triggered);
		}
	}

	#add(id: string, order: JsonObject, isQuote: boolean): void {
		const known = this.#open.get(id);
		this.#open.set(id, {
			instrument: order["instrument_name"] ?? known?.instrument,
			label: order["label"] ?? known?.label,
			isQuote: isQuote || (known?.isQuote ?? false),
		});
		dropOldest(this.#open);
		this.#triggered.delete(id);
		for (const [childId, child] of this.#triggered) {
			if (child["trigger_order_id"] === id) this.#add(childId, child, false);
		}
	}

	#end(id: string): void {
		this.#triggered.delete(id);
		if (!this.#open.delete(id)) return;
		this.#ended.add(id);
		dropOldest(this.#ended);
	}

	#isOwn(id: unknown): boolean {
		return typeof id === "string" && (this.#open.has(id) || this.#ended.has(id));
	}
}

/**
 * Which orders a mass cancel certainly ends. The cancel may end more orders, which stay listed: leaving an open order
 * out of the list is worse than listing one that has ended.
 */
function cancelledBy(method: string, params: JsonObject): (order: PlacedOrder) => boolean {
	const { currency, instrument_name: instrument, label, kind = "any", type = "all", cancel_type: cancelType } = params;
	const isOfCurrency = (order: PlacedOrder): boolean =>
		currency === "any" || (typeof currency === "string" && String(order.instrument).startsWith(`${currency}-`));
	const isNarrow = kind !== "any" || type !== "all";
	switch (method) {
		case "private/cancel_all":
			return () => true;
		case "private/cancel_all_by_currency":
		case "private/cancel_all_by_kind_or_type":
			return (order) => !isNarrow && isOfCurrency(order);
		case "private/cancel_all_by_instrument":
			return (order) => !isNarrow && order.instrument === instrument;
		case "private/cancel_by_label":
			return (order) => order.label === label && (currency === undefined || isOfCurrency(order));
		case "private/cancel_quotes":
			return ({ isQuote }) => isQuote && cancelType === "all";
		default:
			return () => false;
	}
}

function dropOldest<T>(kept: { size: number; keys(): Iterable<T>; delete(key: T): boolean }): void {
	if (kept.size > maxOrders) for (const oldest of kept.keys()) return void kept.delete(oldest);
}
