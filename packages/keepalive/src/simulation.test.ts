import { describe, expect, it } from "vitest";
import { simulate } from "./testing/simulation/simulate.ts";

// Seeds in which the session is alive for a good part of the hour.
const runs = [
	{ venue: "deribit", seeds: [1, 2, 4] },
	{ venue: "bybit", seeds: [1, 2, 3] },
	{ venue: "ibkr", seeds: [1, 3, 5] },
] as const;

describe.each(runs)("a keeper with a session at $venue", ({ venue, seeds }) => {
	it.each(seeds)("keeps every rule through an hour of random trouble, seed %i", { timeout: 60_000 }, async (seed) => {
		const { violations, report, aliveShare } = await simulate({ venue, seed });
		expect(violations, report).toEqual([]);
		// A session that is never alive breaks no rule: the run would say nothing.
		expect(aliveShare).toBeGreaterThan(0.05);
	});
});
