import type { SimFaults, Venue } from "@x/venue-sims";
import { between } from "../world/seeded.ts";

/** The effects of an injected fault. */
export interface FaultEffect {
	readonly text?: string;
	/** How long it may keep a session from recovering, in milliseconds. Default 0: the effect is instant. */
	readonly forMs?: number;
	/** Ends the fault, after `forMs`. */
	readonly undo?: () => void;
	/** The session has to go on as if nothing had happened. */
	readonly isHarmless?: boolean;
	/** It only ends connections, in a way that both sides notice; new ones work. */
	readonly isDrop?: boolean;
	/** The session is expected to stop for good, until the program is restarted. */
	readonly fatal?: boolean;
	/** The documentation leaves open whether protected orders survive this, so the order invariants skip it. */
	readonly voidsOrders?: boolean;
}

/** One kind of fault. */
export interface Fault {
	readonly name: string;
	/** Relative frequency. Default 1. */
	readonly weight?: number;
	/** Injects it; undefined when it does not apply now. */
	inject(random: () => number): FaultEffect | undefined;
}

/** Triggers faults of a venue by name. */
export type TriggerFault = (fault: string, args?: Readonly<Record<string, unknown>>) => unknown;

/** @throws Error for a fault that the venue does not have. */
export function triggerOf(venue: Venue, run: <T>(action: () => T) => T): TriggerFault {
	return (name, args = {}) => {
		const fault: SimFaults[string] | undefined = venue.faults[name];
		if (!fault) throw new Error(`${venue.name} has no fault ${name}`);
		return run(() => fault(args));
	};
}

/** A fault that lasts: triggered once to begin and once to end. */
export function lasting(
	name: string,
	pull: TriggerFault,
	{
		fault,
		on,
		off,
		mostMs,
	}: { fault: string; on: Record<string, unknown>; off: Record<string, unknown>; mostMs: number },
): Fault {
	return {
		name,
		inject: (random) => {
			pull(fault, on);
			return { forMs: between(random, 200, mostMs), undo: () => void pull(fault, off) };
		},
	};
}

/** A fault with an instant effect. */
export const once = (name: string, run: () => void, weight = 1, effect: FaultEffect = {}): Fault => ({
	name,
	weight,
	inject: () => {
		run();
		return effect;
	},
});
