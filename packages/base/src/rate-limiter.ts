import { monotonicMs, timerToleranceMs } from "./clock.ts";

/** The limits of a {@link TokenBucket}. */
export interface TokenBucketOptions {
	/** How many tokens a full bucket has, which is how many actions are allowed at once. An integer of at least 1. */
	readonly burst: number;
	/** The bucket gets one more token each time this many milliseconds have passed. */
	readonly everyMs: number;
}

/** A rate limiter that allows a burst of actions, then one action every `everyMs`. */
export class TokenBucket {
	readonly #options: TokenBucketOptions;
	/** The time at which the bucket is full again, on the monotonic clock. */
	#fullAt = Number.NEGATIVE_INFINITY;

	constructor(options: TokenBucketOptions) {
		this.#options = options;
	}

	/** Milliseconds until a token is available; 0 when one is available now. */
	get waitMs(): number {
		const { burst, everyMs } = this.#options;
		const waitMs = this.#fullAt - (burst - 1) * everyMs - monotonicMs();
		// A caller whose timer fired early, by up to `timerToleranceMs`, gets its token now: the rest of its wait is skipped. The
		// next wait is longer by the same time, so that the limit still holds.
		return waitMs >= timerToleranceMs ? waitMs : 0;
	}

	/** Milliseconds until the bucket is full again; 0 when it is full now. */
	get fullInMs(): number {
		return Math.max(0, this.#fullAt - monotonicMs());
	}

	/**
	 * Continues where an earlier bucket stopped. If `fullInMs` is longer than an empty bucket needs to fill, the bucket counts as
	 * empty.
	 *
	 * @param fullInMs - the {@link fullInMs} of the earlier bucket.
	 */
	restore(fullInMs: number): void {
		const { burst, everyMs } = this.#options;
		this.#fullAt = Math.max(this.#fullAt, monotonicMs() + Math.min(fullInMs, burst * everyMs));
	}

	/**
	 * Takes a token and returns 0. If no token is available, takes none, and returns the milliseconds until a token will be
	 * available.
	 */
	tryAcquire(): number {
		const { waitMs } = this;
		if (waitMs === 0) this.#fullAt = Math.max(this.#fullAt, monotonicMs()) + this.#options.everyMs;
		return waitMs;
	}
}

/**
 * The ages of attempts in {@link RollingLimit.made} are rounded down to a multiple of this many milliseconds, so that hundreds
 * of attempts are stored as a short list.
 */
const roundMs = 5_000;

/**
 * A rate limiter that allows at most `limit` attempts in any period of `perMs` milliseconds. Each attempt counts, whether it
 * succeeds or fails.
 */
export class RollingLimit {
	readonly #limit: number;
	readonly #perMs: number;
	#made: readonly number[] = [];
	/** For each refused caller, the time from which that caller may try again. Has at most `limit` entries. */
	#promised: readonly number[] = [];

	/**
	 * @param limit - how many attempts are allowed; an integer of at least 1.
	 * @param perMs - the length of the period in milliseconds; above 0.
	 */
	constructor(limit: number, perMs: number) {
		this.#limit = limit;
		this.#perMs = perMs;
	}

	/**
	 * The attempts that still count, oldest first. Each entry consists of an age in milliseconds, rounded down to a
	 * multiple of 5 s, and the number of attempts of this age.
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
	 * Continues where an earlier limiter stopped: replaces the attempts of this limiter by those of the earlier one. Does nothing
	 * if this limiter has counted at least as many attempts. The two are not added up, because they may contain the same attempts.
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

	/** Milliseconds until an attempt is allowed; 0 when an attempt is allowed now. Reading this property counts no attempt. */
	get waitMs(): number {
		const now = monotonicMs();
		const recent = this.#made.filter((at) => now - at < this.#perMs);
		return recent.length < this.#limit ? 0 : Math.ceil((recent[0] ?? now) + this.#perMs - now);
	}

	/** Counts as many attempts as the limit allows, so that no attempt is allowed for the next `perMs` milliseconds. */
	useUp(): void {
		this.restore([[0, this.#limit]]);
	}

	/**
	 * Counts an attempt and returns 0 if the limit allows it. Otherwise counts nothing and returns how many milliseconds to wait,
	 * an integer of at least 1. Callers that are refused shortly after each other get different waits, so that they do not all
	 * retry at the same time.
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
