import { callSafely } from "@x/base/call-safely";
import type { StatusRecord } from "./status.ts";
import { StatusIterator } from "./status-iterator.ts";

/** Called with every status record. Exceptions are caught and counted, so a listener cannot end a loop. */
type StatusListener = (record: StatusRecord) => void;

/**
 * Passes status records to listeners and iterators. Both first get the current record of every session, and then every
 * change.
 */
export class StatusEmitter {
	readonly #current: (session?: string) => readonly StatusRecord[];
	/** The listeners by session; under `undefined`, those of all sessions. So a change calls no listener of another session. */
	readonly #listeners = new Map<string | undefined, Set<StatusListener>>();
	readonly #iterators = new Set<StatusIterator>();
	#isDelivering = false;
	/** Deliveries of records that listeners caused while another record was being delivered. */
	readonly #waiting: (() => void)[] = [];
	#hasEnded = false;
	#faults = 0;

	constructor(current: (session?: string) => readonly StatusRecord[]) {
		this.#current = current;
	}

	/** How many times a listener threw or rejected. */
	get listenerFaults(): number {
		return this.#faults;
	}

	/** Counts a listener that threw or rejected. */
	readonly countFault = (): void => {
		this.#faults += 1;
	};

	/**
	 * Passes a record on. A record that a listener causes waits until the record before it has reached everybody, so that
	 * all receivers get the records in the order in which they happened.
	 */
	publish(record: StatusRecord): void {
		const deliver = this.#deliveryOf(record);
		if (this.#isDelivering) {
			this.#waiting.push(deliver);
			return;
		}
		this.#isDelivering = true;
		for (let next: (() => void) | undefined = deliver; next; next = this.#waiting.shift()) next();
		this.#isDelivering = false;
	}

	/** The receivers are fixed now: a listener that is added later receives this record as the current one. */
	#deliveryOf(record: StatusRecord): () => void {
		const receivers = [undefined, record.session].flatMap((key) => {
			const listeners = this.#listeners.get(key);
			return listeners ? Array.from(listeners, (listener) => ({ listeners, listener })) : [];
		});
		const iterators = [...this.#iterators];
		return () => {
			for (const { listeners, listener } of receivers) if (listeners.has(listener)) this.#call(listener, record);
			for (const iterator of iterators) iterator.push(record);
		};
	}

	/** Adds a listener for one session or for all of them. The returned function removes it. */
	listen(listener: StatusListener, session?: string): () => void {
		// Wrapped, so that the same function can listen twice.
		const wrapped: StatusListener = (record) => listener(record);
		for (const record of this.#current(session)) this.#call(wrapped, record);
		if (this.#hasEnded) return () => undefined;
		const listeners = this.#listeners.get(session) ?? new Set();
		this.#listeners.set(session, listeners.add(wrapped));
		return () => {
			listeners.delete(wrapped);
			if (listeners.size === 0 && this.#listeners.get(session) === listeners) this.#listeners.delete(session);
		};
	}

	/** An iterator over the records from now on. It ends when the emitter does. */
	iterate(): AsyncIterableIterator<StatusRecord> {
		const iterator = new StatusIterator(this.#current(), () => this.#iterators.delete(iterator));
		if (this.#hasEnded) iterator.end();
		else this.#iterators.add(iterator);
		return iterator;
	}

	end(): void {
		this.#hasEnded = true;
		for (const iterator of this.#iterators) iterator.end();
		this.#listeners.clear();
		this.#iterators.clear();
	}

	#call(listener: StatusListener, record: StatusRecord): void {
		callSafely(() => listener(record), this.countFault);
	}
}
