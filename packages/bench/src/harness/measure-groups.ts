import type { Measure } from "./measure-and-table-row.ts";

/**
 * Groups measures without changing their order. Neighbouring measures with `overlaps` form one group; every other measure is a group of
 * its own.
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
