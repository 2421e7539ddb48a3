import { TokenBucket } from "@x/base/rate-limiter";

/** An event that the relay reports to the main thread. Plain data without secrets. */
export interface RelayEvent {
	/** The time of the event, in epoch milliseconds. */
	readonly at: number;
	readonly session: string;
	/** The bot; missing for a client that has not logged in. */
	readonly bot?: string;
	readonly event:
		| "connected"
		| "logged-out"
		| "lost"
		| "cut-off"
		| "orders-cancelled"
		| "orders-kept"
		| "connection-ended";
	readonly detail: string;
}

/**
 * Limits how many events of one bot are recorded, because a bot can cause most kinds of events at will. Further events are left out, except
 * those in `always`.
 */
const eventRate = { burst: 50, everyMs: 1_000 } as const;
const always: ReadonlySet<RelayEvent["event"]> = new Set(["orders-cancelled", "orders-kept", "connection-ended"]);
/** Only the latest events, at most this many, are kept for the main thread to fetch. */
const maxEvents = 1_000;

/** Counts and events of the relay. The main thread fetches them once a second. */
export class RelayLog {
	readonly #counts = new Map<string, { readonly labels: RelayLabels; count: number }>();
	readonly #events: { readonly id: number; readonly event: RelayEvent }[] = [];
	readonly #limits = new Map<string, { readonly tokens: TokenBucket; leftOut: number }>();
	#lastId = 0;

	/** Adds 1 to a counter. */
	count(labels: RelayLabels): void {
		this.counter(labels).count += 1;
	}

	/**
	 * Returns the counter itself, so that the caller can keep it: finding the counter again for each frequent event would cost too much.
	 */
	counter(labels: RelayLabels): { count: number } {
		const key = `${labels.what} ${labels.session} ${labels.bot} ${labels.reason ?? ""}`;
		const found = this.#counts.get(key) ?? { labels, count: 0 };
		this.#counts.set(key, found);
		return found;
	}

	add({ detail, ...event }: Omit<RelayEvent, "at">): void {
		const limit = this.#limitOf(event.bot ?? "");
		if (!always.has(event.event) && limit.tokens.tryAcquire() > 0) {
			limit.leftOut += 1;
			return;
		}
		const more = limit.leftOut > 0 ? ` (${limit.leftOut} events before this one were left out)` : "";
		limit.leftOut = 0;
		this.#lastId += 1;
		this.#events.push({ id: this.#lastId, event: { at: Date.now(), ...event, detail: `${detail}${more}` } });
		if (this.#events.length > maxEvents) this.#events.shift();
	}

	/** Returns the limit for the events of one bot. There are only as many limits as bots in the configuration, and one for `anonymous`. */
	#limitOf(bot: string): { readonly tokens: TokenBucket; leftOut: number } {
		const found = this.#limits.get(bot) ?? { tokens: new TokenBucket(eventRate), leftOut: 0 };
		this.#limits.set(bot, found);
		return found;
	}

	get counts(): readonly { readonly labels: RelayLabels; readonly count: number }[] {
		return [...this.#counts.values()];
	}

	/** Returns the events whose id is larger than `id`, each together with its id. */
	after(id: number): readonly { readonly id: number; readonly event: RelayEvent }[] {
		return this.#events.filter((each) => each.id > id);
	}
}

/** What a counter counts. The number of bots is bounded: the bots of the configuration, and `anonymous`. */
export interface RelayLabels {
	readonly what: "forwarded" | "refused" | "notified" | "cut-off";
	readonly session: string;
	readonly bot: string;
	readonly reason?: string;
}
