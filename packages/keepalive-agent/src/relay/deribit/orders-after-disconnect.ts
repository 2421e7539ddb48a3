import { monotonicMs, sleep } from "@x/base/clock";
import type { DeribitConnection } from "@x/deribit-session";
import type { PlacedOrders } from "@x/deribit-session/relay";
import type { Bot } from "../bot-tokens.ts";
import type { RelayEvent } from "../relay-log.ts";
import type { DeribitRelay } from "./deribit-relay.ts";

/** The members of an open order that this module reads. */
interface OpenOrder {
	readonly order_id: string;
	readonly label?: string | undefined;
	readonly instrument_name?: string | undefined;
	readonly quote?: unknown;
	readonly trigger_order_id?: unknown;
}

/** Milliseconds between two attempts to cancel. */
const retryMs = 50;

/** Handles the orders of a bot whose socket has ended. */
export class OrdersLeft {
	readonly #relay: DeribitRelay;
	readonly #bot: Bot;
	readonly #orders: PlacedOrders;
	readonly #connection: DeribitConnection;

	/** @param connection - the connection of the agent to Deribit over which the orders were placed. */
	constructor(relay: DeribitRelay, bot: Bot, orders: PlacedOrders, connection: DeribitConnection) {
		this.#relay = relay;
		this.#bot = bot;
		this.#orders = orders;
		this.#connection = connection;
	}

	/** Reports that the bot has logged out. Its orders stay open, and Deribit still cancels them if the agent's connection ends. */
	keep(why: string): void {
		this.#report(this.#relay, "logged-out", `${why}; orders that stay: ${this.#count}`);
	}

	/** Has to be called when the socket has ended without a logout. The configuration says what happens to the orders then. */
	onLost(): void {
		this.#report(this.#relay, "lost", `its connection ended without a logout; orders that may be open: ${this.#count}`);
		if (this.#isEmpty) return;
		switch (this.#bot.ordersOnDisconnect) {
			case "keep":
				return void this.#report(this.#relay, "orders-kept", `orders that stay open, as configured: ${this.#count}`);
			case "disconnect":
				return void this.#endConnection("as configured");
			case "cancel":
				void this.#cancel().catch(() => this.#endConnection("cancelling them failed"));
		}
	}

	get #isEmpty(): boolean {
		const { ids, unanswered, hasUnlistedQuotes } = this.#orders;
		return ids.length + unanswered === 0 && !hasUnlistedQuotes;
	}

	get #count(): string {
		const { ids, unanswered, hasUnlistedQuotes } = this.#orders;
		const more = [
			...(unanswered > 0 ? [`${unanswered} without a reply`] : []),
			...(hasUnlistedQuotes ? ["quotes"] : []),
		];
		return [String(ids.length), ...more].join(", ");
	}

	/**
	 * Cancels until no order of the bot is open. If the venue does not confirm this in time, the agent's connection is ended, so that the
	 * venue cancels.
	 */
	async #cancel(): Promise<void> {
		const startedAt = monotonicMs();
		const leftMs = (): number => this.#bot.cancelWithinMs - (monotonicMs() - startedAt);
		const { ended } = this.#connection;
		let cancelled = 0;
		while (leftMs() > 0 && !ended.aborted) {
			const open = await this.#readOpen(leftMs()).catch(() => undefined);
			if (ended.aborted) break;
			if (open?.length === 0 && this.#orders.unanswered === 0) {
				const tookMs = Math.round(monotonicMs() - startedAt);
				return this.#report(this.#relay, "orders-cancelled", `${cancelled} orders, confirmed after ${tookMs} ms`);
			}
			// If the list of open orders cannot be read, the orders that the relay knows are cancelled.
			cancelled += await this.#cancelAll(open ?? this.#known(), leftMs);
			await sleep(Math.min(retryMs, Math.max(0, leftMs())), ended);
		}
		if (ended.aborted) return;
		this.#endConnection(`the orders were not confirmed as cancelled within ${this.#bot.cancelWithinMs} ms`);
	}

	#known(): readonly OpenOrder[] {
		return [...this.#orders.open].map(([id, { label }]) => ({
			order_id: id,
			...(typeof label === "string" && { label }),
		}));
	}

	/** Reads the open orders of the account, and returns the orders of this bot. */
	async #readOpen(ms: number): Promise<readonly OpenOrder[]> {
		const call = { signal: this.#connection.ended, timeoutMs: Math.max(1, Math.ceil(ms)), fromReserve: true } as const;
		const method = "private/get_open_orders";
		const all: readonly OpenOrder[] = await this.#connection.request(method, {}, call);
		const { open, hasUnlistedQuotes } = this.#orders;
		const labels = this.#ownLabels();
		return all.filter(({ order_id: id, label, quote, trigger_order_id: trigger }) => {
			if (open.has(id) || (typeof trigger === "string" && open.has(trigger))) return true;
			return (label !== undefined && labels.has(label)) || (hasUnlistedQuotes && quote === true);
		});
	}

	/** The labels of this bot's orders, except labels that orders of a connected bot have too. */
	#ownLabels(): ReadonlySet<string> {
		const others = new Set([...this.#relay.clients].flatMap(({ orders }) => labelsOf(orders)));
		return new Set(labelsOf(this.#orders).filter((label) => !others.has(label)));
	}

	/** Sends the cancel calls for these orders. Returns the number of orders for which the venue has accepted the call. */
	async #cancelAll(open: readonly OpenOrder[], leftMs: () => number): Promise<number> {
		const labels = this.#ownLabels();
		const calls = new Map<
			string,
			{ readonly method: string; readonly params: Record<string, string>; count: number }
		>();
		for (const order of open) {
			const { order_id, label = "", quote, instrument_name = "" } = order;
			const byQuote = quote === true && !this.#orders.open.has(order_id);
			const [method, params] = byQuote
				? ["private/cancel_quotes", { cancel_type: "instrument", instrument_name }]
				: labels.has(label)
					? ["private/cancel_by_label", { label }]
					: ["private/cancel", { order_id }];
			const key = JSON.stringify([method, params]);
			const known = calls.get(key);
			// The casts are safe: each alternative above is a method followed by its parameters.
			if (known) known.count += 1;
			else calls.set(key, { method: method as string, params: params as Record<string, string>, count: 1 });
		}
		const { ended } = this.#connection;
		const sent: Promise<number>[] = [];
		for (const { method, params, count } of calls.values()) {
			// The loop also has to check `ended`. Once the connection has ended, `sleep` returns at once, so the loop would block this thread
			// until the deadline.
			const isOver = (): boolean => leftMs() <= 0 || ended.aborted;
			while (!isOver() && !this.#relay.tryTakeOwnOrderCall(this.#connection)) {
				await sleep(Math.min(retryMs, Math.max(0, leftMs())), ended);
			}
			if (isOver()) break;
			const call = { timeoutMs: Math.max(1, Math.ceil(leftMs())), fromReserve: true } as const;
			// The refusal of a cancel is ignored: the venue refuses to cancel an order that has just ended, and the next attempt cancels whatever
			// is still open.
			const cancel = this.#connection.call(method, params, undefined, call).then(
				() => count,
				() => 0,
			);
			sent.push(cancel);
		}
		return (await Promise.all(sent)).reduce((sum, each) => sum + each, 0);
	}

	#endConnection(why: string): void {
		this.#report(this.#relay, "connection-ended", `${why}: the venue cancels the orders of all bots of this session`);
		void this.#connection.disconnect();
	}

	#report({ log, session }: DeribitRelay, event: RelayEvent["event"], detail: string): void {
		log.add({ session: session.name, bot: this.#bot.name, event, detail });
	}
}

function labelsOf({ open }: PlacedOrders): string[] {
	return [...open.values()].flatMap(({ label }) => (typeof label === "string" && label !== "" ? [label] : []));
}
