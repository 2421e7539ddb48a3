/** Pulls plugs on an agent for as long as asked. Exits with 1 when a loss was counted otherwise than it happened. */

import { parseArgs } from "node:util";
import { soak } from "./soak.ts";

const { values } = parseArgs({
	options: { minutes: { type: "string", default: "5" }, seed: { type: "string", default: "1" } },
});
const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
if (!(minutes > 0 && minutes <= 24 * 60) || !Number.isSafeInteger(seed) || seed < 1) {
	process.stderr.write("--minutes takes a number up to 1440, --seed a whole number from 1\n");
	process.exit(2);
}

/** Numbers from 0, less than 1, that are the same in every run. */
let state = seed;
const random = (): number => {
	state = (state * 48_271) % 2_147_483_647;
	return state / 2_147_483_647;
};

const report = (line: string): void => void process.stdout.write(`${new Date().toISOString()} ${line}\n`);
const { counts, residentMb, wrong } = await soak({ forMs: minutes * 60_000, random, report });
console.table(counts);
const quarter = (index: number): number | undefined => residentMb[Math.floor(((residentMb.length - 1) * index) / 4)];
report(`memory in MB after each quarter: ${[0, 1, 2, 3, 4].map(quarter).join(", ")}`);
for (const line of wrong) report(`WRONG: ${line}`);
const isSame = Object.values(counts).every(({ resolvedAlerts, ...each }) => {
	return new Set(Object.values(each)).size === 1 && each.alerts - resolvedAlerts <= 1;
});
if (!isSame) report("WRONG: the numbers of a session differ");
process.exitCode = isSame && wrong.length === 0 ? 0 : 1;
