import { monotonicMs, sleep } from "@x/base/clock";

const turnEveryMs = 500;
/** When a timer is late by at least this many milliseconds, the event loop counts as blocked. */
const stallMs = 1_000;

/** Measures when the event loop of this thread last ran, and for how long it was blocked. */
export class LoopWatch {
	readonly #ended = new AbortController();
	#turnedAt = monotonicMs();
	#stalledMs = 0;

	constructor() {
		void this.#run();
	}

	/** Milliseconds since the event loop last ran. */
	get ageMs(): number {
		return monotonicMs() - this.#turnedAt;
	}

	/** Milliseconds for which the event loop was blocked, in total. Delays below one second are not counted. */
	get stalledMs(): number {
		return this.#stalledMs;
	}

	close(): void {
		this.#ended.abort();
	}

	async #run(): Promise<void> {
		while (!this.#ended.signal.aborted) {
			await sleep(turnEveryMs, this.#ended.signal);
			const lateMs = this.ageMs - turnEveryMs;
			if (lateMs >= stallMs) this.#stalledMs += lateMs;
			this.#turnedAt = monotonicMs();
		}
	}
}
