import { describe, expect, it } from "vitest";
import { simulatePulses } from "./simulate-pulses.ts";

const minutes = 20;
/** The seeds that each run of the tests plays; `npm run simulate:leaders` plays others. */
const seeds = Array.from({ length: 12 }, (_, index) => index + 1);

describe("two machines that share the pulses of a bot", () => {
	it("two machines that share the pulses of a bot keep their connections open until the bot sends no more pulses", async () => {
		let ends = 0;
		for (const seed of seeds) {
			const outcome = await simulatePulses({ seed, minutes });
			expect(outcome.violations, `seed ${seed}`).toEqual([]);
			ends += outcome.ends;
		}
		expect(ends).toBeGreaterThan(seeds.length);
	}, 300_000);

	it("simulatePulses writes the same log when it plays the same seed again", async () => {
		const stories = [[], []] as string[][];
		for (const story of stories) await simulatePulses({ seed: 7, minutes: 5, onLine: (line) => story.push(line) });
		expect(stories[0]).toEqual(stories[1]);
		expect(stories[0]?.length).toBeGreaterThan(5);
	});
});
