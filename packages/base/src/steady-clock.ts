import { monotonicMs } from "./clock.ts";

/** Wall clocks are corrected by less than this many milliseconds at a time; a larger difference is a suspension or a clock that was set. */
const toleranceMs = 100;

/**
 * A clock that also counts the time for which the machine was suspended.
 *
 * The monotonic clock may stop during a suspension, but the wall clock goes on. Therefore each reading of this clock compares
 * how far the two clocks have advanced:
 * - If the wall clock has advanced further, the difference is added, as a suspension.
 * - If the wall clock has advanced less, it was set back, and nothing is subtracted.
 *
 * One error remains: if a suspension and a setting back of the wall clock both happen between the same two readings, the
 * suspension is counted too short or not at all.
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
