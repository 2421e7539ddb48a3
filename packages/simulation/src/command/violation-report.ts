import { formatClock, formatLine } from "../journal.ts";
import type { Outcome } from "../simulate.ts";

/**
 * The violations of a run as lines of text: for each its seed, its rule, the last log lines, and how to reproduce the violation. Empty for
 * a run without violations.
 */
export function reportOf({ seed, violations, logs, settings, simulatedMs }: Outcome, days: number): string[] {
	return violations.flatMap(({ rule, where, at, detail }, index) => [
		"",
		`BROKEN: seed ${seed}, rule ${rule} at ${where}, ${formatClock(at)} of ${formatClock(simulatedMs)}`,
		`  ${detail}`,
		...(logs[index] ?? []).map((line) => `  ${formatLine(line)}`),
		`  settings: ${JSON.stringify(settings[where] ?? settings)}`,
		`  reproduce with: npm run simulate -- --seed ${seed}${days === 1 ? "" : ` --days ${days}`}`,
	]);
}
