import { describe, expect, it } from "vitest";
import { type Digests, formatClock, formatLine } from "./journal.ts";
import { type Outcome, simulate } from "./simulate.ts";

/** What was broken, with the story that led to it. */
function broken({ seed, violations, logs }: Outcome): string[] {
	return violations.map(({ rule, where, at, detail }, index) => {
		const story = logs[index]?.map(formatLine).join("\n");
		return `seed ${seed}, rule ${rule} at ${where}, ${formatClock(at)}: ${detail}\n${story}`;
	});
}

describe("a keeper with sessions at all three venues", () => {
	it.each([1, 2, 3, 4])(
		"keeps every rule through a day of random network, seed %i",
		{
			timeout: 120_000,
		},
		async (seed) => {
			const outcome = await simulate({ seed });
			expect(broken(outcome)).toEqual([]);
			// A session that is never alive breaks no rule: the run would say nothing.
			for (const share of Object.values(outcome.healthyShare)) expect(share).toBeGreaterThan(0.4);
		},
	);

	it("lives the same day again for the same seed, to the byte, and another one for another", {
		timeout: 120_000,
	}, async () => {
		const digests: Digests[] = [];
		for (const seed of [7, 7, 8]) digests.push((await simulate({ seed, days: 0.25 })).digests);
		expect(digests[1]).toEqual(digests[0]);
		expect(digests[2]?.wire).not.toBe(digests[0]?.wire);
		expect(digests[2]?.words).not.toBe(digests[0]?.words);
	});
});
