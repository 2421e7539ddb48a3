/**
 * The countdown may have run out, because no call was acknowledged for its length. The next call starts a new one and hides
 * whether it did, so ask the venue which orders are open.
 */
export interface OkxLoss {
	/** From when on the venue may have cancelled all orders of the account, in epoch milliseconds. */
	readonly lostAt: number;
}

/** What happened while the session was lost. */
export interface OkxRecovery {
	/** While the session is down: the losses since it was last alive. While it is alive: the losses of the outage before. Oldest first. */
	readonly losses: readonly OkxLoss[];
}
