import { monotonicMs } from "./clock.ts";

/** Wall clocks are corrected by less than this many milliseconds at a time; a larger difference is a suspension or a clock that was set. */
const toleranceMs = 100;

/**
 * A clock that also counts the time for which the machine was suspended, even if the wall clock was set back before the
 * suspension.
 *
 * The monotonic clock may stop during a suspension; the wall clock does not. Therefore each reading of this clock
 * compares the two. If the wall clock has advanced further, the difference is added. If the wall clock was set back,
 * nothing is subtracted. A suspension is counted too short, or not at all, only if the wall clock was also set back
 * between the reading before the suspension and the reading after it.
 */
export class SteadyClock {
	readonly #wallMs: () => number;
	/**
	 * By how many milliseconds the wall clock was ahead of the monotonic clock at the start, or after the last suspension
	 * or change of the wall clock.
	 */
	#aheadMs: number;
	/** The sum of all suspensions, in milliseconds. */
	#suspendedMs = 0;

	/** @param wallMs - reads the wall clock, in epoch milliseconds. */
	constructor(wallMs: () => number) {
		this.#wallMs = wallMs;
		this.#aheadMs = wallMs() - monotonicMs();
	}

	/** The current time in milliseconds, which can be compared only with other readings of this clock. */
	now(): number {
		const monotonic = monotonicMs();
		const byMs = this.#wallMs() - monotonic - this.#aheadMs;
		if (Math.abs(byMs) <= toleranceMs) return monotonic + this.#suspendedMs + Math.max(0, byMs);
		this.#aheadMs += byMs;
		this.#suspendedMs += Math.max(0, byMs);
		return monotonic + this.#suspendedMs;
	}
}
