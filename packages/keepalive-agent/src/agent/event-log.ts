import type { AgentRecord } from "./agent-record.ts";

/** One event of the stream. */
export interface AgentEvent {
	readonly id: string;
	readonly record: AgentRecord;
}

/** What a reader gets first. */
export interface Replay {
	/** Whether events were missed that are no longer kept. */
	readonly hasGap: boolean;
	readonly events: readonly AgentEvent[];
}

/** The latest records, with ids: a client that reconnects receives those that it missed. */
export class EventLog {
	readonly #kept: AgentEvent[] = [];
	readonly #listeners = new Set<(event: AgentEvent) => void>();
	/** Ids of another process are of another origin. */
	readonly #origin: string;
	readonly #size: number;
	#last = 0;

	/** @param size - how many events are kept. */
	constructor(size = 1_000, origin = String(Date.now())) {
		this.#size = size;
		this.#origin = origin;
	}

	add(record: AgentRecord): void {
		this.#last += 1;
		const event = { id: `${this.#origin}-${this.#last}`, record };
		this.#kept.push(event);
		if (this.#kept.length > this.#size) this.#kept.shift();
		for (const listener of this.#listeners) listener(event);
	}

	/** What happened after the event with this id. */
	after(id: string): Replay {
		const [origin, text = ""] = id.split("-");
		const number = /^\d{1,15}$/.test(text) ? Number(text) : -1;
		const first = this.#last - this.#kept.length;
		if (origin !== this.#origin || number < first || number > this.#last) return { hasGap: true, events: [] };
		return { hasGap: false, events: this.#kept.slice(number - first) };
	}

	/** The id of the latest event, for the records that a new reader gets first. */
	get lastId(): string {
		return `${this.#origin}-${this.#last}`;
	}

	/** Calls `listener` with each event from now on. The returned function ends that. */
	listen(listener: (event: AgentEvent) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}
}
