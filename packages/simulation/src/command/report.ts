import { clockOf, lineOf } from "../journal.ts";
import type { Outcome } from "../simulate.ts";

/** What a run broke: the seed, the rule, the last events, and how to see it again. Nothing for a run that broke none. */
export function reportOf({ seed, violations, stories, settings, simulatedMs }: Outcome, days: number): string[] {
	return violations.flatMap(({ rule, where, at, detail }, index) => [
		"",
		`BROKEN: seed ${seed}, rule ${rule} at ${where}, ${clockOf(at)} of ${clockOf(simulatedMs)}`,
		`  ${detail}`,
		...(stories[index] ?? []).map((told) => `  ${lineOf(told)}`),
		`  settings: ${JSON.stringify(settings[where] ?? settings)}`,
		`  again: npm run simulate -- --seed ${seed}${days === 1 ? "" : ` --days ${days}`}`,
	]);
}
