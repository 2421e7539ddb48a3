import { join } from "node:path";
import type { Beats, Load } from "../contestants/beat-schedulers.ts";
import { Child } from "../harness/child-process.ts";
import { Rounds } from "../harness/compare-rounds.ts";
import { type Measure, shown, type Verdict } from "../harness/measure-and-table-row.ts";
import { rotated } from "../harness/round-statistics.ts";

const contestants = ["oursTimers", "intervals"] as const;
type Name = (typeof contestants)[number];
const pair = { mine: "oursTimers", theirs: "intervals" } as const;

/** Measures the cost and accuracy of the keeper's scheduling, without a venue. */
export const timers: Measure = {
	id: "timers",
	about:
		"The keeper with sessions that answer at once, against an interval and a timeout for each. Drift: one beat of 100 ms " +
		"while the event loop is busy half of the time. Many: a beat a second each; heap is all that the keeper keeps of a session.",
	boundMs: 400_000,
	async run({ quick, signal }) {
		const counted = quick ? 1 : 3;
		const drift = new Rounds<Name, Beats>(signal);
		const busy: Load = { count: 1, paceMs: 100, forMs: quick ? 5_000 : 20_000, busy: true };
		// Both compared programs run at the same time, each in a process that is busy for half of the time.
		for (let round = 0; round < counted; round++) {
			await Promise.all(contestants.map((name) => drift.play(name, () => run(name, busy))));
		}
		const verdicts = [
			drift.line({
				...pair,
				as: "setInterval",
				measure: `drift of a 100 ms beat in ${shown(busy.forMs / 1_000)} s, loop busy half of the time`,
				what: "driftMs",
				unit: "ms",
				target: 0.05,
			}),
		];
		for (const count of quick ? [1_000] : [1_000, 10_000]) verdicts.push(...(await many(count, quick, signal)));
		return verdicts;
	},
};

async function many(count: number, quick: boolean, signal: AbortSignal): Promise<Verdict[]> {
	const load: Load = { count, paceMs: 1_000, forMs: quick ? 4_000 : 10_000, busy: false };
	const rounds = new Rounds<Name, Beats>(signal);
	for (let round = 0; round < (quick ? 1 : 3); round++) {
		for (const name of rotated(contestants, round)) await rounds.play(name, () => run(name, load));
	}
	const line = (what: keyof Beats, words: string, unit: string, target?: number): Verdict =>
		rounds.line({
			...pair,
			as: "an interval and a timeout each",
			measure: `${count} sessions: ${words}`,
			what,
			unit,
			target,
		});
	return [
		line("heapBytesEach", "heap each", "B", 0.5),
		line("latenessP99Ms", "lateness p99", "ms", 1),
		line("cpuMicros", `CPU of ${shown(load.forMs / 1_000)} s`, "µs"),
		line("beatsEach", "beats each", ""),
	];
}

async function run(name: Name, load: Load): Promise<Beats> {
	const player = await Child.start(join(import.meta.dirname, "../contestants/beat-schedulers.ts"), name);
	try {
		return await player.call<Beats>("run", load, 90_000);
	} finally {
		await player.end();
	}
}
