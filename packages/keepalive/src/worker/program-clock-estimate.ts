import { monotonicMs } from "@x/base/clock";

/**
 * If an exchange of clock messages took longer than this many milliseconds, it is repeated, because the estimate may be wrong
 * by as much.
 */
const goodEnoughMs = 5;

/** The maximum number of exchanges of clock messages, because a busy machine may never be fast enough. */
const maxExchanges = 100;

/**
 * The program's monotonic clock, as the worker estimates it.
 *
 * The monotonic clocks of two threads run at the same speed, but Bun and Deno start the clock anew in each thread, and wall clocks
 * can be set. So the program sends the time of its clock, and the worker adds the time that has passed since then.
 *
 * The estimate is never ahead of the program's clock, so a session is never shown as armed for too long. The estimate is behind by
 * as long as the fastest message took, so a session may be shown as not armed too early by as much.
 */
export class ReaderClock {
	readonly #ask: () => void;
	/** Milliseconds to add to the clock of this thread, to estimate the clock of the program. */
	#offsetMs: number;
	#askedAt: number | undefined;
	#bestMs = Number.POSITIVE_INFINITY;
	#exchanges = 0;

	/**
	 * @param at - a time on the program's clock that has already passed: the first estimate, which is therefore never ahead of
	 * that clock.
	 * @param ask - asks the program for its clock.
	 */
	constructor(at: number, ask: () => void) {
		this.#offsetMs = at - monotonicMs();
		this.#ask = ask;
	}

	/** Asks the program for its clock again, unless an exchange was fast enough. To be called regularly. */
	refine(): void {
		if (this.#askedAt !== undefined || this.#bestMs <= goodEnoughMs || this.#exchanges >= maxExchanges) return;
		this.#askedAt = monotonicMs();
		this.#ask();
	}

	/** To be called with the program's answer. `at` is the time on the program's clock. */
	receive(at: number): void {
		const now = monotonicMs();
		this.#offsetMs = Math.max(this.#offsetMs, at - now);
		if (this.#askedAt === undefined) return;
		this.#bestMs = Math.min(this.#bestMs, now - this.#askedAt);
		this.#exchanges += 1;
		this.#askedAt = undefined;
	}

	/** The current time on the program's clock, or a slightly earlier time. */
	now(): number {
		return this.fromOwn(monotonicMs());
	}

	/** The current time on the program's clock, or a slightly later time; infinite before the program has answered. */
	latest(): number {
		return this.now() + this.#bestMs;
	}

	/** Converts a time on the clock of this thread to a time on the program's clock. */
	fromOwn(ms: number): number {
		return ms + this.#offsetMs;
	}
}
