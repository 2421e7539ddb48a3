/** How the waits between attempts to open a session grow. */
export interface BackoffOptions {
	/**
	 * Upper limit of the first wait after a session that was stable, in milliseconds. Most losses end with the connection, and
	 * the next one works. Default 500.
	 */
	readonly firstMs: number;
	/** Upper limit of the waits after that, in milliseconds. Default 3 000. */
	readonly baseMs: number;
	/** Upper limit of all waits, in milliseconds. Default 30 000. */
	readonly capMs: number;
	/**
	 * Upper limit of the first 12 waits while the venue is unreachable, in milliseconds; of up to 6 more after waits in which
	 * orders could be saved. Default 5 000.
	 */
	readonly unreachableCapMs: number;
	/** Growth of the upper limit from one attempt to the next. Default 2. */
	readonly factor: number;
}

/** The back-off that is used unless the option `backoff` says otherwise. */
export const defaultBackoff: BackoffOptions = Object.freeze({
	firstMs: 500,
	baseMs: 3_000,
	capMs: 30_000,
	unreachableCapMs: 5_000,
	factor: 2,
});

/** The limit does not grow for this many attempts: most outages end soon. */
const firstAttempts = 2;
/** The same while the venue is unreachable. */
const firstUnreachableAttempts = 4;
/** While the venue is unreachable, this many attempts stay below `unreachableCapMs`. More could be a ban that looks like one. */
const quickAttempts = 12;
/** Attempts that could save orders are made in the first seconds of an outage: up to this many are not counted among these. */
const mostUncounted = 6;
/** `withinMs` never lowers the limit below this, so that a refusal is not repeated in a tight loop. */
const minLimitMs = 1_000;
/** After this many opens that failed in a row, not below `baseMs`: retrying faster does not help then. */
const fastRetryOpens = 6;

/** What is known about the attempt that failed. */
export interface FailedAttempt {
	/** The session had been stable before: only then `firstMs` limits the first wait. */
	readonly wasStable?: boolean;
	/**
	 * How many opens have failed in a row; 0 after a session that was open, such as over a line that drops again and again.
	 * Default: all attempts.
	 */
	readonly failedOpens?: number;
	/** No connection was made, so an early retry cannot break a rate limit. */
	readonly unreachable?: boolean;
	/** Orders can still be saved by an attempt within this time: limits every wait, but not below a second. */
	readonly withinMs?: number;
	/** How many of the attempts had a `withinMs`. Default 0. */
	readonly savingAttempts?: number;
}

/**
 * Milliseconds to wait before a retry.
 *
 * The wait is drawn from a range, so that sessions that were lost together do not all come back at once: the first waits from
 * 10 % to 100 % of the limit, later ones from 50 % to 100 %. While orders can still be saved, no wait is longer than that.
 *
 * @param attempt - the number of the retry, from 1.
 * @param random - a number from 0, less than 1.
 */
export function backoffMs(
	attempt: number,
	random: number,
	options: BackoffOptions = defaultBackoff,
	{
		wasStable = false,
		failedOpens = attempt,
		unreachable = false,
		withinMs = Number.POSITIVE_INFINITY,
		savingAttempts = 0,
	}: FailedAttempt = {},
): number {
	const { firstMs, baseMs, capMs, unreachableCapMs, factor } = options;
	const growth = (after: number): number => factor ** Math.max(0, attempt - after);
	const first = unreachable ? firstUnreachableAttempts : firstAttempts;
	const ordinary = baseMs * growth(first);
	const quick = quickAttempts + Math.min(savingAttempts, mostUncounted);
	const limit = Math.min(capMs, unreachable ? Math.min(ordinary, unreachableCapMs * growth(quick)) : ordinary);
	const floor = failedOpens <= fastRetryOpens ? minLimitMs : baseMs;
	const longest = Math.min(attempt === 1 && wasStable ? firstMs : limit, Math.max(withinMs, floor), capMs);
	const shortest = longest / (attempt <= first ? 10 : 2);
	return shortest + (longest - shortest) * random;
}
