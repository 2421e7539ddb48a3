/** The state of a rate limit after one call. */
export interface LimitState {
	isAllowed: boolean;
	limit: number;
	remaining: number;
	/** When the next call is allowed, in epoch milliseconds. */
	resetAt: number;
}

/** A rate limit over a rolling window, counted separately for each key, such as an IP address. Refused calls are not counted. */
export class RollingLimit {
	readonly #limit: number;
	readonly #windowMs: number;
	readonly #calls = new Map<string, number[]>();

	constructor(limit: number, windowMs: number) {
		this.#limit = limit;
		this.#windowMs = windowMs;
	}

	tryAcquire(key: string): LimitState {
		const now = Date.now();
		const calls = (this.#calls.get(key) ?? []).filter((at) => at > now - this.#windowMs);
		const isAllowed = calls.length < this.#limit;
		if (isAllowed) calls.push(now);
		this.#calls.set(key, calls);
		const oldest = calls[0] ?? now;
		return {
			isAllowed,
			limit: this.#limit,
			remaining: this.#limit - calls.length,
			resetAt: isAllowed ? now : oldest + this.#windowMs,
		};
	}
}
