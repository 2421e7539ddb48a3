/** What the relay reports to the thread that keeps records. Plain data, without secrets. */
export interface RelayEvent {
	/** In epoch milliseconds. */
	readonly at: number;
	readonly session: string;
	/** Missing for a client that has not logged in. */
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

/** Events that wait to be fetched. */
const maxEvents = 1_000;

/** Counts and events of the relay, fetched by the other thread once a second. */
export class RelayLog {
	readonly #counts = new Map<string, { readonly labels: RelayLabels; count: number }>();
	readonly #events: { readonly id: number; readonly event: RelayEvent }[] = [];
	#lastId = 0;

	/** Adds 1 to a counter. */
	count(labels: RelayLabels): void {
		const key = `${labels.what} ${labels.session} ${labels.bot} ${labels.reason ?? ""}`;
		const found = this.#counts.get(key);
		if (found) found.count += 1;
		else this.#counts.set(key, { labels, count: 1 });
	}

	add(event: Omit<RelayEvent, "at">): void {
		this.#lastId += 1;
		this.#events.push({ id: this.#lastId, event: { at: Date.now(), ...event } });
		if (this.#events.length > maxEvents) this.#events.shift();
	}

	get counts(): readonly { readonly labels: RelayLabels; readonly count: number }[] {
		return [...this.#counts.values()];
	}

	/** The events after the one with this id, with theirs. */
	after(id: number): readonly { readonly id: number; readonly event: RelayEvent }[] {
		return this.#events.filter((each) => each.id > id);
	}
}

/** What is counted. Bots are those of the configuration, and `anonymous`: their number is bounded. */
export interface RelayLabels {
	readonly what: "forwarded" | "refused" | "notified" | "cut-off";
	readonly session: string;
	readonly bot: string;
	readonly reason?: string;
}
