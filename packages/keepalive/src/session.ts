import type { Logger } from "./logger.ts";
import type { UsedLimits } from "./session-limits.ts";

/**
 * What the keeper needs to know about a venue.
 *
 * A session does one thing at a time, when it is asked to, and ends it when the given signal aborts. It has no schedule and
 * no retries of its own: the keeper decides when to open, beat, close and open again.
 *
 * @typeParam Handle - the venue's live client, for trading on the connection that is protected.
 * @typeParam Name - the literal name, so that a keeper knows its sessions by name.
 */
export interface Session<Handle = unknown, Name extends string = string> {
	/** Identifies the session in every status record. Unique within a keeper. */
	readonly name: Name;

	/** The venue, for traces, such as `deribit`. */
	readonly venue?: string;

	/**
	 * Waits until this process may open the session, where only one of several may. Called before each open; returns at once
	 * while it may. Rejects only when the signal aborts.
	 *
	 * @param onStandby - to be called with the reason whenever it may not. The keeper publishes it as the state `standby`.
	 */
	becomeLeader?(signal: AbortSignal, onStandby: (reason: StandbyReason) => void): Promise<void>;

	/**
	 * Why another process may be the one that runs the session now; undefined while this process is, or where no other could. While
	 * it is defined, the session counts neither as armed nor as alive. Synchronous and cheap, as {@link notArmedReason}; it must not throw.
	 */
	notLeaderReason?(): string | undefined;

	/** Where only one of several processes may open the session: a number that grows from leader to leader. In each status record. */
	readonly epoch?: number | undefined;

	/**
	 * Connects, authenticates, arms the protection and verifies it. Resolves once the venue has acknowledged all of it.
	 *
	 * Called again after a loss; it then drops what an earlier call left behind. When the signal aborts, it rejects soon and
	 * leaves no connection open.
	 *
	 * @param onStep - to be called when a step begins, which ends the one before; for traces. A session may leave it out.
	 * @throws SessionError, whose disposition says what to do next. The keeper retries after any other error.
	 */
	open(signal: AbortSignal, onStep?: (step: OpenStep) => void): Promise<Lease>;

	/**
	 * Makes one exchange that the venue acknowledges. Verifies the protection again when the last proof is too old.
	 *
	 * @throws SessionError; with `session: "ended"` when the venue said that the session is gone. After any other error the
	 * lease still runs.
	 */
	beat(signal: AbortSignal): Promise<Lease>;

	/**
	 * Closes the session. Safe to call in any state and more than once. What the venue cannot do is reported in the result,
	 * not thrown.
	 *
	 * @param orders - whether the venue should keep or cancel the working orders.
	 * @param signal - aborts at the deadline: a graceful close that is still under way must then close by force.
	 */
	close(orders: OrdersOnClose, signal?: AbortSignal): Promise<Closed>;

	/**
	 * Why an order must not be sent right now, as far as the session itself knows: what the program did over the handle, what
	 * the venue announced, a proof that is too old. Undefined when it knows of no reason. While it is defined, the keeper does
	 * not count the session as armed, whatever the last lease said.
	 *
	 * Synchronous and cheap: it is called before each order. It must not throw.
	 */
	notArmedReason?(): string | undefined;

	/**
	 * Called by the keeper that runs the session, before it opens it.
	 *
	 * @returns a function that detaches the session from this keeper, called once it was stopped.
	 */
	attach?(host: SessionHost): () => void;

	/**
	 * What the session has used of limits that it keeps itself, such as connections or logins of the day, for the keeper of a
	 * program that is started again. The keeper's own limits are not part of it. It must not throw.
	 */
	usedLimits?(): UsedLimits;

	/**
	 * Those of {@link usedLimits} that the venue counts for the user, on whatever machine: `leaderSession` hands them over to the next
	 * leader.
	 */
	readonly userLimits?: readonly string[];

	/**
	 * Goes on with the limits of an earlier program, or of another leader. Called while the session is not open. It must not throw.
	 *
	 * @param used - what {@link usedLimits} returned there; `all` when nothing is known: every limit counts as used up.
	 * @param wasKilled - the earlier program may have made one more attempt of each kind than it could say.
	 * @returns with `all`, milliseconds until these limits allow an open, for the status; 0 when they allow it now or that is not known.
	 */
	inheritLimits?(used: UsedLimits | "all", wasKilled: boolean): number;

	/**
	 * Called by `leaderSession` when this process has become the leader, before its first open: the leader before may still have what
	 * only one process can have. It must not throw.
	 */
	becameLeader?(): void;

	/** The live client; undefined while there is none. Every `open` makes a new one. */
	readonly handle: Handle | undefined;
}

/**
 * A step of an open, for traces. A venue may have no such step, or the same one twice.
 *
 * - `connect`: until the venue has answered.
 * - `authenticate`: the login.
 * - `arm`: the protection is switched on.
 * - `verify`: it is read back, and the session proved alive; with the hook `onOpen`.
 */
export type OpenStep = "connect" | "authenticate" | "arm" | "verify";

/** Why a session is not opened in this process. */
export interface StandbyReason {
	/** The process that runs it; left out when that is not known. */
	readonly leader?: Leader;
	/** An error that says why. */
	readonly error: unknown;
}

/** The process that runs a session, of several that could. */
export interface Leader {
	/** Unique for each start of a process. */
	readonly holder: string;
	/** Grows from leader to leader. */
	readonly epoch: number;
	/** Since when it leads, in epoch milliseconds. */
	readonly since: number;
}

/** What a keeper gives to a session that it runs. */
export interface SessionHost {
	/**
	 * Why an order must not be sent right now: the lease, the clocks, the gate and the session's own
	 * {@link Session.notArmedReason} together. Undefined when the working orders are proved to be protected. It is the keeper's
	 * own answer, for a session that offers a check of its own.
	 */
	notArmedReason(): string | undefined;
	/**
	 * To be called when the result of the session's {@link Session.notArmedReason} may have changed between two beats. The
	 * keeper publishes the change at once.
	 */
	protectionChanged(): void;
	/**
	 * To be called when what a person had to do for a blocked session seems to be done. The keeper then opens it, as soon as its
	 * limits allow. Every keeper has it.
	 */
	retry?(): void;
	/** To be called when the session has counted an attempt that {@link Session.usedLimits} reports. Every keeper has it. */
	limitsUsed?(): void;
	/** Receives what the session decides and calls, without secrets. Never throws. */
	readonly logger: Logger;
}

/** Passed to the option `onOpen` of a session, at every open, before the session is alive. */
export interface Opened<Handle, Loss> {
	/** The live client of the session that was just opened and verified. */
	readonly handle: Handle;
	/** What was lost since the session was last alive, the oldest first. Empty at the first open. */
	readonly losses: readonly Loss[];
	/** Aborts when the open is given up, such as at the keeper's `openTimeoutMs`. */
	readonly signal: AbortSignal;
}

/** What should happen to the working orders when a session is closed on purpose. */
export type OrdersOnClose = "keep" | "cancel";

/** How long the venue counts a session as alive after an acknowledged exchange, and what protects the orders meanwhile. */
export interface Lease {
	/** Milliseconds until the venue gives the session up without another beat, counted from when the beat was sent. */
	readonly ttlMs: number;
	/** The interval between beats that the venue documents, in milliseconds, where it is shorter than a third of `ttlMs`. */
	readonly paceMs?: number;
	/**
	 * Milliseconds since the acknowledged exchange was sent, on the monotonic clock. Default: 0 for a lease of `open`, and since
	 * the call for one of `beat`, which sends it first.
	 */
	readonly ageMs?: number;
	/** What happens to the working orders if this process dies now. */
	readonly protection: Protection;
	/** Aborts when the session ends between beats. Its reason is a {@link SessionError} or another error that says why. */
	readonly ended?: AbortSignal;
}

/** What happens to the working orders if this process dies now. */
export type Protection =
	| {
			/** The venue will cancel. Read back from the venue, not assumed. */
			readonly state: "armed";
			/** What the venue would cancel, in its own terms, such as `connection` or `DERIVATIVES`. */
			readonly scope: string;
			/** Milliseconds from the death of this process or its network to the venue's cancel, in the worst case. */
			readonly exposureMs: number;
			/** When the venue last confirmed it, in epoch milliseconds. */
			readonly verifiedAt: number;
	  }
	/** The venue said that it is off, or it was never switched on. */
	| { readonly state: "unarmed"; readonly reason: string }
	/** There is no recent confirmation. Treat the orders as unprotected. */
	| { readonly state: "unknown"; readonly reason: string }
	/** The venue has no such protection: working orders stay in the book. */
	| { readonly state: "unsupported"; readonly reason: string };

/** What closing a session means for the working orders. `detail` is a human-readable text. */
export type Closed =
	/** They stay in the book. */
	| { readonly orders: "kept"; readonly detail: string }
	/** The venue cancels them within `withinMs` milliseconds. */
	| { readonly orders: "cancelled"; readonly withinMs: number; readonly detail: string }
	/** The venue cannot do what was asked; `detail` says what happens instead. */
	| { readonly orders: "refused"; readonly detail: string }
	/** There was no session to close, or the venue did not answer: check the orders. */
	| { readonly orders: "unknown"; readonly detail: string };
