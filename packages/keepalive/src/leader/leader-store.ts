/**
 * Where several processes agree on which process leads: one row, key or object per name, in a database or a similar engine that they
 * share. Each method is one atomic step of that engine. Whether the time of a leader has run out is decided by the clock of the engine
 * alone. If the engine has no clock that can decide this, the monotonic clock of the process that wants to take the lead decides, counted
 * from when that process last saw a change.
 *
 * A method rejects when the engine does not answer or refuses. A method settles soon after its signal aborts.
 */
export interface LeaderStore {
	/**
	 * Makes `holder` the leader if there is none, if the time of the last leader has run out, or if `holder` leads already: the answer to an
	 * earlier call may have been lost.
	 *
	 * @param holder - names the process; unique for each start of a process.
	 * @param ttlMs - how long `holder` leads without a renewal, in milliseconds.
	 */
	take(name: string, holder: string, ttlMs: number, signal: AbortSignal): Promise<TakeResult>;

	/**
	 * Lets the leader lead for another `ttlMs` milliseconds from now; also after the leader's time has run out, if no other process has
	 * taken the lead. A store that cannot know whether another process has taken the lead returns false once the time has run out.
	 *
	 * @param note - a text for the next leader, without secrets and of up to 16 000 characters; it replaces the last note. Default: the last
	 *   note stays.
	 * @returns false when another holder has taken the lead, or `holder` itself with another epoch, or when the lead was released.
	 */
	renew(
		name: string,
		holder: string,
		epoch: number,
		ttlMs: number,
		signal: AbortSignal,
		note?: string,
	): Promise<boolean>;

	/** Lets another process lead from now on. Does nothing when `holder` does not lead any more, or leads with another epoch. */
	release(name: string, holder: string, epoch: number, signal: AbortSignal): Promise<void>;
}

/** What {@link LeaderStore.take} found. */
export type TakeResult =
	| {
			readonly isTaken: true;
			/** A number that is higher than every earlier epoch that the store has given for this name, so that epochs order the leaders. */
			readonly epoch: number;
			/** The last note that a leader has left. Missing when there is no note. */
			readonly note?: LeaderNote;
	  }
	| { readonly isTaken: false; readonly leader: StoredLeader };

/** A text that a leader leaves to the next leader. */
export interface LeaderNote {
	/** The text as it was given to {@link LeaderStore.renew}. */
	readonly text: string;
	/** Milliseconds since the note was written, by the clock of the store. */
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
