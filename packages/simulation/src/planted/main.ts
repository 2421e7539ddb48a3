/**
 * Shows that the simulation can fail: plants mistakes one at a time in a copy of the source, and plays seeds until an
 * invariant is violated. `npm run simulate:planted -- [--seeds N] [--only PATTERN] [--jobs J]`.
 *
 * Exit code 0 when every mistake was caught, except hidden ones; 1 when one was not, when an edit does not apply
 * any more, or when the unchanged source violates an invariant.
 */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { bybitFaults } from "./bybit.ts";
import { coreFaults } from "./core.ts";
import { deribitFaults } from "./deribit.ts";
import { findViolation, type PlantedOutcome } from "./find-violation.ts";
import { ibkrFaults } from "./ibkr.ts";
import type { Planted } from "./planted.ts";
import { verdict } from "./verdict.ts";

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
/** Seeds to play for a mistake that is expected to stay hidden. */
const enough = 5;

const all: readonly Planted[] = [...coreFaults, ...deribitFaults, ...bybitFaults, ...ibkrFaults];
const wanted = all.filter(({ name }) => new RegExp(values.only).test(name));
const outcomes = new Map<Planted, PlantedOutcome | Error>();
const startedAt = performance.now();

async function huntAll(queue: Planted[]): Promise<void> {
	for (let fault = queue.shift(); fault; fault = queue.shift()) {
		const seeds = fault.hidden === undefined ? last : Math.min(last, enough);
		const outcome = await findViolation(fault, { last: seeds }).catch((error: unknown) =>
			error instanceof Error ? error : new Error(String(error)),
		);
		outcomes.set(fault, outcome);
		process.stderr.write(`${outcomes.size} of ${wanted.length}: ${fault.name}\n`);
	}
}

const sound = await findViolation(undefined, { last: Math.min(last, enough) });
const queue = [...wanted];
await Promise.all(Array.from({ length: jobs }, () => huntAll(queue)));
const { lines, isGood } = verdict(wanted.map((fault) => [fault, outcomes.get(fault)]));
for (const line of lines) say(line);
say(`in ${((performance.now() - startedAt) / 1_000).toFixed(0)} s`);
if (sound.caught) say(`BROKEN without any fault planted: seed ${sound.seed}, ${sound.rules.join(", ")}`);
process.exitCode = isGood && !sound.caught ? 0 : 1;
