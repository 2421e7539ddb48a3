import { monotonicMs } from "@x/base/clock";

/** An exchange that took longer than this is repeated: the clock may be off by as much. */
const goodEnoughMs = 5;

/** After so many exchanges the best of them is good enough: a busy machine may never do better. */
const maxExchanges = 100;

/**
 * The program's monotonic clock, as its worker knows it.
 *
 * The clocks of two threads count alike, but Bun and Deno start them anew in each thread, and wall clocks can be set. So the
 * program sends its clock, and the worker adds its own time since. This clock lags the program's by the
 * time that the message took, and is never ahead of it. A session is therefore never shown as armed for too long; it is shown so
 * for too short a time, by what the fastest message took.
 */
export class ReaderClock {
	readonly #ask: () => void;
	/** What to add to the own clock. */
	#offsetMs: number;
	#askedAt: number | undefined;
	#bestMs = Number.POSITIVE_INFINITY;
	#exchanges = 0;

	/**
	 * @param at - the program's clock before now.
	 * @param ask - asks the program for its clock.
	 */
	constructor(at: number, ask: () => void) {
		this.#offsetMs = at - monotonicMs();
		this.#ask = ask;
	}

	/** To be called now and then: asks again until an exchange was fast. */
	refine(): void {
		if (this.#askedAt !== undefined || this.#bestMs <= goodEnoughMs || this.#exchanges >= maxExchanges) return;
		this.#askedAt = monotonicMs();
		this.#ask();
	}

	/** The program answered. */
	receive(at: number): void {
		const now = monotonicMs();
		this.#offsetMs = Math.max(this.#offsetMs, at - now);
		if (this.#askedAt === undefined) return;
		this.#bestMs = Math.min(this.#bestMs, now - this.#askedAt);
		this.#exchanges += 1;
		this.#askedAt = undefined;
	}

	/** The program's clock now, or a little before. */
	now(): number {
		return this.fromOwn(monotonicMs());
	}

	/** The program's clock now, or a little after; infinite before the program has answered. */
	latest(): number {
		return this.now() + this.#bestMs;
	}

	/** An instant of the own clock on the program's. */
	fromOwn(ms: number): number {
		return ms + this.#offsetMs;
	}
}
