/**
 * Simulates two machines that share one session, and two machines that share the pulses of a bot: `npm run simulate:leaders -- [--seeds
 * A..B | --seed N | --fresh COUNT [--from TEXT]] [--minutes M]`. See `usage` in command/arguments.ts.
 *
 * Exit code 0 without violations, 1 with violations.
 */
import { parseArgs } from "node:util";
import { firstFreshSeed } from "../command/arguments.ts";
import { simulateLeaders } from "./simulate-leaders.ts";
import { simulatePulses } from "./simulate-pulses.ts";

const { values } = parseArgs({
	options: {
		seeds: { type: "string", default: "1..1000" },
		seed: { type: "string" },
		fresh: { type: "string" },
		from: { type: "string" },
		minutes: { type: "string", default: "30" },
	},
});
const minutes = Number(values.minutes);
const [first = 1, last = first] = values.fresh === undefined ? named(values.seed ?? values.seeds) : fresh(values.fresh);
if (![first, last, minutes].every((value) => Number.isFinite(value) && value > 0)) {
	throw new TypeError("--seeds takes a range such as 1..9; --seed, --fresh and --minutes take a number above 0");
}
const say = (line: string): boolean => process.stdout.write(`${line}\n`);
const startedAt = performance.now();
const totals = { faults: 0, takeovers: 0, ends: 0, broken: 0 };
const gapsMs: number[] = [];
for (let seed = first; seed <= last; seed += 1) {
	const onLine = values.seed === undefined ? undefined : say;
	const story = { seed, minutes, ...(onLine && { onLine }) };
	onLine?.("one session, one leader:");
	const leaders = await simulateLeaders(story);
	onLine?.("one account, shared pulses:");
	const pulses = await simulatePulses(story);
	totals.faults += leaders.faults + pulses.faults;
	totals.takeovers += leaders.takeovers;
	totals.ends += pulses.ends;
	gapsMs.push(...leaders.gapsMs);
	const broken = [leaders, pulses].filter(({ violations }) => violations.length > 0);
	if (broken.length === 0) continue;
	totals.broken += 1;
	for (const { settings, violations } of broken) {
		say(`BROKEN: seed ${seed}, settings ${JSON.stringify(settings)}`);
		for (const { rule, at, detail } of violations.slice(0, 3))
			say(`  ${(at / 1_000).toFixed(3)} s  ${rule}: ${detail}`);
	}
	if (totals.broken >= 5) break;
}
gapsMs.sort((a, b) => a - b);
const at = (share: number): number => gapsMs[Math.floor((gapsMs.length - 1) * share)] ?? 0;
say(
	`seeds ${first}..${last}, ${last - first + 1} of ${minutes} min, ${totals.broken} with violations; ${totals.faults} faults, ${totals.takeovers} changes of the leader; with shared pulses, the last open connection ended ${totals.ends} times`,
);
say(
	`periods of more than 1 s in which no machine was armed: ${gapsMs.length}, with a median length of ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms (periods with faults included)`,
);
say(`in ${((performance.now() - startedAt) / 1_000).toFixed(0)} s`);
process.exitCode = totals.broken === 0 ? 0 : 1;

function named(seeds: string): number[] {
	return seeds.split("..").map(Number);
}

function fresh(count: string): number[] {
	const from = firstFreshSeed(values.from, Date.now());
	return [from, from + Number(count) - 1];
}
