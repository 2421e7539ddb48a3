/**
 * Where several processes agree on which of them leads: one row, key or object per name in an engine that they share. Each
 * method is one atomic step of that engine and is decided by the engine's clock alone; where the engine has no clock that decides, by the
 * monotonic clock of the taker since it last saw a change.
 *
 * A method rejects when the engine does not answer or refuses. It ends soon when its signal aborts.
 */
export interface LeaderStore {
	/**
	 * Makes `holder` the leader if there is none, if the time of the last one has run out, or if it is `holder` already: the
	 * answer to an earlier call may have been lost.
	 *
	 * @param holder - unique for each start of a process.
	 * @param ttlMs - how long it leads without a renewal, in milliseconds.
	 */
	take(name: string, holder: string, ttlMs: number, signal: AbortSignal): Promise<TakeResult>;

	/**
	 * Lets the leader lead for another `ttlMs` milliseconds from now; also after its time has run out, if nobody has taken the lead. A store
	 * that cannot know the latter returns false then.
	 *
	 * @param note - to be kept for the next leader, in place of the one before: a text without secrets, of up to 16 000 characters. Without
	 *   one, the last note stays.
	 * @returns false when another holder has taken the lead, or `holder` itself with another epoch, or when it was released.
	 */
	renew(
		name: string,
		holder: string,
		epoch: number,
		ttlMs: number,
		signal: AbortSignal,
		note?: string,
	): Promise<boolean>;

	/** Lets another process lead from now on. Does nothing when `holder` does not lead any more, or not with this epoch. */
	release(name: string, holder: string, epoch: number, signal: AbortSignal): Promise<void>;
}

/** What {@link LeaderStore.take} found. */
export type TakeResult =
	| {
			readonly isTaken: true;
			/** Higher than each epoch that the store has given for this name, so it orders the leaders. */
			readonly epoch: number;
			/** The last note of a leader. Missing when there is none. */
			readonly note?: LeaderNote;
	  }
	| { readonly isTaken: false; readonly leader: StoredLeader };

/** What a leader leaves to the next one. */
export interface LeaderNote {
	/** As it was given to {@link LeaderStore.renew}. */
	readonly text: string;
	/** Milliseconds since then, by the clock of the store. */
	readonly ageMs: number;
}

/** Who leads now. */
export interface StoredLeader {
	readonly holder: string;
	readonly epoch: number;
	/** For how long it has led, in milliseconds by the clock of the store. */
	readonly ledForMs: number;
	/** Milliseconds until its time runs out unless it renews, by the clock of the store. */
	readonly expiresInMs: number;
}
