import { type PoolOptions, playAll, RunFailed } from "../simulate/pool.ts";
import { copySource } from "./copy.ts";
import type { Planted } from "./planted.ts";

/** What became of a planted fault. */
export type Hunted =
	| { readonly caught: true; readonly seed: number; readonly rules: readonly string[] }
	| { readonly caught: false; readonly seeds: number };

/** How long to look for one. */
export type HuntOptions = Pick<PoolOptions, "first" | "last" | "days">;

/**
 * Plays seeds with the fault in place until one breaks a rule; without a fault, until one does that should not.
 *
 * @throws Error when the fault does not apply any more.
 */
export async function hunt(fault: Planted | undefined, options: HuntOptions): Promise<Hunted> {
	const copy = copySource();
	try {
		if (fault) copy.plant(fault);
		let found: Hunted = { caught: false, seeds: options.last - options.first + 1 };
		try {
			await playAll({
				...options,
				jobs: 1,
				worker: copy.worker,
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
			found = { caught: true, seed: error.seed, rules: [`f-no-end: ${error.message}`] };
		}
		return found;
	} finally {
		copy.remove();
	}
}
