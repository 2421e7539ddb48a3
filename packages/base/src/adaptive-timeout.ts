import { monotonicMs } from "./clock.ts";

/** How a timeout adapts, in milliseconds. */
export interface AdaptiveTimeoutOptions {
	/** The timeout while answers are quick. */
	readonly ms: number;
	/** The longest it becomes. */
	readonly longestMs: number;
	/** It returns to `ms` after this long without a slow answer. */
	readonly resetMs: number;
}

/**
 * A timeout that doubles after an answer that took longer, and returns to its configured value later.
 *
 * A short timeout notices a dead connection early but can misjudge a slow one. Repeated false alarms would cost the orders and
 * use up a venue's limit of new connections.
 */
export class AdaptiveTimeout {
	readonly #options: AdaptiveTimeoutOptions;
	#ms: number;
	#slowAt = Number.NEGATIVE_INFINITY;

	constructor(options: AdaptiveTimeoutOptions) {
		this.#options = options;
		this.#ms = options.ms;
	}

	/** The timeout in force now. */
	get ms(): number {
		if (monotonicMs() - this.#slowAt >= this.#options.resetMs) this.#ms = this.#options.ms;
		return this.#ms;
	}

	/** @param tookMs - how long an answer took; for one that did not come, how long it was waited for. */
	record(tookMs: number): void {
		const { ms, longestMs } = this.#options;
		if (tookMs < ms) return;
		let longerMs = this.ms;
		while (longerMs <= tookMs && longerMs < longestMs) longerMs = Math.min(2 * longerMs, longestMs);
		this.#ms = longerMs;
		this.#slowAt = monotonicMs();
	}
}
