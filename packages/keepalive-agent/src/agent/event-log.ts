import type { AgentRecord } from "./agent-record.ts";

/** One event of the stream of `/v1/events`. */
export interface AgentEvent {
	readonly id: string;
	readonly record: AgentRecord;
}

/** The stored events that a reader receives before any new event. */
export interface Replay {
	/** Whether some events that the reader missed are no longer stored. */
	readonly hasGap: boolean;
	readonly events: readonly AgentEvent[];
}

/** Stores the latest records with ids, so that a client that reconnects receives the records that it missed. */
export class EventLog {
	readonly #kept: AgentEvent[] = [];
	readonly #listeners = new Set<(event: AgentEvent) => void>();
	/** The first part of each id. It differs between processes, so that an id of an earlier process is recognized. */
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

	/** Returns the events that follow the event with this id. */
	after(id: string): Replay {
		const [origin, text = ""] = id.split("-");
		const number = /^\d{1,15}$/.test(text) ? Number(text) : -1;
		const first = this.#last - this.#kept.length;
		if (origin !== this.#origin || number < first || number > this.#last) return { hasGap: true, events: [] };
		return { hasGap: false, events: this.#kept.slice(number - first) };
	}

	/** The id of the latest event. A new reader receives this id together with the current status of each session. */
	get lastId(): string {
		return `${this.#origin}-${this.#last}`;
	}

	/** Calls `listener` with each event from now on. Returns a function that removes the listener. */
	listen(listener: (event: AgentEvent) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}
}
