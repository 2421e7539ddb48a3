/**
 * The countdown may have run out, because the venue acknowledged no call for as long as the countdown lasts. The next call starts a new
 * countdown and does not show whether the old one ran out, so ask the venue which orders are open.
 */
export interface OkxLoss {
	/** The time from which on the venue may have cancelled all orders of the account, in epoch milliseconds. */
	readonly lostAt: number;
}

/** What happened while the session was lost. */
export interface OkxRecovery {
	/** The losses, oldest first. While the session is down: those since it was last alive. While it is alive: those of the last outage. */
	readonly losses: readonly OkxLoss[];
}
