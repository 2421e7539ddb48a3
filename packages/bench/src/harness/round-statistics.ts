/** The median and the range of a value over several rounds. */
export interface Figure {
	readonly median: number;
	readonly low: number;
	readonly high: number;
}

/** The value at the quantile `share`, from 0 to 1. Sorts `values` in place. */
export function quantile(values: number[] | Float64Array, share: number): number {
	const sorted = values.sort((a: number, b: number) => a - b);
	return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Median, minimum and maximum of values. */
export function figure(values: readonly number[]): Figure {
	const sorted = [...values].sort((a, b) => a - b);
	const middle = sorted.length / 2;
	const [low = Number.NaN] = sorted;
	const median = ((sorted[Math.ceil(middle) - 1] ?? low) + (sorted[Math.floor(middle)] ?? low)) / 2;
	return { median, low, high: sorted.at(-1) ?? low };
}

/**
 * The ratio of two values in each round. The ratios are formed round by round, because a disturbance in a round affects both of its values.
 */
export function ratios(over: readonly number[], under: readonly number[]): Figure {
	return figure(over.map((value, round) => value / (under[round] ?? Number.NaN)));
}

/** The items, rotated by the number of the round, so that each round begins with another item. */
export function rotated<Item>(items: readonly Item[], round: number): Item[] {
	const at = round % items.length;
	return [...items.slice(at), ...items.slice(0, at)];
}
