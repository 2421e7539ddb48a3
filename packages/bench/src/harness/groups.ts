import type { Measure } from "./verdict.ts";

/**
 * Groups measures in order: each measure is a group of its own, except that neighbours with `overlaps` form one group.
 */
export function groups(measures: readonly Measure[]): Measure[][] {
	const made: Measure[][] = [];
	for (const measure of measures) {
		const last = made.at(-1);
		if (measure.overlaps && last?.[0]?.overlaps) last.push(measure);
		else made.push([measure]);
	}
	return made;
}
