import type { StatusRecord } from "./status.ts";

/** Told of every record. What it throws is swallowed and counted: a listener cannot end a loop. */
export type StatusListener = (record: StatusRecord) => void;

/** How many records a reader that does not keep up may have waiting; then the oldest go. */
const longestQueue = 1_000;

/**
 * Hands records to listeners and readers. Both first get the current record of every session, so that one who comes
 * late knows where things stand.
 */
export class StatusFeed {
	readonly #current: () => readonly StatusRecord[];
	readonly #listeners = new Set<StatusListener>();
	readonly #readers = new Set<Reader>();
	#ended = false;
	#faults = 0;

	constructor(current: () => readonly StatusRecord[]) {
		this.#current = current;
	}

	/** How many times a listener threw. */
	get listenerFaults(): number {
		return this.#faults;
	}

	publish(record: StatusRecord): void {
		for (const listener of this.#listeners) this.#tell(listener, record);
		for (const reader of this.#readers) reader.push(record);
	}

	/** Adds a listener; the returned function removes it. */
	listen(listener: StatusListener): () => void {
		for (const record of this.#current()) this.#tell(listener, record);
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/** The records from now on, ending when the feed does. */
	read(): AsyncIterableIterator<StatusRecord> {
		const reader = new Reader(this.#current(), () => this.#readers.delete(reader));
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

class Reader implements AsyncIterableIterator<StatusRecord> {
	readonly #queue: StatusRecord[];
	readonly #waiting: ((result: IteratorResult<StatusRecord>) => void)[] = [];
	readonly #forget: () => void;
	#ended = false;

	constructor(first: readonly StatusRecord[], forget: () => void) {
		this.#queue = [...first];
		this.#forget = forget;
	}

	push(record: StatusRecord): void {
		const waiting = this.#waiting.shift();
		if (waiting) {
			waiting({ done: false, value: record });
			return;
		}
		this.#queue.push(record);
		if (this.#queue.length > longestQueue) this.#queue.shift();
	}

	end(): void {
		this.#ended = true;
		for (const waiting of this.#waiting.splice(0)) waiting({ done: true, value: undefined });
	}

	next(): Promise<IteratorResult<StatusRecord>> {
		const record = this.#queue.shift();
		if (record) return Promise.resolve({ done: false, value: record });
		if (this.#ended) return Promise.resolve({ done: true, value: undefined });
		return new Promise((resolve) => this.#waiting.push(resolve));
	}

	return(): Promise<IteratorResult<StatusRecord>> {
		this.#forget();
		this.#queue.length = 0;
		this.end();
		return Promise.resolve({ done: true, value: undefined });
	}

	[Symbol.asyncIterator](): AsyncIterableIterator<StatusRecord> {
		return this;
	}
}
