import { sleep } from "@x/base/clock";
import { instantNow, isOlderThan } from "@x/base/instant";

/** How often a running process shows that it runs. */
const tickMs = 1_000;
/** A timer that fires this much too late shows a stall. */
const stallMs = 200;
/** How long after a stall an event may still be of the time in which it stalled. */
const settleMs = 100;

/**
 * Knows whether this process has just stalled: what is seen then may have happened at any time during the stall. Pings do not
 * show it if they are further apart than the stall was long.
 */
export class StallWatch {
	#ran = instantNow(Date.now);
	#wasLate = false;

	/** @param ended - ends the watch. */
	constructor(ended: AbortSignal) {
		void this.#run(ended);
	}

	/** True for `settleMs` after a stall too: timers fire before the events of sockets are seen. */
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
