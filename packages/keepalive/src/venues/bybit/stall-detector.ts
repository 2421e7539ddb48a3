import { sleep } from "@x/base/clock";
import { instantNow, isOlderThan } from "@x/base/instant";

/** Interval, in milliseconds, of a timer that is late only if the process stalls. */
const tickMs = 1_000;
/** If the timer fires this many milliseconds late, the process has stalled. */
const stallMs = 200;
/** How many milliseconds after a stall this process may still receive events that happened during it. */
const settleMs = 100;

/**
 * Knows whether this process has just stalled. An event that the process sees right after a stall may have happened at any time during it.
 * This class has its own timer, because a stall between two pings delays no ping.
 */
export class StallDetector {
	#ran = instantNow(Date.now);
	#wasLate = false;

	/** @param ended - stops the timer when it aborts. */
	constructor(ended: AbortSignal) {
		void this.#run(ended);
	}

	/** True during a stall and for `settleMs` after it, because timers fire before the process sees the events of its sockets. */
	get hasStalled(): boolean {
		return this.#wasLate || this.#isLate;
	}

	get #isLate(): boolean {
		return isOlderThan(this.#ran, tickMs + stallMs, instantNow(Date.now));
	}

	async #run(ended: AbortSignal): Promise<void> {
		while (!ended.aborted) {
			await sleep(this.#wasLate ? settleMs : tickMs, ended);
			this.#wasLate = this.#isLate;
			this.#ran = instantNow(Date.now);
		}
	}
}
