import { monotonicMs } from "./clock.ts";

/** The earliest time of the next call, as a venue asked for it. Counted on the monotonic clock. */
export class RetryAfter {
	/** The monotonic clock may start below 0, so 0 would not mean "at once". */
	#notBefore = Number.NEGATIVE_INFINITY;

	/** Allows no call for `forMs` from now. Of several such waits the one that ends last holds. */
	record(forMs: number): void {
		const until = monotonicMs() + forMs;
		if (until > this.#notBefore) this.#notBefore = until;
	}

	/** Milliseconds until a call is allowed, not rounded; 0 when one is allowed now. */
	remainingMs(): number {
		return Math.max(0, this.#notBefore - monotonicMs());
	}
}
