import type { Route } from "../network/simulated-route.ts";
import type { WorkerProgram } from "../program/worker-program.ts";
import type { Machine } from "../world/machine.ts";
import { between, chance, pick } from "../world/seeded-random.ts";
import type { Fault } from "./fault-definition.ts";
import { threadFaults } from "./faults-threads.ts";

/** The part of the simulated program that the faults of the machine use. */
export interface HangableProgram {
	/**
	 * Makes the program hang. Returns false if the program has no health gate (the option that closes all sessions when the program hangs).
	 */
	hang(): boolean;
	recover(): void;
	/** The program's own thread, if the keeper runs in a worker. */
	readonly worker: WorkerProgram | undefined;
}

/** Faults of the machine. Each of them affects every session at the same time. */
export function machineFaults(
	machine: Machine,
	routes: readonly Route[],
	{ widestStepMs, program }: { readonly widestStepMs: number; readonly program: HangableProgram },
): Fault[] {
	const standing = (run: (ms: number) => void, choices: readonly number[]): Fault["inject"] => {
		return (random) => {
			if (machine.isFrozen) return undefined;
			const ms = Math.round(pick(random, choices) * (0.5 + random()));
			run(ms);
			return { text: `${ms} ms`, forMs: ms };
		};
	};
	return [
		{
			name: "stall",
			weight: 3,
			inject: (random) =>
				standing((ms) => machine.stall(ms, chance(random, 0.3)), [800, 3_000, 15_000, 45_000, 120_000])(random),
		},
		{ name: "suspend", weight: 2, inject: standing((ms) => machine.suspend(ms), [3_000, 60_000, 600_000, 7_200_000]) },
		{
			name: "clock step",
			weight: 2,
			inject: (random) => {
				const ms = Math.round(
					(random() - 0.5) * 2 * Math.min(widestStepMs, pick(random, [1_000, 4_000, 300_000, 3_600_000])),
				);
				machine.step(ms);
				return { text: `${ms} ms`, forMs: between(random, 1_000, 600_000), undo: () => machine.step(-ms) };
			},
		},
		{
			name: "program is unhealthy",
			weight: 3,
			inject: (random) => {
				if (!program.hang()) return undefined;
				return { forMs: between(random, 1_000, pick(random, [60_000, 600_000])), undo: () => program.recover() };
			},
		},
		{
			name: "offline",
			inject: (random) => {
				const forMs = Math.round(pick(random, [2_000, 30_000, 300_000]) * (0.5 + random()));
				for (const route of routes) {
					route.network.cut = true;
					route.halfOpen();
				}
				const undo = (): void => {
					for (const route of routes) route.network.cut = false;
				};
				return { forMs, undo };
			},
		},
		...(program.worker ? threadFaults(machine, program, program.worker) : []),
	];
}
