import { describe, expect, it } from "vitest";
import { type Digests, formatClock, formatLine } from "./journal.ts";
import { type Outcome, simulate } from "./simulate.ts";

/** A text for each violation, with the log lines before it. */
function broken({ seed, violations, logs }: Outcome): string[] {
	return violations.map(({ rule, where, at, detail }, index) => {
		const log = logs[index]?.map(formatLine).join("\n");
		return `seed ${seed}, rule ${rule} at ${where}, ${formatClock(at)}: ${detail}\n${log}`;
	});
}

/** The outcomes of the days that were played, by seed. They are kept for several tests, because playing a day takes seconds. */
const played = new Map<number, Outcome>();

async function play(seed: number): Promise<Outcome> {
	const outcome = played.get(seed) ?? (await simulate({ seed }));
	played.set(seed, outcome);
	return outcome;
}

describe("a keeper with sessions at all three simulated venues", () => {
	it.each([1, 2, 3, 4])(
		"a keeper violates no invariant during a day of random faults, seed %i",
		{
			timeout: 120_000,
		},
		async (seed) => {
			const outcome = await play(seed);
			expect(broken(outcome)).toEqual([]);
			// A session that is never alive violates no invariant, so the test also requires that each session was alive.
			for (const share of Object.values(outcome.healthyShare)) expect(share).toBeGreaterThan(0.4);
		},
	);

	it("simulate injects single wrong answers, contradictions, account swaps, lost topics and bursts of subscribes in four simulated days", {
		timeout: 120_000,
	}, async () => {
		// Several days are counted together, because any change of timing changes the faults of a single day.
		const days = await Promise.all([1, 2, 3, 4].map(play));
		expect(days.flatMap(({ counts }) => Object.keys(counts))).toEqual(
			expect.arrayContaining([
				"fault deribit one odd answer",
				"fault ibkr one odd answer to a tickle of a living session",
				"fault ibkr one tickle contradicts the others",
				"fault ibkr one answer contradicts the tickles",
				"fault ibkr a person logs in to other accounts",
				"fault ibkr a person logs in to other accounts while the session lives",
				"fault bybit one odd answer",
				"fault bybit one answer says that nothing is enabled",
				"fault bybit one request over the socket is refused",
				"fault bybit topics lost",
				"fault deribit the program subscribes many channels at once",
			]),
		);
		// Only some seeds have odd answers (single wrong answers), and seed 2 has none.
		expect(Object.keys((await play(2)).counts)).not.toContain("fault deribit one odd answer");
	});

	it("on some days bots trade over the relay at Deribit; they also flood it, send calls that it must refuse, stop reading, log out, and crash", {
		timeout: 120_000,
	}, async () => {
		const outcome = await simulate({ seed: 5, days: 0.25 });
		expect(broken(outcome)).toEqual([]);
		const { counts } = outcome;
		const wanted = ["bot lies", "bot floods", "bot hangs", "bot says goodbye", "bot dies", "orders over the relay"];
		expect(Object.keys(counts)).toEqual(expect.arrayContaining([...wanted, "relay orders-cancelled"]));
		// No bots trade in the run of seed 1.
		expect(Object.keys((await play(1)).counts)).not.toContain("orders over the relay");
	});

	it("simulate produces the same digests when a seed is simulated again, and other digests for another seed", {
		timeout: 120_000,
	}, async () => {
		const digests: Digests[] = [];
		// Bots trade in the run of seed 7.
		for (const seed of [7, 7, 8]) digests.push((await simulate({ seed, days: 0.25 })).digests);
		expect(digests[1]).toEqual(digests[0]);
		expect(digests[2]?.wire).not.toBe(digests[0]?.wire);
		expect(digests[2]?.words).not.toBe(digests[0]?.words);
	});
});
