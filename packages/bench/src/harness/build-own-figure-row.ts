import { shown, type Verdict } from "./measure-and-table-row.ts";
import type { Outcome } from "./result-or-error.ts";

/** A row with a target for our own figure, not for a ratio. The figure of the other program is only shown for comparison. */
export function ownRow<Value>(
	measure: string,
	{ ours, theirs, as }: { ours: Outcome<Value>; theirs: Outcome<Value>; as: string },
	format: (value: Value) => string,
	judged: { readonly figure: (value: Value) => number; readonly target: Verdict["target"]; readonly unit: string },
): Verdict {
	const formatOutcome = (outcome: Outcome<Value>): string =>
		outcome.fault === undefined ? format(outcome.value) : "failed";
	const faults = [ours, theirs].flatMap(({ fault }) => fault ?? []);
	return {
		measure,
		ours: formatOutcome(ours),
		against: `${as}: ${formatOutcome(theirs)}`,
		figure: ours.fault === undefined ? judged.figure(ours.value) : undefined,
		target: judged.target,
		unit: judged.unit,
		...(faults.length > 0 ? { note: `failed: ${faults.join("; ")}` } : {}),
	};
}

/** Formats milliseconds as seconds; returns `otherwise` for undefined. */
export const seconds = (ms: number | undefined, otherwise: string): string =>
	ms === undefined ? otherwise : `${shown(ms / 1_000)} s`;
