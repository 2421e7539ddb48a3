import type { SimFaults, Venue } from "@x/venue-sims";
import { between } from "../world/seeded.ts";

/** The effects of an injected fault. */
export interface FaultEffect {
	readonly text?: string;
	/** How long the fault may keep a session from recovering, in milliseconds. Default 0: the effect is instant. */
	readonly forMs?: number;
	/** Ends the fault, after `forMs`. */
	readonly undo?: () => void;
	/** Whether the session must continue as if nothing had happened. */
	readonly isHarmless?: boolean;
	/** Whether the fault only ends connections, in a way that both sides notice, and new connections work. */
	readonly isDrop?: boolean;
	/** Whether the session is expected to stop for good, until the program is restarted. */
	readonly fatal?: boolean;
	/** Whether the documentation leaves open if protected orders survive this fault. The order invariants then check nothing. */
	readonly voidsOrders?: boolean;
}

/** One kind of fault. */
export interface Fault {
	readonly name: string;
	/** Relative frequency. Default 1. */
	readonly weight?: number;
	/** Injects the fault. Returns undefined if the fault does not apply now. */
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

/** A fault that lasts: one trigger begins it and a second one ends it. */
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
