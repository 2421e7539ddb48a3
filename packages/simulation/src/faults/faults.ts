import type { Lever, Venue } from "@x/venue-sims";
import { between } from "../world/seeded.ts";

/** What a fault came to. */
export interface Struck {
	readonly text?: string;
	/** How long it stands against a session at most. Default 0: it is done at once. */
	readonly forMs?: number;
	/** Takes it back, after `forMs`. */
	readonly undo?: () => void;
	/** The session is expected to stop for good, until somebody starts the program anew. */
	readonly fatal?: boolean;
	/** By a reading of the documentation that is open, it may leave orders working that were protected. */
	readonly voids?: boolean;
}

/** One way in which a day can go wrong. */
export interface Fault {
	readonly name: string;
	/** How often it comes, against the others. Default 1. */
	readonly weight?: number;
	/** Causes it; undefined when there was nothing to cause. */
	strike(random: () => number): Struck | undefined;
}

/** Pulls levers of a venue from the outside. */
export type TriggerFault = (lever: string, args?: Readonly<Record<string, unknown>>) => unknown;

/** @throws Error for a lever that the venue does not have. */
export function triggerOf(venue: Venue, run: <T>(action: () => T) => T): TriggerFault {
	return (name, args = {}) => {
		const lever: Lever | undefined = venue.levers[name];
		if (!lever) throw new Error(`${venue.name} has no lever ${name}`);
		return run(() => lever(args));
	};
}

/** A fault that lasts, by a lever that is pulled twice. */
export function lasting(
	name: string,
	pull: TriggerFault,
	{
		lever,
		on,
		off,
		mostMs,
	}: { lever: string; on: Record<string, unknown>; off: Record<string, unknown>; mostMs: number },
): Fault {
	return {
		name,
		strike: (random) => {
			pull(lever, on);
			return { forMs: between(random, 200, mostMs), undo: () => void pull(lever, off) };
		},
	};
}

/** A fault that is done at once and undoes itself, or never. */
export const once = (name: string, run: () => void, weight = 1, struck: Struck = {}): Fault => ({
	name,
	weight,
	strike: () => {
		run();
		return struck;
	},
});
