import { join } from "node:path";
import type { Beats } from "../contestants/timers.ts";
import { figure, ratios, rotated } from "../harness/figures.ts";
import { Child } from "../harness/process.ts";
import { type Measure, shown, spread, type Verdict } from "../harness/verdict.ts";

const contestants = ["oursTimers", "intervals"] as const;

/** The keeper's clockwork, without any venue. */
export const timers: Measure = {
	id: "timers",
	about:
		"The keeper with sessions that answer at once, against an interval and a timeout for each. Drift: one beat of 100 ms " +
		"while the event loop is busy half of the time. Many: a beat a second each; heap is all that the keeper keeps of a session.",
	boundMs: 500_000,
	async run({ quick }) {
		const rounds = quick ? 1 : 3;
		const drift = await race({ count: 1, paceMs: 100, forMs: quick ? 5_000 : 20_000, busy: true }, rounds);
		const verdicts: Verdict[] = [
			{
				measure: "drift of a 100 ms beat, loop busy half of the time",
				ours: `${spread(figure(drift.ours.map((each) => each.driftMs)), "ms")}, ${drift.ours[0]?.beats} beats`,
				against: `setInterval: ${spread(figure(drift.theirs.map((each) => each.driftMs)), "ms")}, ${drift.theirs[0]?.beats} beats`,
				figure: ratios(
					drift.ours.map((each) => Math.abs(each.driftMs)),
					drift.theirs.map((each) => Math.abs(each.driftMs)),
				),
				target: { atMost: 0.05 },
				unit: "x",
			},
		];
		for (const count of quick ? [1_000] : [1_000, 10_000]) {
			const many = await race({ count, paceMs: 1_000, forMs: quick ? 4_000 : 10_000, busy: false }, rounds);
			const line = (
				what: "heapBytesEach" | "latenessP99Ms" | "cpuMicros",
				words: string,
				unit: string,
				target?: number,
			) => {
				const ours = many.ours.map((each) => each[what]);
				const theirs = many.theirs.map((each) => each[what]);
				verdicts.push({
					measure: `${count} sessions: ${words}`,
					ours: spread(figure(ours), unit),
					against: `an interval and a timeout each: ${spread(figure(theirs), unit)}`,
					figure: ratios(ours, theirs),
					target: target === undefined ? undefined : { atMost: target },
					unit: "x",
				});
			};
			line("heapBytesEach", "heap each", "B", 0.5);
			line("latenessP99Ms", "lateness p99", "ms", 1);
			line("cpuMicros", `CPU of ${shown((quick ? 4_000 : 10_000) / 1_000)} s`, "µs");
		}
		return verdicts;
	},
};

async function race(load: object, rounds: number): Promise<{ ours: Beats[]; theirs: Beats[] }> {
	const seen: Record<(typeof contestants)[number], Beats[]> = { oursTimers: [], intervals: [] };
	for (let round = 0; round < rounds; round++) {
		for (const name of rotated(contestants, round)) {
			const player = await Child.start(join(import.meta.dirname, "../contestants/timers.ts"), name);
			seen[name].push(await player.call<Beats>("run", load, 90_000));
			await player.end();
		}
	}
	return { ours: seen.oursTimers, theirs: seen.intervals };
}
