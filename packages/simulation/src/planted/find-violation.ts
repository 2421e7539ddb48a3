import { type PoolOptions, playAll, RunFailed } from "../command/pool.ts";
import { copySource } from "./copy.ts";
import type { Planted } from "./planted.ts";

/** The result for a planted mistake. */
export type PlantedOutcome =
	| { readonly caught: true; readonly seed: number; readonly rules: readonly string[] }
	| { readonly caught: false; readonly seeds: number };

/** Plays seeds from 1 to `last`. */
export interface FindViolationOptions {
	readonly last: number;
}

/**
 * Plays seeds with the mistake in place until one violates an invariant, the known one first; without a mistake, until one
 * does that should not.
 *
 * @throws Error when the edit does not apply any more.
 */
export async function findViolation(
	fault: Planted | undefined,
	{ last }: FindViolationOptions,
): Promise<PlantedOutcome> {
	const copy = copySource();
	try {
		if (fault) copy.plant(fault);
		const known = fault?.caughtBy;
		const found = known === undefined ? undefined : await play(copy.worker, { first: known, last: known });
		return found ?? (await play(copy.worker, { first: 1, last })) ?? { caught: false, seeds: last };
	} finally {
		copy.remove();
	}
}

/** The violations of the first seed that has any; undefined when none has. */
async function play(worker: string, range: Pick<PoolOptions, "first" | "last">): Promise<PlantedOutcome | undefined> {
	let found: PlantedOutcome | undefined;
	try {
		await playAll({
			...range,
			days: 1,
			jobs: 1,
			worker,
			isQuiet: true,
			onOutcome: ({ seed, violations }) => {
				if (violations.length === 0) return true;
				const rules = violations.map(({ rule, where }) => `${rule} (${where})`);
				found = { caught: true, seed, rules: [...new Set(rules)] };
				return false;
			},
		});
	} catch (error) {
		if (!(error instanceof RunFailed)) throw error;
		return { caught: true, seed: error.seed, rules: [`f-no-end: ${error.message}`] };
	}
	return found;
}
