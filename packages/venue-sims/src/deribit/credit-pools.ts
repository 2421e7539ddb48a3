import type { DeribitSettings } from "./options.ts";

/**
 * The pool of credits that a call is charged to: the general pool (`call`), or the separate pool of its method. Calls that place, edit or
 * cancel orders are charged to the pool `matching`, named after Deribit's matching engine.
 */
export type CreditPool = "call" | "subscribe" | "matching" | keyof typeof ownPools;

/**
 * The separate credit pools that Deribit documents for single methods. The pool of the subscribe methods is missing here, because its size
 * is an option.
 */
const ownPools = {
	instruments: { capacity: 500_000, cost: 10_000 },
	transactionLog: { capacity: 80_000, cost: 10_000 },
	movePositions: { capacity: 600_000, cost: 100_000 },
} as const;

/** Token buckets of credits: one for each pool and each account (or address, for calls without authentication). */
export class CreditPools {
	readonly #settings: DeribitSettings;
	readonly #pools = new Map<string, { left: number; at: number }>();

	constructor(settings: DeribitSettings) {
		this.#settings = settings;
	}

	/** Charges one call to a pool. Returns false if the pool has too few credits. */
	tryAcquire(owner: string, pool: CreditPool): boolean {
		const { capacity, cost, perSecond } = this.#bucket(pool);
		const now = performance.now();
		const key = `${pool} ${owner}`;
		const before = this.#pools.get(key) ?? { left: capacity, at: now };
		const left = Math.min(capacity, before.left + ((now - before.at) / 1_000) * perSecond);
		const isPaid = left >= cost;
		this.#pools.set(key, { left: isPaid ? left - cost : left, at: now });
		return isPaid;
	}

	#bucket(pool: CreditPool): { capacity: number; cost: number; perSecond: number } {
		const settings = this.#settings;
		const perSecond = settings.creditsPerSecond;
		if (pool === "call") return { capacity: settings.creditPool, cost: settings.callCredits, perSecond };
		if (pool === "subscribe") return { capacity: settings.subscribePool, cost: settings.subscribeCredits, perSecond };
		if (pool !== "matching") return { ...ownPools[pool], perSecond };
		const cost = settings.limitsMatching ? 1 : 0;
		return { capacity: settings.matchingBurst, cost, perSecond: settings.matchingCallsPerSecond };
	}
}
