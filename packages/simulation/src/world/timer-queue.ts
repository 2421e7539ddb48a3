/** A queued timer. `run` is absent if the timer was cancelled. */
export interface Entry {
	readonly at: number;
	readonly order: number;
	run: (() => void) | undefined;
}

/** A queue of timers (a binary heap), in the order of their times. Timers with the same time keep the order in which they were added. */
export class TimerQueue {
	readonly #heap: Entry[] = [];
	#asked = 0;
	#size = 0;

	/** How many timers have neither run nor been cancelled. */
	get size(): number {
		return this.#size;
	}

	/** The time of the next timer; `Infinity` when there is none. */
	get next(): number {
		for (let top = this.#heap[0]; top; top = this.#heap[0]) {
			if (top.run) return top.at;
			this.#removeTop();
		}
		return Number.POSITIVE_INFINITY;
	}

	add(at: number, run: () => void): Entry {
		this.#asked += 1;
		this.#size += 1;
		const entry: Entry = { at, order: this.#asked, run };
		this.#heap.push(entry);
		this.#rise(this.#heap.length - 1);
		return entry;
	}

	/** Cancels a timer. Does nothing when it has run or was cancelled. */
	cancel(entry: Entry): void {
		if (!entry.run) return;
		entry.run = undefined;
		this.#size -= 1;
	}

	/** Removes the next timer and returns its callback; undefined when there is none. */
	take(): (() => void) | undefined {
		if (this.next === Number.POSITIVE_INFINITY) return undefined;
		const top = this.#heap[0];
		const run = top?.run;
		if (top) this.cancel(top);
		this.#removeTop();
		return run;
	}

	clear(): void {
		for (const entry of this.#heap) entry.run = undefined;
		this.#heap.length = 0;
		this.#size = 0;
	}

	#removeTop(): void {
		const last = this.#heap.pop();
		if (!last || this.#heap.length === 0) return;
		this.#heap[0] = last;
		this.#sink();
	}

	#rise(from: number): void {
		const heap = this.#heap;
		let index = from;
		const entry = heap[index];
		while (entry && index > 0) {
			const above = (index - 1) >> 1;
			const parent = heap[above];
			if (!parent || !before(entry, parent)) break;
			heap[index] = parent;
			index = above;
		}
		if (entry) heap[index] = entry;
	}

	#sink(): void {
		const heap = this.#heap;
		const entry = heap[0];
		if (!entry) return;
		let index = 0;
		for (;;) {
			const left = 2 * index + 1;
			let child = heap[left];
			let at = left;
			const right = heap[left + 1];
			if (child && right && before(right, child)) {
				child = right;
				at = left + 1;
			}
			if (!child || !before(child, entry)) break;
			heap[index] = child;
			index = at;
		}
		heap[index] = entry;
	}
}

function before(a: Entry, b: Entry): boolean {
	return a.at < b.at || (a.at === b.at && a.order < b.order);
}
