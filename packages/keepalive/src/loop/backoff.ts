/** How the waits between attempts grow. */
export interface BackoffOptions {
	/** The longest of the first waits, in milliseconds. Default 3 000. */
	readonly baseMs: number;
	/** The longest wait, in milliseconds. Default 30 000. */
	readonly capMs: number;
	/** The longest wait of the first attempts while the venue is not reached at all, in milliseconds. Default 5 000. */
	readonly unreachedCapMs: number;
	/** By how much the longest wait grows with each attempt after those. Default 2. */
	readonly factor: number;
}

/** What holds unless something else is asked for. */
export const defaultBackoff: BackoffOptions = Object.freeze({
	baseMs: 3_000,
	capMs: 30_000,
	unreachedCapMs: 5_000,
	factor: 2,
});

/** So many waits are equally long, and spread the widest: where most outages end, for all who fell together. */
const evenWaits = 2;
/** The same while nobody is reached. */
const evenUnreached = 4;
/** No hurry makes a first wait shorter than one drawn from this, in milliseconds: a refusal must not become a hot loop. */
const leastFirstMs = 1_000;
/** So many attempts to reach a venue are worth making quickly. A refusal that looks like no answer must not be hammered at. */
const quickAttempts = 12;

/** What is known of the attempt that failed. */
export interface FailedAttempt {
	/** No connection came about: then there is nothing yet that repeating could offend. */
	readonly unreached?: boolean;
	/** A new attempt is of use within so many milliseconds: the first waits are not longer, though up to a second long all the same. */
	readonly withinMs?: number;
}

/**
 * The wait before attempt `attempt` (1 is the first retry), in milliseconds.
 *
 * Never at once, so that a refusal cannot become a hot loop, and spread, so that many sessions that fell together do not
 * come back together: drawn evenly from a tenth of the longest wait to all of it, later on from half of it.
 *
 * @param random - a number from 0 to 1, 1 excluded.
 */
export function backoffMs(
	attempt: number,
	random: number,
	options: BackoffOptions = defaultBackoff,
	{ unreached = false, withinMs = Number.POSITIVE_INFINITY }: FailedAttempt = {},
): number {
	const { baseMs, capMs, unreachedCapMs, factor } = options;
	// The exponent is bounded: past this the cap holds anyway and the power would become Infinity.
	const grown = (past: number): number => factor ** Math.min(Math.max(0, attempt - past), 60);
	const even = unreached ? evenUnreached : evenWaits;
	const own = baseMs * grown(even);
	const asked = Math.min(capMs, unreached ? Math.min(own, unreachedCapMs * grown(quickAttempts)) : own);
	const longest = attempt <= evenWaits ? Math.min(asked, Math.max(withinMs, leastFirstMs)) : asked;
	const least = longest / (attempt <= even ? 10 : 2);
	return least + (longest - least) * random;
}
