/**
 * Mutation test of the simulation. Makes one mistake (a mutant) at a time in a copy of the source, and then plays seeds until an invariant
 * is violated, or runs a test. `npm run simulate:mutants -- [--seeds N] [--only PATTERN] [--jobs J]`.
 *
 * Exit code 0 when every mutant was caught, except the mutants that are marked as hidden. Exit code 1 when a mutant was not caught, when an
 * edit no longer applies to the source, or when the unchanged source violates an invariant.
 */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { bybitMutants } from "./bybit-mutants.ts";
import { deribitMutants } from "./deribit-mutants.ts";
import { findViolation, type MutantOutcome } from "./find-violation.ts";
import { ibkrMutants } from "./ibkr-mutants.ts";
import { coreMutants } from "./keeper-mutants.ts";
import { leaderMutants } from "./leader-mutants.ts";
import type { Mutant } from "./mutant.ts";
import { relayMutants } from "./relay-mutants.ts";
import { verdict } from "./verdict.ts";
import { workerMutants } from "./worker-mutants.ts";

const { values } = parseArgs({
	options: {
		seeds: { type: "string", default: "30" },
		only: { type: "string", default: "" },
		jobs: { type: "string", default: String(availableParallelism()) },
	},
});
const say = (line: string): boolean => process.stdout.write(`${line}\n`);
const last = Math.max(1, Math.trunc(Number(values.seeds)) || 30);
const jobs = Math.max(1, Math.trunc(Number(values.jobs)) || 1);
/** How many seeds to play for a mutant that is not expected to be caught. */
const enough = 5;

const all: readonly Mutant[] = [
	...coreMutants,
	...deribitMutants,
	...bybitMutants,
	...ibkrMutants,
	...workerMutants,
	...leaderMutants,
	...relayMutants,
];
const wanted = all.filter(({ name }) => new RegExp(values.only).test(name));
const outcomes = new Map<Mutant, MutantOutcome | Error>();
const startedAt = performance.now();

async function playQueue(queue: Mutant[]): Promise<void> {
	for (let mutant = queue.shift(); mutant; mutant = queue.shift()) {
		const seeds = mutant.hidden === undefined ? last : Math.min(last, enough);
		const outcome = await findViolation(mutant, { last: seeds }).catch((error: unknown) =>
			error instanceof Error ? error : new Error(String(error)),
		);
		outcomes.set(mutant, outcome);
		process.stderr.write(`${outcomes.size} of ${wanted.length}: ${mutant.name}\n`);
	}
}

const sound = await findViolation(undefined, { last: Math.min(last, enough) });
const queue = [...wanted];
await Promise.all(Array.from({ length: jobs }, () => playQueue(queue)));
const { lines, isGood } = verdict(wanted.map((mutant) => [mutant, outcomes.get(mutant)]));
for (const line of lines) say(line);
say(`in ${((performance.now() - startedAt) / 1_000).toFixed(0)} s`);
if (sound.caught) say(`BROKEN: the source without a mutant fails: ${sound.by}, ${sound.rules.join(", ")}`);
process.exitCode = isGood && !sound.caught ? 0 : 1;
