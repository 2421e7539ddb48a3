import type { DeribitSettings } from "./options.ts";

/** Token buckets of credits, one per account or address and kind of call. */
export class CreditPools {
	readonly #settings: DeribitSettings;
	readonly #pools = new Map<string, { left: number; at: number }>();

	constructor(settings: DeribitSettings) {
		this.#settings = settings;
	}

	/** Pays for one call or one subscription. Returns false if the pool has too few credits. */
	tryAcquire(owner: string, what: "call" | "subscribe"): boolean {
		const { creditPool, creditsPerSecond, callCredits, subscribePool, subscribeCredits } = this.#settings;
		const [capacity, cost] = what === "call" ? [creditPool, callCredits] : [subscribePool, subscribeCredits];
		const now = performance.now();
		const key = `${what} ${owner}`;
		const pool = this.#pools.get(key) ?? { left: capacity, at: now };
		const left = Math.min(capacity, pool.left + ((now - pool.at) / 1_000) * creditsPerSecond);
		const isPaid = left >= cost;
		this.#pools.set(key, { left: isPaid ? left - cost : left, at: now });
		return isPaid;
	}
}
