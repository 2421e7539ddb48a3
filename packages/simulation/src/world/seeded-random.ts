/**
 * A source of numbers from 0 to 1 (1 excluded) that is the same for the same seed (mulberry32).
 *
 * All random decisions in a simulation come from such sources, so a seed is enough to reproduce a failure.
 */
export function seeded(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
	};
}

/** A whole number from `least` to `most`. */
export function between(random: () => number, least: number, most: number): number {
	return Math.round(least + random() * (most - least));
}

/**
 * A random item of a list.
 *
 * @throws RangeError for an empty list.
 */
export function pick<T>(random: () => number, list: readonly T[]): T {
	if (list.length === 0) throw new RangeError("cannot pick from an empty list");
	// The cast is safe: the index is in range, because the list is not empty and the source stays below 1.
	return list[Math.floor(random() * list.length)] as T;
}

/** A random time in milliseconds until the next of several independent events, with an exponential distribution. */
export function gap(random: () => number, meanMs: number): number {
	return -Math.log(1 - random()) * meanMs;
}

/** A fraction of a millisecond that looks random, but depends only on the whole millisecond. */
export function fractionOf(ms: number): number {
	return (Math.imul(ms, 2_654_435_761) >>> 0) / 4_294_967_296;
}

/** True with the probability `share`. */
export function chance(random: () => number, share: number): boolean {
	return random() < share;
}

/**
 * A random item of a list, with a probability proportional to its weight.
 *
 * @throws RangeError for an empty list.
 */
export function weighted<T>(random: () => number, list: readonly T[], weightOf: (item: T) => number): T {
	let left = random() * list.reduce((sum, item) => sum + weightOf(item), 0);
	for (const item of list) {
		left -= weightOf(item);
		if (left < 0) return item;
	}
	return pick(random, list);
}
