/**
 * A time at which the countdown may have run out, because the venue acknowledged no call for as long as the countdown lasts. The next call
 * starts a new countdown and does not show whether the old one ran out, so ask the venue which orders are open.
 */
export interface OkxLoss {
	/** The earliest time at which the venue may have cancelled all orders of the account, in epoch milliseconds. */
	readonly lostAt: number;
}

/** What happened while the session was lost. */
export interface OkxRecovery {
	/**
	 * While the session is down: each loss since it was last alive. While the session is alive: each loss during the latest outage. Oldest
	 * first.
	 */
	readonly losses: readonly OkxLoss[];
}
