import { monotonicMs, timerToleranceMs } from "./clock.ts";

/** How often something is allowed. */
export interface TokenBucketOptions {
	/** How many at once when the bucket is full; an integer from 1. */
	readonly burst: number;
	/** Milliseconds after which one more is allowed. */
	readonly everyMs: number;
}

/** A rate limiter: a burst at once, then one token every `everyMs`. */
export class TokenBucket {
	readonly #options: TokenBucketOptions;
	/** When the bucket is full again, on the monotonic clock. */
	#fullAt = Number.NEGATIVE_INFINITY;

	constructor(options: TokenBucketOptions) {
		this.#options = options;
	}

	/** Milliseconds until there is a token; 0 when there is one. */
	get waitMs(): number {
		const { burst, everyMs } = this.#options;
		const waitMs = this.#fullAt - (burst - 1) * everyMs - monotonicMs();
		// A timer may have fired early. The next wait is longer by that time.
		return waitMs >= timerToleranceMs ? waitMs : 0;
	}

	/** Milliseconds until the bucket is full again; 0 when it is. */
	get fullInMs(): number {
		return Math.max(0, this.#fullAt - monotonicMs());
	}

	/** Goes on where an earlier bucket stopped. At most it is empty then. @param fullInMs - see {@link fullInMs}. */
	restore(fullInMs: number): void {
		const { burst, everyMs } = this.#options;
		this.#fullAt = Math.max(this.#fullAt, monotonicMs() + Math.min(fullInMs, burst * everyMs));
	}

	/** Takes a token and returns 0; or takes none and returns the milliseconds until there is one. */
	tryAcquire(): number {
		const { waitMs } = this;
		if (waitMs === 0) this.#fullAt = Math.max(this.#fullAt, monotonicMs()) + this.#options.everyMs;
		return waitMs;
	}
}

/** Attempts are told to this precision, so that a window of hundreds is short to write down. */
const roundMs = 5_000;

/** A rate limiter: at most `limit` in any window of `perMs`. Each attempt counts, whether it succeeds or not. */
export class RollingLimit {
	readonly #limit: number;
	readonly #perMs: number;
	#made: readonly number[] = [];
	/** When each refused caller may come back, one time per caller; at most `limit` of them. */
	#promised: readonly number[] = [];

	/**
	 * @param limit - an integer from 1.
	 * @param perMs - milliseconds above 0.
	 */
	constructor(limit: number, perMs: number) {
		this.#limit = limit;
		this.#perMs = perMs;
	}

	/** When the attempts of the window were made, the oldest first: milliseconds ago, rounded down to 5 s, and how many. */
	get made(): readonly (readonly [agoMs: number, times: number])[] {
		const now = monotonicMs();
		const counts = new Map<number, number>();
		for (const at of this.#made) {
			const agoMs = Math.floor((now - at) / roundMs) * roundMs;
			if (now - at < this.#perMs) counts.set(agoMs, (counts.get(agoMs) ?? 0) + 1);
		}
		return [...counts];
	}

	/** Goes on where an earlier limit stopped, unless more attempts are known here. @param made - see {@link made}. */
	restore(made: readonly (readonly [agoMs: number, times: number])[]): void {
		const now = monotonicMs();
		const isKnown = ([agoMs, times]: readonly [number, number]): number[] =>
			agoMs < this.#perMs ? Array.from({ length: Math.min(times, this.#limit) }, () => now - Math.max(0, agoMs)) : [];
		const restored = made.flatMap(isKnown).sort((a, b) => a - b);
		if (restored.length > this.#made.length) this.#made = restored.slice(-this.#limit);
	}

	/** Milliseconds until an attempt is allowed; 0 when one is. Counts nothing. */
	get waitMs(): number {
		const now = monotonicMs();
		const recent = this.#made.filter((at) => now - at < this.#perMs);
		return recent.length < this.#limit ? 0 : Math.ceil((recent[0] ?? now) + this.#perMs - now);
	}

	/** Allows no attempt for the length of the window. */
	useUp(): void {
		this.restore([[0, this.#limit]]);
	}

	/**
	 * Counts an attempt and returns 0; or counts none and returns the milliseconds to wait, an integer from 1. Callers that
	 * are refused together get different times, so that they do not come back at once.
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
