import { RetryAfter } from "@x/base/retry-after";
import { dispositionOf } from "../session-error.ts";
import { type Cause, causeOf } from "../status/status.ts";

/**
 * A wait that the venue asked for before the next call. The wait goes on even if the connection over which the venue asked for it
 * has ended.
 */
export class VenueWait {
	readonly #retryAfter = new RetryAfter();
	#cause: Cause | undefined;

	/** Why the venue asked for a wait; undefined when no wait is in force. */
	get cause(): Cause | undefined {
		return this.remainingMs() > 0 ? this.#cause : undefined;
	}

	/** Records the wait that an error asks for. Returns whether the error asks for a wait. */
	record(error: unknown): boolean {
		const disposition = dispositionOf(error);
		if (disposition.action !== "wait") return false;
		this.add(disposition.forMs, causeOf(error));
		return true;
	}

	/** Adds a wait of `forMs` milliseconds from now. Of several waits, the wait that ends last counts. */
	add(forMs: number, cause: Cause): void {
		if (forMs > this.remainingMs()) this.#cause = cause;
		this.#retryAfter.record(forMs);
	}

	/** Milliseconds until a call is allowed, with fractions; 0 when a call is allowed now. */
	remainingMs(): number {
		return this.#retryAfter.remainingMs();
	}
}
