import { monotonicMs } from "./clock.ts";

/** Stores the earliest time at which the venue allows the next call, on the monotonic clock. */
export class RetryAfter {
	/** The start value is not 0, because the monotonic clock may start below 0: 0 would then be in the future. */
	#notBefore = Number.NEGATIVE_INFINITY;

	/** Allows no call for the next `forMs` milliseconds. Of several recorded waits, the one that ends last applies. */
	record(forMs: number): void {
		const until = monotonicMs() + forMs;
		if (until > this.#notBefore) this.#notBefore = until;
	}

	/** Milliseconds until a call is allowed, with fractions; 0 when a call is allowed now. */
	remainingMs(): number {
		return Math.max(0, this.#notBefore - monotonicMs());
	}
}
