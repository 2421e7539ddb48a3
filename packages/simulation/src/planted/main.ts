/**
 * Shows that the simulation can fail: plants one fault after the other in a copy of the source, and plays seeds until one
 * breaks a rule. `npm run simulate:planted -- [--seeds N] [--only PATTERN] [--jobs J]`.
 *
 * Exit code 0 when everything that was expected to be caught was; 1 when something was not, when a fault does not apply
 * any more, or when the source as it stands breaks a rule itself.
 */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { bybitFaults } from "./bybit.ts";
import { coreFaults } from "./core.ts";
import { deribitFaults } from "./deribit.ts";
import { type Hunted, hunt } from "./hunt.ts";
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
/** So many seeds are enough to see that one that is expected to stay hidden still does. */
const enough = 5;

const all: readonly Planted[] = [...coreFaults, ...deribitFaults, ...bybitFaults, ...ibkrFaults];
const wanted = all.filter(({ name }) => new RegExp(values.only).test(name));
const outcomes = new Map<Planted, Hunted | Error>();
const startedAt = performance.now();

async function huntAll(queue: Planted[]): Promise<void> {
	for (let fault = queue.shift(); fault; fault = queue.shift()) {
		const seeds = fault.hidden === undefined ? last : Math.min(last, enough);
		const outcome = await hunt(fault, { last: seeds }).catch((error: unknown) =>
			error instanceof Error ? error : new Error(String(error)),
		);
		outcomes.set(fault, outcome);
		process.stderr.write(`${outcomes.size} of ${wanted.length}: ${fault.name}\n`);
	}
}

const sound = await hunt(undefined, { last: Math.min(last, enough) });
const queue = [...wanted];
await Promise.all(Array.from({ length: jobs }, () => huntAll(queue)));
const { lines, isGood } = verdict(wanted.map((fault) => [fault, outcomes.get(fault)]));
for (const line of lines) say(line);
say(`in ${((performance.now() - startedAt) / 1_000).toFixed(0)} s`);
if (sound.caught) say(`BROKEN without any fault planted: seed ${sound.seed}, ${sound.rules.join(", ")}`);
process.exitCode = isGood && !sound.caught ? 0 : 1;
