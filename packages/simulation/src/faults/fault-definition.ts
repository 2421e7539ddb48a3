import type { SimFaults, Venue } from "@x/venue-sims";
import { between } from "../world/seeded-random.ts";

/** What an injected fault does to the sessions. It tells the invariants which behaviour of a session they have to tolerate. */
export interface FaultEffect {
	readonly text?: string;
	/** For how many milliseconds the fault may keep a session from recovering. Default 0, for a fault that is over at once. */
	readonly forMs?: number;
	/** Ends the fault. Called when `forMs` have passed. */
	readonly undo?: () => void;
	/** Whether the session must continue as if the fault had not happened. */
	readonly isHarmless?: boolean;
	/** Whether the fault only ends connections: both sides notice the end, and new connections work. */
	readonly isDrop?: boolean;
	/** Whether the session is expected to stop, and to stay stopped until the program is restarted. */
	readonly fatal?: boolean;
	/** If true, the venue does not document what this fault does to protected orders, so the order invariants check nothing. */
	readonly voidsOrders?: boolean;
}

/** One kind of fault. */
export interface Fault {
	readonly name: string;
	/** How often the fault is injected, relative to the other faults. Default 1. */
	readonly weight?: number;
	/** Injects the fault. Returns undefined if the fault does not apply now. */
	inject(random: () => number): FaultEffect | undefined;
}

/** A function that triggers a fault of a simulated venue by its name. */
export type TriggerFault = (fault: string, args?: Readonly<Record<string, unknown>>) => unknown;

/** Returns a function that triggers faults of a venue by name. @throws Error for a fault that the venue does not have. */
export function triggerOf(venue: Venue, run: <T>(action: () => T) => T): TriggerFault {
	return (name, args = {}) => {
		const fault: SimFaults[string] | undefined = venue.faults[name];
		if (!fault) throw new Error(`${venue.name} has no fault ${name}`);
		return run(() => fault(args));
	};
}

/** Creates a fault that lasts: one call of `pull` begins the fault at the venue, and a second call ends it. */
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

/** Creates a fault that takes effect once and needs no end. */
export const once = (name: string, run: () => void, weight = 1, effect: FaultEffect = {}): Fault => ({
	name,
	weight,
	inject: () => {
		run();
		return effect;
	},
});
