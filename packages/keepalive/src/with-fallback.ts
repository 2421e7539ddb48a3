/**
 * A source of numbers that never fails: `fallback` gives the number when `source` throws or returns a number that is not usable.
 */
export function withFallback(
	source: () => number,
	isUsable: (value: number) => boolean,
	fallback: () => number,
): () => number {
	return () => {
		try {
			const value = source();
			if (typeof value === "number" && isUsable(value)) return value;
		} catch {
			// An error counts as an unusable value.
		}
		return fallback();
	};
}

/** A source of jitter that never fails: a failure must neither end a loop nor make the loop retry without a wait. */
export function usableRandom(random: () => number): () => number {
	return withFallback(
		random,
		(value) => value >= 0 && value < 1,
		() => 0.5,
	);
}
