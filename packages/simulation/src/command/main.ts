/**
 * Simulates days of faults in seconds. See `usage` in arguments.ts.
 *
 * Exit code 0 without violations, 1 with violations or when a run did not end, 2 for a wrong argument.
 */
import { availableParallelism } from "node:os";
import { formatLine } from "../journal.ts";
import { simulate } from "../simulate.ts";
import { readArguments, type SimulateArguments, usage } from "./arguments.ts";
import { playAll, RunFailed } from "./play-all-seeds.ts";
import { Totals } from "./run-totals.ts";
import { reportOf } from "./violation-report.ts";

const say = (line: string): boolean => process.stdout.write(`${line}\n`);
/** The command stops after this many runs with violations. */
const maxBroken = 5;

async function playOne({ seed, days }: Extract<SimulateArguments, { kind: "one" }>): Promise<boolean> {
	const from = performance.now();
	const outcome = await simulate({ seed, days, onLine: (line) => say(formatLine(line)) });
	const totals = new Totals();
	totals.add(outcome);
	say("");
	say(`settings: ${JSON.stringify(outcome.settings)}`);
	for (const line of totals.lines((performance.now() - from) / 1_000)) say(line);
	say(`digest of everything that was sent ${outcome.digests.wire}`);
	say(`digest of the log ${outcome.digests.words}`);
	for (const { rule, where, detail } of outcome.violations) say(`BROKEN: rule ${rule} at ${where}: ${detail}`);
	return outcome.violations.length === 0;
}

async function playMany(asked: Extract<SimulateArguments, { kind: "many" }>): Promise<boolean> {
	const { first, last, days, jobs } = asked;
	const from = performance.now();
	const seconds = (): number => (performance.now() - from) / 1_000;
	const totals = new Totals();
	let reportedAt = 0;
	say(`seeds ${first}..${last}, ${days} simulated days each, ${jobs} at a time`);
	try {
		await playAll({
			...asked,
			onOutcome: (outcome) => {
				totals.add(outcome);
				for (const line of reportOf(outcome, days)) say(line);
				if (seconds() - reportedAt >= 10) {
					reportedAt = seconds();
					const speed = totals.venueHoursPerSecond(reportedAt).toFixed(0);
					process.stderr.write(`${totals.runs} of ${last - first + 1} seeds, ${speed} venue-hours a second\n`);
				}
				return totals.broken < maxBroken;
			},
		});
	} catch (error) {
		if (!(error instanceof RunFailed)) throw error;
		say(`BROKEN: ${error.message}`);
		return false;
	}
	say("");
	for (const line of totals.lines(seconds())) say(line);
	say(`digest of everything that was sent in all runs ${totals.wireDigest()}`);
	return totals.broken === 0;
}

try {
	const asked = readArguments(process.argv.slice(2), { cores: availableParallelism(), now: Date.now() });
	const held = asked.kind === "one" ? await playOne(asked) : await playMany(asked);
	process.exitCode = held ? 0 : 1;
} catch (error) {
	if (!(error instanceof TypeError)) throw error;
	process.stderr.write(`${error.message}\n\n${usage}\n`);
	process.exitCode = 2;
}
