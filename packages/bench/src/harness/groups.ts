import type { Measure } from "./verdict.ts";

/** In order: each alone, but neighbours that only wait together. */
export function groups(measures: readonly Measure[]): Measure[][] {
	const made: Measure[][] = [];
	for (const measure of measures) {
		const last = made.at(-1);
		if (measure.overlaps && last?.[0]?.overlaps) last.push(measure);
		else made.push([measure]);
	}
	return made;
}
