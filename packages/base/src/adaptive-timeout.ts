import { monotonicMs } from "./clock.ts";

/** The settings of an {@link AdaptiveTimeout}. All values are in milliseconds. */
export interface AdaptiveTimeoutOptions {
	/** The timeout while all answers arrive in time. */
	readonly ms: number;
	/** The longest timeout, which the doubling never exceeds. */
	readonly longestMs: number;
	/** After this time without a slow answer, the timeout is `ms` again. */
	readonly resetMs: number;
}

/**
 * A timeout for answers. It doubles when an answer took longer than the timeout. It returns to its configured value once
 * all answers have been faster than that value for `resetMs`.
 *
 * A short timeout notices a dead connection early, but can mistake a slow connection for a dead one. Each such
 * mistake closes a working connection. Repeated mistakes would get the orders cancelled and exceed the venue's limit of
 * new connections.
 */
export class AdaptiveTimeout {
	readonly #options: AdaptiveTimeoutOptions;
	#ms: number;
	#slowAt = Number.NEGATIVE_INFINITY;

	constructor(options: AdaptiveTimeoutOptions) {
		this.#options = options;
		this.#ms = options.ms;
	}

	/** The current length of the timeout, in milliseconds. */
	get ms(): number {
		if (monotonicMs() - this.#slowAt >= this.#options.resetMs) this.#ms = this.#options.ms;
		return this.#ms;
	}

	/**
	 * Records how long an answer took.
	 *
	 * @param tookMs - how long the answer took; if no answer came, how long the caller waited for it.
	 */
	record(tookMs: number): void {
		const { ms, longestMs } = this.#options;
		if (tookMs < ms) return;
		let longerMs = this.ms;
		while (longerMs <= tookMs && longerMs < longestMs) longerMs = Math.min(2 * longerMs, longestMs);
		this.#ms = longerMs;
		this.#slowAt = monotonicMs();
	}
}
