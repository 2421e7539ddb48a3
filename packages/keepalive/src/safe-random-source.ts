/**
 * Makes a source of numbers that never fails. `fallback` gives the number when `source` throws an error or returns a number
 * that cannot be used.
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
			// An error has the same effect as a value that cannot be used: the fallback is used below.
		}
		return fallback();
	};
}

/**
 * Makes a source of jitter that never fails. A failure must not end the loop that keeps a session alive, and must not make that
 * loop retry without a wait.
 */
export function usableRandom(random: () => number): () => number {
	return withFallback(
		random,
		(value) => value >= 0 && value < 1,
		() => 0.5,
	);
}
