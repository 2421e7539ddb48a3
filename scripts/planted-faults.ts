/**
 * Shows that the simulation can fail: plants one fault after the other in a copy of the source, and plays seeds until one
 * breaks a rule. `npm run simulate:planted -- [--seeds N] [--only PATTERN] [--jobs J]`.
 *
 * Exit code 0 when everything that was expected to be caught was; 1 when something was not, when a fault does not apply
 * any more, or when the source as it stands breaks a rule itself.
 */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { bybitFaults } from "./planted-faults/bybit.ts";
import { coreFaults } from "./planted-faults/core.ts";
import { deribitFaults } from "./planted-faults/deribit.ts";
import { hunt } from "./planted-faults/hunt.ts";
import { ibkrFaults } from "./planted-faults/ibkr.ts";
import type { Planted } from "./planted-faults/planted.ts";

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
const options = { first: 1, last, days: 1 };

const all: readonly Planted[] = [...coreFaults, ...deribitFaults, ...bybitFaults, ...ibkrFaults];
const wanted = all.filter(({ name }) => new RegExp(values.only).test(name));
const queue = [...wanted];
const missed: Planted[] = [];
let caught = 0;
let stale = 0;

async function huntAll(): Promise<void> {
	for (let fault = queue.shift(); fault; fault = queue.shift()) {
		try {
			const found = await hunt(fault, options);
			if (found.caught) caught += 1;
			else missed.push(fault);
			say(
				found.caught
					? `caught      ${fault.name}: seed ${found.seed}, ${found.rules.join(", ")}`
					: `NOT CAUGHT  ${fault.name}: ${found.seeds} seeds${fault.hidden ? `; expected: ${fault.hidden}` : ""}`,
			);
		} catch (error) {
			stale += 1;
			say(`STALE       ${error instanceof Error ? error.message : String(error)}`);
		}
	}
}

const sound = await hunt(undefined, { ...options, last: Math.min(last, 5) });
if (sound.caught) say(`BROKEN      without any fault planted: seed ${sound.seed}, ${sound.rules.join(", ")}`);
await Promise.all(Array.from({ length: jobs }, huntAll));
const unexpected = missed.filter(({ hidden }) => hidden === undefined);
say("");
say(
	`${wanted.length} faults planted, ${caught} caught, ${missed.length} not caught (${missed.length - unexpected.length} as expected), ${stale} stale`,
);
process.exitCode = unexpected.length === 0 && stale === 0 && !sound.caught ? 0 : 1;
