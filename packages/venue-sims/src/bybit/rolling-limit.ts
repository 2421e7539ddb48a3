/** The state of a rate limit after one call. */
export interface LimitState {
	isAllowed: boolean;
	limit: number;
	remaining: number;
	/** When the next call is allowed. Epoch milliseconds. */
	resetAt: number;
}

/** A rolling rate limit per key. Refused calls do not count. */
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
