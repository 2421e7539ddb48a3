import { sleep } from "@x/base/clock";
import { instantNow, isOlderThan } from "@x/base/instant";

/** Interval of the timer that shows that the process runs. */
const tickMs = 1_000;
/** A timer that fires this many milliseconds late shows a stall. */
const stallMs = 200;
/** How long after a stall this process may still receive events that happened during the stall. */
const settleMs = 100;

/**
 * Knows whether this process has just stalled: an event that it sees right after a stall may have happened at any time during the
 * stall. Pings do not show a stall that is shorter than the time between two pings.
 */
export class StallWatch {
	#ran = instantNow(Date.now);
	#wasLate = false;

	/** @param ended - stops the timer when it aborts. */
	constructor(ended: AbortSignal) {
		void this.#run(ended);
	}

	/** True during a stall and for `settleMs` after it: timers fire before the events of sockets are seen. */
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
