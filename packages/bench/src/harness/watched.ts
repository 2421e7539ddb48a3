import type { Outcome } from "./outcome.ts";
import { shown, type Verdict } from "./verdict.ts";

/** A row with our figure and another contestant's for comparison. */
export function lineOfOurs<Value>(
	measure: string,
	{ ours, theirs, as }: { ours: Outcome<Value>; theirs: Outcome<Value>; as: string },
	words: (value: Value) => string,
	judged: { readonly figure: (value: Value) => number; readonly target: Verdict["target"]; readonly unit: string },
): Verdict {
	const said = (outcome: Outcome<Value>): string => (outcome.fault === undefined ? words(outcome.value) : "failed");
	const faults = [ours, theirs].flatMap(({ fault }) => fault ?? []);
	return {
		measure,
		ours: said(ours),
		against: `${as}: ${said(theirs)}`,
		figure: ours.fault === undefined ? judged.figure(ours.value) : undefined,
		target: judged.target,
		unit: judged.unit,
		...(faults.length > 0 ? { note: `failed: ${faults.join("; ")}` } : {}),
	};
}

/** Formats milliseconds as seconds, or that it did not happen. */
export const seconds = (ms: number | undefined, otherwise: string): string =>
	ms === undefined ? otherwise : `${shown(ms / 1_000)} s`;
