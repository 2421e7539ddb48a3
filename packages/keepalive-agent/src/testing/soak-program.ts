/** Injects faults into a running agent for as long as the option `--minutes` says. Exits with 1 if the agent has counted a loss wrongly. */

import { parseArgs } from "node:util";
import { startFastClock } from "./fast-clock.ts";
import { soak } from "./soak.ts";

const { values } = parseArgs({
	options: {
		minutes: { type: "string", default: "5" },
		/** The longest pause before a fault, in seconds. */
		pause: { type: "string", default: "3" },
		seed: { type: "string", default: "1" },
		/** How many times faster than real time the clocks run. */
		speed: { type: "string", default: "1" },
		/** If true, injects no fault. A loss in such a run shows that `speed` is too high for this machine. */
		undisturbed: { type: "boolean", default: false },
	},
});
const [minutes, pause, seed, speed] = [values.minutes, values.pause, values.seed, values.speed].map(Number) as [
	// The cast is safe: there is one number for each of the four options.
	number,
	number,
	number,
	number,
];
if (
	!(minutes > 0 && minutes <= 24 * 60 && pause >= 0 && speed >= 1 && speed <= 100) ||
	!(seed % 1 === 0 && seed >= 1)
) {
	process.stderr.write(
		"--minutes takes a number up to 1440, --pause one from 0, --speed one from 1 to 100, --seed a whole number from 1\n",
	);
	process.exit(2);
}
if (speed > 1) startFastClock(speed);

/** Random numbers from 0 to less than 1, which are the same in every run with this seed. */
let state = seed;
const random = (): number => {
	state = (state * 48_271) % 2_147_483_647;
	return state / 2_147_483_647;
};

const report = (line: string): void => void process.stdout.write(`${new Date().toISOString()} ${line}\n`);
const forMs = minutes * 60_000;
const pauseMs = values.undisturbed ? Number.POSITIVE_INFINITY : pause * 1_000;
const { counts, kinds, wrong } = await soak({ forMs, pauseMs, random, report, withPage: true });
console.table(counts);
console.table(kinds);
const isSame = Object.values(counts).every(({ resolvedAlerts, ...each }) => {
	return new Set(Object.values(each)).size === 1 && each.alerts - resolvedAlerts <= 1;
});
if (!isSame) report("WRONG: the numbers of a session differ");
// process.exit() is called, so that a part that did not close cannot keep this process alive.
process.exit(isSame && wrong.length === 0 ? 0 : 1);
