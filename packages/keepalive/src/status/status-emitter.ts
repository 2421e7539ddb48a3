import type { StatusRecord } from "./status.ts";
import { StatusReader } from "./status-iterator.ts";

/** Told of every record. What it throws is swallowed and counted: a listener cannot end a loop. */
export type StatusListener = (record: StatusRecord) => void;

/**
 * Hands records to listeners and readers. Both first get the current record of every session, so that one who comes
 * late knows where things stand.
 */
export class StatusFeed {
	readonly #current: (session?: string) => readonly StatusRecord[];
	/** By session; under `undefined` those of all. One of a thousand sessions does not wake the listeners of the others. */
	readonly #listeners = new Map<string | undefined, Set<StatusListener>>();
	readonly #readers = new Set<StatusReader>();
	#ended = false;
	#faults = 0;

	constructor(current: (session?: string) => readonly StatusRecord[]) {
		this.#current = current;
	}

	/** How many times a listener threw or rejected. */
	get listenerFaults(): number {
		return this.#faults;
	}

	publish(record: StatusRecord): void {
		for (const key of [undefined, record.session]) {
			const listeners = this.#listeners.get(key);
			if (!listeners) continue;
			// A copy: one that is added meanwhile was told by its replay.
			for (const listener of [...listeners]) if (listeners.has(listener)) this.#tell(listener, record);
		}
		for (const reader of this.#readers) reader.push(record);
	}

	/** Adds a listener, of one session or of all; the returned function removes it. */
	listen(listener: StatusListener, session?: string): () => void {
		// Each call is one listening, also of a function that listens already.
		const told: StatusListener = (record) => listener(record);
		for (const record of this.#current(session)) this.#tell(told, record);
		if (this.#ended) return () => undefined;
		const listeners = this.#listeners.get(session) ?? new Set();
		this.#listeners.set(session, listeners.add(told));
		return () => {
			listeners.delete(told);
			if (listeners.size === 0 && this.#listeners.get(session) === listeners) this.#listeners.delete(session);
		};
	}

	/** The records from now on, ending when the feed does. */
	read(): AsyncIterableIterator<StatusRecord> {
		const reader = new StatusReader(this.#current(), () => this.#readers.delete(reader));
		if (this.#ended) reader.end();
		else this.#readers.add(reader);
		return reader;
	}

	end(): void {
		this.#ended = true;
		for (const reader of this.#readers) reader.end();
		this.#listeners.clear();
		this.#readers.clear();
	}

	#tell(listener: StatusListener, record: StatusRecord): void {
		const fault = (): void => {
			this.#faults += 1;
		};
		try {
			// An async function is accepted as a listener, and its rejection would end the process.
			const result: unknown = listener(record);
			if (result instanceof Promise) result.catch(fault);
		} catch {
			fault();
		}
	}
}
