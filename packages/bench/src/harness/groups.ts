import type { Measure } from "./verdict.ts";

/** Groups measures in order: each alone, except neighbours that mostly wait. */
export function groups(measures: readonly Measure[]): Measure[][] {
	const made: Measure[][] = [];
	for (const measure of measures) {
		const last = made.at(-1);
		if (measure.overlaps && last?.[0]?.overlaps) last.push(measure);
		else made.push([measure]);
	}
	return made;
}
