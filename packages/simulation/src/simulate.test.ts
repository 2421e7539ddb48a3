import { describe, expect, it } from "vitest";
import { type Digests, formatClock, formatLine } from "./journal.ts";
import { type Outcome, simulate } from "./simulate.ts";

/** The violations with the log that led to them. */
function broken({ seed, violations, logs }: Outcome): string[] {
	return violations.map(({ rule, where, at, detail }, index) => {
		const log = logs[index]?.map(formatLine).join("\n");
		return `seed ${seed}, rule ${rule} at ${where}, ${formatClock(at)}: ${detail}\n${log}`;
	});
}

describe("a keeper with sessions at all three venues", () => {
	it.each([1, 2, 3, 4])(
		"holds every invariant through a day of random faults, seed %i",
		{
			timeout: 120_000,
		},
		async (seed) => {
			const outcome = await simulate({ seed });
			expect(broken(outcome)).toEqual([]);
			// A session that is never alive violates nothing, and the run would prove nothing.
			for (const share of Object.values(outcome.healthyShare)) expect(share).toBeGreaterThan(0.4);
		},
	);

	it("has the same digests for the same seed, and others for another seed", {
		timeout: 120_000,
	}, async () => {
		const digests: Digests[] = [];
		for (const seed of [7, 7, 8]) digests.push((await simulate({ seed, days: 0.25 })).digests);
		expect(digests[1]).toEqual(digests[0]);
		expect(digests[2]?.wire).not.toBe(digests[0]?.wire);
		expect(digests[2]?.words).not.toBe(digests[0]?.words);
	});
});
