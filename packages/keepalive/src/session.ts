/**
 * What the orchestrator knows of a venue, and all it knows.
 *
 * A session is *kept* by the orchestrator: it decides when to open, beat, give up and open again. A session does one
 * thing at a time when asked, within the signal it is given, and has no schedule, retry or back-off of its own.
 *
 * @typeParam Handle - the live client of the venue, for trading over the very connection that is guarded.
 */
export interface Session<Handle = unknown> {
	/** Unique among the sessions of one keeper; it stands in every record. */
	readonly name: string;

	/**
	 * Connects, authenticates, arms and verifies, all of it acknowledged by the venue.
	 *
	 * Called again after a loss: whatever an earlier `open` left is dropped first, never revived. Once its signal aborts
	 * it rejects soon and leaves nothing behind.
	 *
	 * @throws SessionError that says what to do next. Any other error is taken as "retry".
	 */
	open(signal: AbortSignal): Promise<Lease>;

	/**
	 * Proves life once: one exchange that the venue answered. Verifies the protection again when the proof is old.
	 *
	 * @throws SessionError; with `session: "ended"` when the venue said that the session is gone, else the beat alone
	 * has failed and the lease still runs.
	 */
	beat(signal: AbortSignal): Promise<Lease>;

	/**
	 * Leaves, by consequence for the working orders, and says what the venue does then. Safe to call in any state and
	 * more than once. It may refuse by its result but does not throw for what a venue cannot do.
	 *
	 * @param signal - aborts when nobody waits any longer: a polite way of leaving that is under way then should end in
	 * the blunt one.
	 */
	close(orders: OrdersOnClose, signal?: AbortSignal): Promise<Closed>;

	/** The live client, or undefined while there is none. A new one after every `open`. */
	readonly handle: Handle | undefined;
}

/** What should become of the working orders when a session is left on purpose. */
export type OrdersOnClose = "keep" | "cancel";

/** What one acknowledged proof of life buys. */
export interface Lease {
	/** Milliseconds for which the venue still counts us as alive without another beat, from when the beat was sent. */
	readonly ttlMs: number;
	/** The venue's documented pace, in milliseconds between beats, where it is shorter than a third of the TTL. */
	readonly paceMs?: number;
	/**
	 * How long ago the exchange that this lease of an `open` rests on was sent, in milliseconds by a monotonic clock.
	 * Default 0. The lease of a beat needs none: it counts from the beginning of the beat.
	 */
	readonly ageMs?: number;
	/** What happens to the working orders if we die now. */
	readonly protection: Protection;
	/** Aborts when the session ends between beats; its reason is a {@link SessionError} or another error that says why. */
	readonly ended?: AbortSignal;
}

/** What happens to the working orders if we die now. */
export type Protection =
	| {
			/** Read back from the venue, not assumed. */
			readonly state: "armed";
			/** What the venue would cancel, in its own words, such as `connection` or `DERIVATIVES`. */
			readonly scope: string;
			/** Worst case, in milliseconds, from our death or the network's to the venue's cancel. */
			readonly exposureMs: number;
			/** When the venue last confirmed it, in epoch milliseconds. */
			readonly verifiedAt: number;
	  }
	/** The venue said that it is off, or it was never switched on. */
	| { readonly state: "unarmed"; readonly reason: string }
	/** There is no proof young enough. Never shown as protected. */
	| { readonly state: "unknown"; readonly reason: string }
	/** The venue has no such switch: working orders keep working. */
	| { readonly state: "unsupported"; readonly reason: string };

/** What leaving meant for the working orders. `detail` is for people. */
export type Closed =
	/** The venue leaves them working. */
	| { readonly orders: "kept"; readonly detail: string }
	/** The venue will have cancelled them at the latest `withinMs` from now. */
	| { readonly orders: "cancelled"; readonly withinMs: number; readonly detail: string }
	/** The venue cannot do what was asked; `detail` says what happens instead. */
	| { readonly orders: "refused"; readonly detail: string }
	/** There was no session to leave, or the venue did not answer: look at the orders. */
	| { readonly orders: "unknown"; readonly detail: string };
