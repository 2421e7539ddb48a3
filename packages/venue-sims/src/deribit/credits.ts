import type { Settings } from "./options.ts";

/** Credit pools that refill with time, one for each account or address. */
export class Credits {
	readonly #settings: Settings;
	readonly #pools = new Map<string, { left: number; at: number }>();

	constructor(settings: Settings) {
		this.#settings = settings;
	}

	/** Takes the price of one call, or of one subscribing; false when the pool is too empty. */
	take(owner: string, what: "call" | "subscribe"): boolean {
		const { creditPool, creditsPerSecond, callCredits, subscribePool, subscribeCredits } = this.#settings;
		const [most, price] = what === "call" ? [creditPool, callCredits] : [subscribePool, subscribeCredits];
		const now = performance.now();
		const key = `${what} ${owner}`;
		const pool = this.#pools.get(key) ?? { left: most, at: now };
		const left = Math.min(most, pool.left + ((now - pool.at) / 1_000) * creditsPerSecond);
		const paid = left >= price;
		this.#pools.set(key, { left: paid ? left - price : left, at: now });
		return paid;
	}
}
