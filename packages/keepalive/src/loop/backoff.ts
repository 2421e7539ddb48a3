/** How the waits between attempts to open a session grow. */
export interface BackoffOptions {
	/**
	 * Upper limit of the first wait after a session that was stable, in milliseconds. Most losses concern only one connection, and
	 * the next connection works. Default 500.
	 */
	readonly firstMs: number;
	/** Upper limit of the other waits, before the limit grows, in milliseconds. Default 3 000. */
	readonly baseMs: number;
	/** Upper limit of all waits, in milliseconds. Default 30 000. */
	readonly capMs: number;
	/**
	 * Upper limit of the first 12 waits while the venue is unreachable, in milliseconds. Up to 6 waits in which orders could still
	 * be saved do not count as part of the 12. Default 5 000.
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

/** The upper limit of the waits does not grow for this many attempts: most outages end soon. */
const firstAttempts = 2;
/** The upper limit of the waits does not grow for this many attempts while the venue is unreachable. */
const firstUnreachableAttempts = 4;
/**
 * While the venue is unreachable, the waits of this many attempts stay below `unreachableCapMs`. If the outage lasts longer, it
 * could be a ban that looks like an outage.
 */
const quickAttempts = 12;
/**
 * Attempts that could save orders are made in the first seconds of an outage: up to this many do not count among the
 * `quickAttempts`.
 */
const mostUncounted = 6;
/**
 * `withinMs` never lowers the upper limit of a wait below this many milliseconds, so that a refusal is not repeated in a
 * tight loop.
 */
const minLimitMs = 1_000;
/**
 * After this many failed opens in a row, `withinMs` never lowers the upper limit below `baseMs`: retrying faster does not
 * help then.
 */
const fastRetryOpens = 6;

/** What is known about the attempt that failed. */
export interface FailedAttempt {
	/** Whether the session had been stable before: only then does `firstMs` limit the first wait. */
	readonly wasStable?: boolean;
	/**
	 * How many opens have failed in a row; 0 after a session that was open, such as over a network connection that drops again and
	 * again. Default: as many as `attempt`.
	 */
	readonly failedOpens?: number;
	/** Whether no connection was made, so that an early retry cannot break a rate limit. */
	readonly unreachable?: boolean;
	/** An attempt within this many milliseconds can still save orders. Limits every wait, but not to less than a second. */
	readonly withinMs?: number;
	/** How many of the attempts had a `withinMs`. Default 0. */
	readonly savingAttempts?: number;
}

/**
 * Milliseconds to wait before a retry.
 *
 * The wait is drawn from a range, so that sessions that were lost together do not all come back at once: the first waits from 10
 * % to 100 % of the limit, later ones from 50 % to 100 %. While orders can still be saved, `withinMs` limits the wait, too.
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
