import { monotonicMs, timerToleranceMs } from "./clock.ts";

/** How often an action is allowed. */
export interface TokenBucketOptions {
	/** How many tokens a full bucket has, for actions in quick succession; an integer from 1. */
	readonly burst: number;
	/** Milliseconds in which one token is added. */
	readonly everyMs: number;
}

/** A rate limiter that allows a burst of actions, then one action every `everyMs`. */
export class TokenBucket {
	readonly #options: TokenBucketOptions;
	/** When the bucket is full again, on the monotonic clock. */
	#fullAt = Number.NEGATIVE_INFINITY;

	constructor(options: TokenBucketOptions) {
		this.#options = options;
	}

	/** Milliseconds until a token is available; 0 when one is available now. */
	get waitMs(): number {
		const { burst, everyMs } = this.#options;
		const waitMs = this.#fullAt - (burst - 1) * everyMs - monotonicMs();
		// A timer may have fired up to `timerToleranceMs` early. The next wait is longer by the time that is missing here.
		return waitMs >= timerToleranceMs ? waitMs : 0;
	}

	/** Milliseconds until the bucket is full again; 0 when it is full. */
	get fullInMs(): number {
		return Math.max(0, this.#fullAt - monotonicMs());
	}

	/**
	 * Continues where an earlier bucket stopped. A `fullInMs` that is too long counts as an empty bucket.
	 *
	 * @param fullInMs - the {@link fullInMs} of the earlier bucket.
	 */
	restore(fullInMs: number): void {
		const { burst, everyMs } = this.#options;
		this.#fullAt = Math.max(this.#fullAt, monotonicMs() + Math.min(fullInMs, burst * everyMs));
	}

	/** Takes a token and returns 0. If no token is available, takes none and returns the milliseconds until one is. */
	tryAcquire(): number {
		const { waitMs } = this;
		if (waitMs === 0) this.#fullAt = Math.max(this.#fullAt, monotonicMs()) + this.#options.everyMs;
		return waitMs;
	}
}

/** The precision of {@link RollingLimit.made}, so that hundreds of attempts are stored as a short list. */
const roundMs = 5_000;

/**
 * A rate limiter that allows at most `limit` attempts in any period of `perMs`. Each attempt counts, whether it
 * succeeds or not.
 */
export class RollingLimit {
	readonly #limit: number;
	readonly #perMs: number;
	#made: readonly number[] = [];
	/** The times for which refused callers were told to retry, one per caller; at most `limit`. */
	#promised: readonly number[] = [];

	/**
	 * @param limit - an integer from 1.
	 * @param perMs - milliseconds above 0.
	 */
	constructor(limit: number, perMs: number) {
		this.#limit = limit;
		this.#perMs = perMs;
	}

	/**
	 * The attempts that still count, oldest first: how many milliseconds ago they were made, rounded down to 5 s, and how
	 * many.
	 */
	get made(): readonly (readonly [agoMs: number, times: number])[] {
		const now = monotonicMs();
		const counts = new Map<number, number>();
		for (const at of this.#made) {
			const agoMs = Math.floor((now - at) / roundMs) * roundMs;
			if (now - at < this.#perMs) counts.set(agoMs, (counts.get(agoMs) ?? 0) + 1);
		}
		return [...counts];
	}

	/**
	 * Continues where an earlier limiter stopped. Ignored if this limiter counts as many attempts already.
	 *
	 * @param made - the {@link made} of the earlier limiter.
	 */
	restore(made: readonly (readonly [agoMs: number, times: number])[]): void {
		const now = monotonicMs();
		const isKnown = ([agoMs, times]: readonly [number, number]): number[] =>
			agoMs < this.#perMs ? Array.from({ length: Math.min(times, this.#limit) }, () => now - Math.max(0, agoMs)) : [];
		const restored = made.flatMap(isKnown).sort((a, b) => a - b);
		if (restored.length > this.#made.length) this.#made = restored.slice(-this.#limit);
	}

	/** Milliseconds until an attempt is allowed; 0 when one is allowed now. Reading this counts no attempt. */
	get waitMs(): number {
		const now = monotonicMs();
		const recent = this.#made.filter((at) => now - at < this.#perMs);
		return recent.length < this.#limit ? 0 : Math.ceil((recent[0] ?? now) + this.#perMs - now);
	}

	/** Uses up all attempts: none is allowed for the next `perMs`. */
	useUp(): void {
		this.restore([[0, this.#limit]]);
	}

	/**
	 * Counts an attempt and returns 0. If no attempt is allowed, counts none and returns the milliseconds to wait, an
	 * integer from 1. Callers that are refused together get different waits, so that they do not all retry at the same
	 * time.
	 */
	tryAcquire(): number {
		const now = monotonicMs();
		this.#made = this.#made.filter((at) => now - at < this.#perMs);
		this.#promised = this.#promised.filter((at) => at > now);
		if (this.#made.length < this.#limit) {
			this.#made = [...this.#made, now];
			return 0;
		}
		const at = (this.#made[this.#promised.length % this.#made.length] ?? now) + this.#perMs;
		if (this.#promised.length < this.#limit) this.#promised = [...this.#promised, at];
		return Math.max(1, Math.ceil(at - now));
	}
}
