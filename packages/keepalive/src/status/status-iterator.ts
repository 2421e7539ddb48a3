import type { StatusRecord } from "./status.ts";

/** How many changes are buffered for a consumer that reads more slowly than the changes come. */
const maxQueuedChanges = 1_000;

/**
 * Iterates over status records for one consumer. When the consumer reads too slowly, the oldest records are dropped, and the next
 * record that the consumer gets says how many were dropped.
 */
export class StatusIterator implements AsyncIterableIterator<StatusRecord> {
	readonly #queue: StatusRecord[];
	readonly #maxLength: number;
	readonly #pending: ((result: IteratorResult<StatusRecord>) => void)[] = [];
	readonly #onReturn: () => void;
	#dropped = 0;
	#hasEnded = false;

	/**
	 * @param current - the current status records, which are yielded first.
	 * @param onReturn - called when the consumer leaves its loop.
	 */
	constructor(current: readonly StatusRecord[], onReturn: () => void) {
		this.#queue = [...current];
		this.#maxLength = current.length + maxQueuedChanges;
		this.#onReturn = onReturn;
	}

	push(record: StatusRecord): void {
		const resolve = this.#pending.shift();
		if (resolve) {
			resolve({ done: false, value: record });
			return;
		}
		this.#queue.push(record);
		if (this.#queue.length <= this.#maxLength) return;
		this.#queue.shift();
		this.#dropped += 1;
	}

	end(): void {
		this.#hasEnded = true;
		for (const resolve of this.#pending.splice(0)) resolve({ done: true, value: undefined });
	}

	next(): Promise<IteratorResult<StatusRecord>> {
		const record = this.#queue.shift();
		if (record) {
			const value = this.#dropped > 0 ? { ...record, dropped: this.#dropped } : record;
			this.#dropped = 0;
			return Promise.resolve({ done: false, value });
		}
		if (this.#hasEnded) return Promise.resolve({ done: true, value: undefined });
		return new Promise((resolve) => this.#pending.push(resolve));
	}

	return(): Promise<IteratorResult<StatusRecord>> {
		this.#onReturn();
		this.#queue.length = 0;
		this.end();
		return Promise.resolve({ done: true, value: undefined });
	}

	[Symbol.asyncIterator](): AsyncIterableIterator<StatusRecord> {
		return this;
	}
}
