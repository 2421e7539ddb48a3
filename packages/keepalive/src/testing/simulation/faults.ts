import type { Machine } from "./machine.ts";
import { between, pick } from "./seeded.ts";
import type { Stage } from "./stage.ts";

/** One way in which a day can go wrong. */
export interface Fault {
	readonly name: string;
	/** Causes it; what it returns undoes it, after `forMs` at the latest. */
	strike(random: () => number): { undo?: () => void; forMs?: number; text?: string } | Promise<undefined>;
}

/** A fault that lasts, by a lever that is pulled twice. */
export function lasting(
	name: string,
	stage: Stage,
	lever: string,
	on: Record<string, unknown>,
	off: Record<string, unknown>,
	mostMs: number,
): Fault {
	return {
		name,
		strike: (random) => {
			stage.pull(lever, on);
			return { forMs: between(random, 200, mostMs), undo: () => void stage.pull(lever, off) };
		},
	};
}

/** A fault that is done at once and undoes itself, or never. */
export const once = (name: string, run: () => void): Fault => ({
	name,
	strike: () => {
		run();
		return {};
	},
});

/** What befalls the network and the machine at any venue; `clockMs` are the widest steps of the wall clock. */
export function networkFaults(stage: Stage, machine: Machine, clockMs: readonly number[]): Fault[] {
	const { link } = stage;
	return [
		once("drop", () => void link.drop()),
		once("halfOpen", () => void link.halfOpen()),
		{
			name: "partition",
			strike: (random) => {
				const forMs = pick(random, [500, 5_000, 20_000, 60_000, 400_000]) * (0.5 + random());
				link.partition();
				return { forMs, undo: () => link.heal() };
			},
		},
		{
			name: "stall",
			strike: async (random) => {
				await machine.stall(pick(random, [800, 3_000, 12_000, 45_000, 120_000]) * (0.5 + random()));
				return undefined;
			},
		},
		{
			name: "clock",
			strike: (random) => {
				const ms = Math.round((random() - 0.5) * pick(random, clockMs));
				machine.step(ms);
				return { text: `${ms}`, forMs: between(random, 1_000, 600_000), undo: () => machine.step(-ms) };
			},
		},
		{
			name: "suspend",
			strike: async (random) => {
				await machine.suspend(pick(random, [3_000, 60_000, 3_600_000]) * (0.5 + random()));
				return undefined;
			},
		},
	];
}
