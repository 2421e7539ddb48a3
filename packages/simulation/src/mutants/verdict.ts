import type { MutantOutcome } from "./find-violation.ts";
import type { Mutant } from "./mutant.ts";

/** The report of all mutants, and whether every mutant has the expected result. */
export interface Verdict {
	readonly lines: readonly string[];
	readonly isGood: boolean;
}

/**
 * @param outcomes - each mutant with its result. The result is an error if the mutant could not be created, and undefined if it was not
 *   played.
 */
export function verdict(outcomes: readonly (readonly [Mutant, MutantOutcome | Error | undefined])[]): Verdict {
	const caught: string[] = [];
	const hidden: string[] = [];
	const missed: string[] = [];
	const stale: string[] = [];
	for (const [{ name, hidden: why }, outcome] of outcomes) {
		if (outcome === undefined || outcome instanceof Error) stale.push(`  ${outcome?.message ?? name}`);
		else if (outcome.caught) caught.push(`  ${name}: ${outcome.by}, ${outcome.rules.join(", ")}`);
		else if (why === undefined) missed.push(`  ${name}: not caught by ${outcome.by}`);
		else hidden.push(`  ${name}: ${why}`);
	}
	const group = (title: string, lines: readonly string[]): string[] =>
		lines.length === 0 ? [] : [`${title}:`, ...lines, ""];
	const counts = `${outcomes.length} mutants, ${caught.length} caught, ${missed.length} not caught, ${hidden.length} hidden as expected, ${stale.length} stale`;
	return {
		lines: [
			...group("CAUGHT", caught),
			...group("HIDDEN, as expected", hidden),
			...group("NOT CAUGHT", missed),
			...group("STALE", stale),
			counts,
		],
		isGood: missed.length === 0 && stale.length === 0,
	};
}
