import { monotonicMs } from "./clock.ts";

/** Wall clocks are corrected by less than this many milliseconds at a time; a larger difference is a suspension or a clock that was set. */
const toleranceMs = 100;

/**
 * A clock that also counts the time for which the machine was suspended, even if the wall clock was set back before.
 *
 * The monotonic clock may stop during a suspension. The wall clock does not, so at every reading a wall clock that has gone further than
 * the monotonic clock adds the difference, and a wall clock that was set back takes nothing away. A suspension is missed only if the wall
 * clock was set back by as much since the previous reading.
 */
export class SteadyClock {
	readonly #wallMs: () => number;
	/** How far the wall clock was ahead of the monotonic clock when one of them last moved alone, in milliseconds. */
	#aheadMs: number;
	/** The sum of all suspensions, in milliseconds. */
	#suspendedMs = 0;

	/** @param wallMs - reads the wall clock, in epoch milliseconds. */
	constructor(wallMs: () => number) {
		this.#wallMs = wallMs;
		this.#aheadMs = wallMs() - monotonicMs();
	}

	/** The current time in milliseconds. It can be compared only with other readings of this clock. */
	now(): number {
		const monotonic = monotonicMs();
		const byMs = this.#wallMs() - monotonic - this.#aheadMs;
		if (Math.abs(byMs) <= toleranceMs) return monotonic + this.#suspendedMs + Math.max(0, byMs);
		this.#aheadMs += byMs;
		this.#suspendedMs += Math.max(0, byMs);
		return monotonic + this.#suspendedMs;
	}
}
