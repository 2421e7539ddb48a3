import type { StatusRecord } from "./status.ts";

/** How many changes one that does not keep up may have waiting, beside where the sessions stood when it came. */
const longestQueue = 1_000;

/**
 * One reader's records. Memory is bounded: of a reader that does not keep up the oldest go, and the next record it gets
 * says how many.
 */
export class StatusReader implements AsyncIterableIterator<StatusRecord> {
	readonly #queue: StatusRecord[];
	readonly #longest: number;
	readonly #waiting: ((result: IteratorResult<StatusRecord>) => void)[] = [];
	readonly #forget: () => void;
	#dropped = 0;
	#ended = false;

	constructor(first: readonly StatusRecord[], forget: () => void) {
		this.#queue = [...first];
		this.#longest = first.length + longestQueue;
		this.#forget = forget;
	}

	push(record: StatusRecord): void {
		const waiting = this.#waiting.shift();
		if (waiting) {
			waiting({ done: false, value: record });
			return;
		}
		this.#queue.push(record);
		if (this.#queue.length <= this.#longest) return;
		this.#queue.shift();
		this.#dropped += 1;
	}

	end(): void {
		this.#ended = true;
		for (const waiting of this.#waiting.splice(0)) waiting({ done: true, value: undefined });
	}

	next(): Promise<IteratorResult<StatusRecord>> {
		const record = this.#queue.shift();
		if (record) {
			const value = this.#dropped > 0 ? { ...record, dropped: this.#dropped } : record;
			this.#dropped = 0;
			return Promise.resolve({ done: false, value });
		}
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
