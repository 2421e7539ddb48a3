import { callSafely } from "@x/base/call-safely";
import type { StatusRecord } from "./status.ts";
import { StatusIterator } from "./status-iterator.ts";

/**
 * A function that is called with every status record. Its exceptions are caught and counted, so that a listener cannot end the
 * loop that keeps a session alive.
 */
type StatusListener = (record: StatusRecord) => void;

/**
 * Passes status records to listeners and iterators. A listener or iterator first gets the current record of every session, and
 * then every change.
 */
export class StatusEmitter {
	readonly #current: (session?: string) => readonly StatusRecord[];
	/**
	 * The listeners by the name of their session; listeners for all sessions are under `undefined`. A change then calls only the
	 * listeners that asked for its session.
	 */
	readonly #listeners = new Map<string | undefined, Set<StatusListener>>();
	readonly #iterators = new Set<StatusIterator>();
	#isDelivering = false;
	/** The deliveries that have to wait, because a listener caused a status record while another record was being delivered. */
	readonly #waiting: (() => void)[] = [];
	#hasEnded = false;
	#faults = 0;

	constructor(current: (session?: string) => readonly StatusRecord[]) {
		this.#current = current;
	}

	/** How many calls of listeners threw or rejected. */
	get listenerFaults(): number {
		return this.#faults;
	}

	/** Counts a call of a listener that threw or rejected. */
	readonly countFault = (): void => {
		this.#faults += 1;
	};

	/**
	 * Passes a status record on. If a listener causes another record during the delivery, the other record waits until every
	 * receiver has this one, so that all receivers get the records in the order in which they happened.
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

	/**
	 * Makes the function that delivers a record to the listeners and iterators that exist now. A listener that is added later
	 * receives this record as the current one.
	 */
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

	/** Adds a listener for one session or for all sessions. Returns a function that removes the listener. */
	listen(listener: StatusListener, session?: string): () => void {
		// The listener is wrapped in a new function, so that the same function can be added twice.
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

	/** An iterator over the current records and all later records. It ends when the emitter ends. */
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
