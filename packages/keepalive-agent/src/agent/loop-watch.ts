import { monotonicMs, sleep } from "@x/base/clock";

const turnEveryMs = 500;
/** A timer this late means that something blocked the loop. */
const stallMs = 1_000;

/** Watches whether the event loop of this thread turns, and for how long it was blocked. */
export class LoopWatch {
	readonly #ended = new AbortController();
	#turnedAt = monotonicMs();
	#stalledMs = 0;

	constructor() {
		void this.#run();
	}

	/** Milliseconds since the loop last turned. */
	get ageMs(): number {
		return monotonicMs() - this.#turnedAt;
	}

	/** Milliseconds for which the loop was blocked, in total. Delays below a second are not counted. */
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
