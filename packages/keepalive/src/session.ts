import type { Logger } from "./logger.ts";
import type { UsedLimits } from "./session-limits.ts";

/**
 * One session at a venue, as the keeper needs it. A session runs one call at a time, only when the keeper asks for it, and ends
 * the call when the given signal aborts. A session has no schedule and no retries of its own: the keeper decides when to open,
 * send a beat, close and open again.
 *
 * @typeParam Handle - the venue's live client, for trading on the connection that is protected.
 * @typeParam Name - the name of the session as a literal type, so that the methods of a keeper accept only names of its
 * sessions.
 */
export interface Session<Handle = unknown, Name extends string = string> {
	/** Identifies the session in every status record. Must be unique within a keeper. */
	readonly name: Name;

	/** The name of the venue, such as `deribit`. It is shown in tracing spans. */
	readonly venue?: string;

	/**
	 * Waits until this process may open the session. Only for a session that at most one of several processes may have open.
	 * Called before each open; resolves at once while this process is the leader. Rejects only when the signal aborts.
	 *
	 * @param onStandby - to be called with the reason whenever this process may not open the session. The keeper publishes the
	 * reason as the state `standby`.
	 */
	becomeLeader?(signal: AbortSignal, onStandby: (reason: StandbyReason) => void): Promise<void>;

	/**
	 * Why another process may be running the session now. Undefined while this process is the leader, and for a session that no
	 * other process could run. While a reason is returned, the session counts neither as armed nor as alive. Synchronous and
	 * cheap, like {@link notArmedReason}; it must not throw.
	 */
	notLeaderReason?(): string | undefined;

	/**
	 * Only for a session that at most one of several processes may open: a number that is higher for each new leader. It is
	 * published in each status record.
	 */
	readonly epoch?: number | undefined;

	/**
	 * Connects, authenticates, arms the protection and verifies it. Resolves once the venue has acknowledged all of these steps.
	 * Called again after a loss; `open` then drops what an earlier call left behind. When the signal aborts, `open` rejects soon
	 * and leaves no connection open.
	 *
	 * @param onStep - for tracing: to be called when a step begins, which also ends the step before. A session need not call it.
	 * @throws SessionError, whose disposition says what to do next. The keeper retries after any other error.
	 */
	open(signal: AbortSignal, onStep?: (step: OpenStep) => void): Promise<Lease>;

	/**
	 * Sends a message that the venue acknowledges, and so keeps the session alive. Verifies the protection again when the
	 * venue's last confirmation of it is too old.
	 *
	 * @throws SessionError; with `session: "ended"` when the venue said that the session is gone. After any other error the
	 * lease still runs.
	 */
	beat(signal: AbortSignal): Promise<Lease>;

	/**
	 * Closes the session. May be called in any state and more than once. What the venue cannot do is reported in the result,
	 * not thrown.
	 *
	 * @param orders - whether the venue should keep or cancel the working orders.
	 * @param signal - aborts at the deadline: a graceful close that is still in progress must then close by force.
	 */
	close(orders: OrdersOnClose, signal?: AbortSignal): Promise<Closed>;

	/**
	 * Why an order must not be sent right now, as far as the session itself knows. The reason can be what the program did over the
	 * handle, what the venue announced, or that the venue's last confirmation is too old. Undefined when the session knows of no
	 * reason.
	 *
	 * While a reason is returned, the keeper does not count the session as armed, whatever the last lease said. Synchronous and
	 * cheap: it is called before each order. It must not throw.
	 */
	notArmedReason?(): string | undefined;

	/**
	 * Called by the keeper that runs the session, before the session is opened.
	 *
	 * @returns a function that detaches the session from this keeper; the keeper calls it once the session has stopped.
	 */
	attach?(host: SessionHost): () => void;

	/**
	 * How much the session has used of the limits that it counts itself, such as connections, or logins of the day. The next run
	 * of the program continues counting from there. The keeper's own limits are not included. It must not throw.
	 */
	usedLimits?(): UsedLimits;

	/**
	 * The names of the limits in {@link usedLimits} that the venue counts per user, across all machines: `leaderSession` hands these limits
	 * over to the next leader.
	 */
	readonly userLimits?: readonly string[];

	/**
	 * Continues counting from what an earlier run of the program, or another leader, has used of the limits. Called while the
	 * session is not open. It must not throw.
	 *
	 * @param used - what {@link usedLimits} returned in that run; `all` when that is not known, so that every limit counts as used
	 * up.
	 * @param wasKilled - true when the earlier process was killed: it may have made one more attempt of each kind than it
	 * reported.
	 * @returns milliseconds until these limits allow an open; 0 when they allow an open now, or when the time is not known. If
	 * `used` is `all`, the keeper waits this long before the first open, and the status shows it. Otherwise the keeper ignores
	 * this number.
	 */
	inheritLimits?(used: UsedLimits | "all", wasKilled: boolean): number;

	/**
	 * Called by `leaderSession` when this process has become the leader, before its first open. The previous leader may still have
	 * something that only one process can have at a time, such as the user's login; the first open may have to take it over. It
	 * must not throw.
	 */
	becameLeader?(): void;

	/** The venue's live client; undefined while the session is not open. Every `open` makes a new client. */
	readonly handle: Handle | undefined;
}

/**
 * A step of opening a session, for tracing. Depending on the venue, an open skips a step or repeats it.
 *
 * - `connect`: connecting, until the venue has answered.
 * - `authenticate`: the login.
 * - `arm`: the protection is switched on.
 * - `verify`: the protection is read back and the session is proved to be alive; includes the hook `onOpen`.
 */
export type OpenStep = "connect" | "authenticate" | "arm" | "verify";

/** Why a session is not open in this process, although other processes could run it. */
export interface StandbyReason {
	/** The process that runs the session; left out when that process is not known. */
	readonly leader?: Leader;
	/** An error that says why the session is not open in this process. */
	readonly error: unknown;
}

/** The process that runs a session, when several processes could run it. */
export interface Leader {
	/** Identifies the process; unique for each start of a process. */
	readonly holder: string;
	/** The epoch: a number that is higher for each new leader. */
	readonly epoch: number;
	/** Since when this process leads, in epoch milliseconds. */
	readonly since: number;
}

/** The functions and the logger that a keeper gives to a session that it runs. */
export interface SessionHost {
	/**
	 * Why an order must not be sent right now, according to the lease, the clocks, the health gate and the session's own
	 * {@link Session.notArmedReason} together. Undefined when the working orders are proved to be protected. A session's own
	 * `requireArmed()` should call it, so that both give the same answer.
	 */
	notArmedReason(): string | undefined;
	/**
	 * The session calls this function between two beats when the result of its {@link Session.notArmedReason} may have changed.
	 * The keeper publishes the change at once.
	 */
	protectionChanged(): void;
	/**
	 * The session calls this function when it is blocked and a person seems to have done what it waits for. The keeper then opens
	 * the session as soon as the keeper's limits and the venue's limits allow this. Optional only for a host that is not a keeper,
	 * such as in a test: every keeper provides this function.
	 */
	retry?(): void;
	/**
	 * The session calls this function when it has counted an attempt in one of the limits that {@link Session.usedLimits} reports.
	 * Optional only for a host that is not a keeper, such as in a test: every keeper provides this function.
	 */
	limitsUsed?(): void;
	/** Receives log messages about the decisions and calls of the session, without secrets. Its methods never throw. */
	readonly logger: Logger;
}

/** The argument of the option `onOpen` of a session. `onOpen` is called at every open, before the session is alive. */
export interface Opened<Handle, Loss> {
	/** The live client of the session that was just opened and verified. */
	readonly handle: Handle;
	/** Each loss of the session since it was last alive, the oldest first. Empty at the first open. */
	readonly losses: readonly Loss[];
	/** Aborts when this attempt to open the session is given up, such as at the keeper's `openTimeoutMs`. */
	readonly signal: AbortSignal;
}

/** What should happen to the working orders when a session is closed on purpose. */
export type OrdersOnClose = "keep" | "cancel";

/**
 * For how long the venue treats a session as alive after a message that it acknowledged, and what protects the orders during that
 * time.
 */
export interface Lease {
	/**
	 * The venue ends the session when this many milliseconds have passed since the last acknowledged message was sent, unless
	 * another beat arrives.
	 */
	readonly ttlMs: number;
	/**
	 * The interval between beats that the venue documents, in milliseconds. Only needed if it is shorter than a third of `ttlMs`,
	 * because the keeper sends a beat at least that often.
	 */
	readonly paceMs?: number;
	/**
	 * How many milliseconds ago the acknowledged message was sent, by the monotonic clock. Default for a lease that `open`
	 * returned: 0. Default for a lease that `beat` returned: the time since `beat` was called, because `beat` sends its message
	 * first.
	 */
	readonly ageMs?: number;
	/** What happens to the working orders if this process dies now. */
	readonly protection: Protection;
	/**
	 * A signal that aborts when the session ends between beats. Its reason is a {@link SessionError} or another error that
	 * says why.
	 */
	readonly ended?: AbortSignal;
}

/** What happens to the working orders if this process dies now. */
export type Protection =
	| {
			/** The venue will cancel the orders. This was read back from the venue, not assumed. */
			readonly state: "armed";
			/** What the venue would cancel, in its own terms, such as `connection` or `DERIVATIVES`. */
			readonly scope: string;
			/** Milliseconds from the death of this process or its network to the venue's cancel, in the worst case. */
			readonly exposureMs: number;
			/** When the venue last confirmed the protection, in epoch milliseconds. */
			readonly verifiedAt: number;
	  }
	/** The venue said that the protection is off, or the protection was never switched on. */
	| { readonly state: "unarmed"; readonly reason: string }
	/** There is no recent confirmation. Treat the orders as unprotected. */
	| { readonly state: "unknown"; readonly reason: string }
	/** The venue has no such protection: working orders stay in the book. */
	| { readonly state: "unsupported"; readonly reason: string };

/** What closing a session means for the working orders. `detail` is a text for people. */
export type Closed =
	/** The working orders stay in the book. */
	| { readonly orders: "kept"; readonly detail: string }
	/** The venue cancels the working orders within `withinMs` milliseconds. */
	| { readonly orders: "cancelled"; readonly withinMs: number; readonly detail: string }
	/** The venue cannot do what was asked; `detail` says what happens instead. */
	| { readonly orders: "refused"; readonly detail: string }
	/** There was no session to close, or the venue did not answer: check the orders. */
	| { readonly orders: "unknown"; readonly detail: string };
