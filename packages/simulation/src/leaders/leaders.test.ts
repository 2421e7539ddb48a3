import { describe, expect, it } from "vitest";
import { simulateLeaders } from "./simulate-leaders.ts";

const minutes = 20;
/** The seeds that each run of the tests plays; `npm run simulate:leaders` plays others. */
const seeds = Array.from({ length: 24 }, (_, index) => index + 1);

/** Plays the seeds until one violates a rule. Returns the rules that this seed violates, or an empty list. */
async function rulesOf(mistake: Parameters<typeof simulateLeaders>[0]["mistake"]): Promise<string[]> {
	for (const seed of seeds) {
		const { violations } = await simulateLeaders({ seed, minutes, ...(mistake && { mistake }) });
		if (violations.length > 0) return [...new Set(violations.map(({ rule }) => rule))];
	}
	return [];
}

describe("two machines that share one session", () => {
	it("two machines that share one session are never both armed, change the leader only after faults, and recover", async () => {
		let takeovers = 0;
		for (const seed of seeds) {
			const outcome = await simulateLeaders({ seed, minutes });
			expect(outcome.violations, `seed ${seed}`).toEqual([]);
			takeovers += outcome.takeovers;
		}
		expect(takeovers).toBeGreaterThan(seeds.length);
	}, 300_000);

	it("simulateLeaders writes the same log when it plays the same seed again", async () => {
		const stories = [[], []] as string[][];
		for (const story of stories) await simulateLeaders({ seed: 7, minutes: 5, onLine: (line) => story.push(line) });
		expect(stories[0]).toEqual(stories[1]);
		expect(stories[0]?.length).toBeGreaterThan(5);
	});

	it.each([
		["the clock of the taker decides", "two-leaders"],
		["the lead never ends", "gap"],
		["an epoch is given twice", "shared-epoch"],
	] as const)(
		"simulateLeaders reports a violation when the simulated database has the mistake: %s",
		async (mistake, rule) => {
			expect(await rulesOf(mistake)).toContain(rule);
		},
		300_000,
	);
});
