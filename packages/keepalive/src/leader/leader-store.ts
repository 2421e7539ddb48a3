/**
 * The place where several processes agree on which process leads: one row, key or object per name, in a database or a similar engine
 * that they share. Each method is one atomic step of that engine.
 *
 * The engine decides by its own clock whether the time of a leader has run out. If the engine has no clock that can decide this, the
 * process that wants to take the lead decides: its monotonic clock counts from the last change that this process saw.
 *
 * A method rejects when the engine does not answer or refuses. It settles soon after its signal aborts.
 */
export interface LeaderStore {
	/**
	 * Makes `holder` the leader if there is no leader or if the time of the last leader has run out. Also does so if `holder` leads
	 * already, because the answer to its earlier call may have been lost.
	 *
	 * @param holder - names the process; unique for each start of a process.
	 * @param ttlMs - how long `holder` leads without a renewal, in milliseconds.
	 */
	take(name: string, holder: string, ttlMs: number, signal: AbortSignal): Promise<TakeResult>;

	/**
	 * Makes the leader lead for another `ttlMs` milliseconds from now. Also succeeds after the leader's time has run out, if no
	 * other process has taken the lead since. A store that cannot know whether another process has taken the lead returns false
	 * once the time has run out.
	 *
	 * @param note - a text for the next leader, without secrets, of at most 16 000 characters. It replaces the last text. Default:
	 * the last text stays.
	 * @returns false when another holder has taken the lead, when `holder` itself leads with another epoch, or when the lead was
	 * released.
	 */
	renew(
		name: string,
		holder: string,
		epoch: number,
		ttlMs: number,
		signal: AbortSignal,
		note?: string,
	): Promise<boolean>;

	/**
	 * Gives the lead up, so that another process can lead from now on. Does nothing when `holder` no longer leads, or leads
	 * with another epoch.
	 */
	release(name: string, holder: string, epoch: number, signal: AbortSignal): Promise<void>;
}

/** The result of {@link LeaderStore.take}. */
export type TakeResult =
	| {
			readonly isTaken: true;
			/** A number that orders the leaders: higher than every epoch that the store has given for this name before. */
			readonly epoch: number;
			/** The last text that a leader has left for the next leader. Missing when there is none. */
			readonly note?: LeaderNote;
	  }
	| { readonly isTaken: false; readonly leader: StoredLeader };

/** A text that a leader leaves for the next leader. */
export interface LeaderNote {
	/** The text that the leader passed to {@link LeaderStore.renew}. */
	readonly text: string;
	/** How many milliseconds ago the text was written, by the clock of the store. */
	readonly ageMs: number;
}

/** The process that leads now. */
export interface StoredLeader {
	readonly holder: string;
	readonly epoch: number;
	/** For how long this process has led, in milliseconds by the clock of the store. */
	readonly ledForMs: number;
	/** Milliseconds until the time of this leader runs out unless it is renewed, by the clock of the store. */
	readonly expiresInMs: number;
}
