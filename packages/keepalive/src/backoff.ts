/** How the waits between attempts grow. */
export interface BackoffOptions {
	/** The longest first wait, in milliseconds. Default 1 000. */
	readonly baseMs: number;
	/** The longest wait, in milliseconds. Default 30 000. */
	readonly capMs: number;
	/** By how much the longest wait grows with each attempt. Default 2. */
	readonly factor: number;
}

export const defaultBackoff: BackoffOptions = Object.freeze({ baseMs: 1_000, capMs: 30_000, factor: 2 });

/**
 * The wait before attempt `attempt` (1 is the first retry), in milliseconds.
 *
 * Drawn evenly between half of the longest wait and all of it: never at once, so that a refusal cannot become a hot
 * loop, and spread, so that many sessions that fell together do not come back together.
 *
 * @param random - a number from 0 to 1, 1 excluded.
 */
export function backoffMs(attempt: number, random: number, options: BackoffOptions = defaultBackoff): number {
	// The exponent is bounded: past this the cap holds anyway and the power would become Infinity.
	const longest = Math.min(options.capMs, options.baseMs * options.factor ** Math.min(attempt - 1, 60));
	return longest / 2 + (longest / 2) * random;
}
