import type { Settings } from "./options.ts";

/** Credit pools that refill with time, one for each account or address. */
export class Credits {
	readonly #settings: Settings;
	readonly #pools = new Map<string, { left: number; at: number }>();

	constructor(settings: Settings) {
		this.#settings = settings;
	}

	/** Takes the price of one call; false when the pool is too empty. */
	take(owner: string): boolean {
		const { creditPool, creditsPerSecond, callCredits } = this.#settings;
		const now = performance.now();
		const pool = this.#pools.get(owner) ?? { left: creditPool, at: now };
		const left = Math.min(creditPool, pool.left + ((now - pool.at) / 1_000) * creditsPerSecond);
		const paid = left >= callCredits;
		this.#pools.set(owner, { left: paid ? left - callCredits : left, at: now });
		return paid;
	}
}
