/** What is left of a limit after one call. */
export interface Spent {
	passed: boolean;
	limit: number;
	left: number;
	/** When calls pass again, if it did not pass. */
	resetAt: number;
}

/** A limit of calls over a rolling time, for each key. A call that does not pass is not counted. */
export class Budget {
	readonly #limit: number;
	readonly #perMs: number;
	readonly #calls = new Map<string, number[]>();

	constructor(limit: number, perMs: number) {
		this.#limit = limit;
		this.#perMs = perMs;
	}

	spend(key: string): Spent {
		const now = Date.now();
		const calls = (this.#calls.get(key) ?? []).filter((at) => at > now - this.#perMs);
		const passed = calls.length < this.#limit;
		if (passed) calls.push(now);
		this.#calls.set(key, calls);
		const oldest = calls[0] ?? now;
		return {
			passed,
			limit: this.#limit,
			left: this.#limit - calls.length,
			resetAt: passed ? now : oldest + this.#perMs,
		};
	}
}
