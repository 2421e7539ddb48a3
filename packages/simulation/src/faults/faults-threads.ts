import type { WorkerProgram } from "../program/worker-program.ts";
import type { Machine } from "../world/machine.ts";
import { between, chance, pick } from "../world/seeded-random.ts";
import type { WorkerEnd } from "../world/sim-threads.ts";
import type { Fault } from "./fault-definition.ts";
import type { HangableProgram } from "./faults-machine.ts";

/** A new worker is loaded at most this many milliseconds after the program has learned that its worker has ended. */
const restartedMs = 3_000;
/** After a worker has been hanging for this long, the program ends it. */
const longestHangMs = 32_000;

/** Faults of a process whose keeper runs in a worker. They affect the program's thread, the worker, or the messages between the two. */
export function threadFaults(machine: Machine, program: HangableProgram, worker: WorkerProgram): Fault[] {
	const { threads } = worker;
	const durations = [800, 5_000, 20_000, 60_000, 240_000];
	const drawMs = (random: () => number): number => Math.round(pick(random, durations) * (0.5 + random()));
	return [
		{
			name: "the program's thread is blocked",
			weight: 4,
			inject: (random) => {
				if (!worker.keeper || machine.program.isFrozen) return undefined;
				const ms = drawMs(random);
				machine.program.freeze(ms, chance(random, 0.3));
				// Only a health gate that waits for calls of `pulse()` notices that the program's thread is blocked.
				const hangs = worker.pulses && program.hang();
				const text = `${ms} ms`;
				return hangs ? { text, forMs: ms, undo: () => program.recover() } : { text, isHarmless: true };
			},
		},
		{
			name: "the worker is blocked",
			weight: 2,
			inject: (random) => {
				if (!threads.isUp || machine.isFrozen) return undefined;
				const ms = drawMs(random);
				machine.block(ms, chance(random, 0.3));
				return { text: `${ms} ms`, forMs: Math.min(ms, longestHangMs) + restartedMs };
			},
		},
		{
			name: "the worker dies",
			weight: 2,
			inject: (random) => {
				if (!threads.isUp || machine.isFrozen) return undefined;
				const how = pick<WorkerEnd>(random, ["error", "exit", "killed"]);
				threads.endWorker(how);
				return { text: how, forMs: restartedMs };
			},
		},
		{
			name: "the program floods the channel",
			inject: (random) => {
				const count = between(random, 100, 3_000);
				return worker.flood(count) ? { text: `${count} messages`, isHarmless: true } : undefined;
			},
		},
		{
			name: "messages between the threads are slow",
			inject: (random) => {
				const ms = between(random, 10, 2_000);
				threads.delayMs += ms;
				const undo = (): void => {
					threads.delayMs -= ms;
				};
				return { text: `${ms} ms`, forMs: between(random, 1_000, 60_000), undo };
			},
		},
	];
}
