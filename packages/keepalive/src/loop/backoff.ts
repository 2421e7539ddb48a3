/** The settings of the back-off: how the waits between attempts to open a session grow. */
export interface BackoffOptions {
	/**
	 * Upper limit of the first wait after a session that was stable, in milliseconds. It is short because most losses concern
	 * only one connection, and a new connection works. Default 500.
	 */
	readonly firstMs: number;
	/** Upper limit of every other wait until the limit begins to grow, in milliseconds. Default 3 000. */
	readonly baseMs: number;
	/** Upper limit of all waits, in milliseconds. Default 30 000. */
	readonly capMs: number;
	/**
	 * Upper limit of each of the first 12 waits while the venue is unreachable, in milliseconds. Default 5 000. A wait does not count
	 * towards these 12 if a new session after it could still save the orders from the venue's cancel; at most 6 waits are left out in
	 * this way.
	 */
	readonly unreachableCapMs: number;
	/** The factor by which the upper limit grows from one attempt to the next. Default 2. */
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

/** The upper limit of the waits does not grow for this many attempts, because most outages end soon. */
const firstAttempts = 2;
/** While the venue is unreachable, the upper limit of the waits does not grow for this many attempts. */
const firstUnreachableAttempts = 4;
/**
 * While the venue is unreachable, the waits before the first 12 attempts are at most `unreachableCapMs` long. Later waits are
 * longer, because a long outage may be a ban that looks like an outage.
 */
const quickAttempts = 12;
/**
 * At most this many attempts are not counted as `quickAttempts`: those in the first seconds of an outage, after which a new session
 * can still save the working orders from the venue's cancel.
 */
const mostUncounted = 6;
/** A shorter `withinMs` has the effect of this many milliseconds, so that a refused attempt is not repeated in a tight loop. */
const minLimitMs = 1_000;
/**
 * When more opens than this have failed in a row, a `withinMs` below `baseMs` is raised to `baseMs`, because faster attempts do not
 * help then.
 */
const fastRetryOpens = 6;

/** What is known about the attempt that failed. */
export interface FailedAttempt {
	/** Whether the session had been stable before. Only then does `firstMs` limit the first wait. */
	readonly wasStable?: boolean;
	/**
	 * How many opens have failed in a row. 0 if the last open succeeded and the session was lost afterwards, as with a network
	 * connection that drops again and again. Default: as many as `attempt`.
	 */
	readonly failedOpens?: number;
	/** True when no connection was made: an early retry then cannot break a rate limit of the venue. */
	readonly unreachable?: boolean;
	/**
	 * For this many milliseconds, an attempt can still save the working orders from the venue's cancel. So the back-off is not longer. A
	 * short value is raised: to 1 000, so that a refused attempt is not repeated in a tight loop; and to `baseMs` once more than six opens
	 * have failed in a row, because faster attempts do not help then.
	 */
	readonly withinMs?: number;
	/** How many of the failed attempts could have saved the working orders from the venue's cancel. Default 0. */
	readonly savingAttempts?: number;
}

/**
 * Milliseconds to wait before a retry.
 *
 * The wait is a random part of the upper limit: from 10 % to 100 % for the first 2 waits (4 while the venue is unreachable), and
 * from 50 % to 100 % for later waits. So sessions that were lost together do not all come back at once. `withinMs` limits the wait
 * as well.
 *
 * @param attempt - the number of the retry, from 1.
 * @param random - a number from 0 up to, but not including, 1.
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
