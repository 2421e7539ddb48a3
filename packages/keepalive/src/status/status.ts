import type { Closed, Leader, Protection } from "../session.ts";
import { isSessionError, type LossKind } from "../session-error.ts";

/** Why something happened. Plain data without secrets: `structuredClone` and JSON can copy it. */
export interface Cause {
	/** Name of the error, such as `SessionError`. */
	readonly name: string;
	/** A text for people: what was tried, and what the venue said. */
	readonly message: string;
	/** What ended the session. Only in a `lost` status; missing when it is not known. */
	readonly kind?: LossKind;
	/** True when the venue had planned the interruption: a nightly reset or weekend maintenance of IBKR, announced maintenance of Deribit. */
	readonly isExpected?: true;
}

/** What a session is doing. Times are epoch milliseconds. */
export type Status =
	/** Connecting, authenticating, arming and verifying. `attempt` counts from 1 since the session was last alive. */
	| { readonly state: "opening"; readonly attempt: number }
	/**
	 * The last beat was acknowledged and its lease has not expired. With a gate and an armed protection, `hangMs` is the
	 * time from the program's last health signal to the venue's cancel, in the worst case. `ungated` is present while the program
	 * is unhealthy, and says why the session stays open nevertheless.
	 */
	| {
			readonly state: "alive";
			readonly protection: Protection;
			readonly ttlMs: number;
			readonly hangMs?: number;
			readonly ungated?: string;
	  }
	/**
	 * A beat is overdue. The venue may give the session up at `lostAt`, unless a beat is acknowledged before. A late session is
	 * never shown as armed. If the machine was suspended, the venue may give the session up earlier than `lostAt`: by as long as
	 * the suspension lasted, which the cause says.
	 */
	| { readonly state: "late"; readonly protection: Protection; readonly lostAt: number; readonly cause: Cause }
	/** The lease expired or the venue said that the session is gone. `protection` says what that means for the orders. */
	| { readonly state: "lost"; readonly protection: Protection; readonly cause: Cause }
	/**
	 * Waiting until `until`, when the next attempt is made. The reason `why` is `backoff` after a failure, `venue` when the venue
	 * asked for the wait, and `restart-limit` when the option `restarts` delays the attempt because the session was opened so often
	 * (a person should look into that).
	 */
	| {
			readonly state: "waiting";
			readonly why: "backoff" | "venue" | "restart-limit";
			readonly until: number;
			readonly cause: Cause;
	  }
	/** A person has to act; `todo` says how. The session tries again at `nextTryAt`, and resumes on its own once the person has acted. */
	| { readonly state: "blocked"; readonly todo: string; readonly nextTryAt: number; readonly cause: Cause }
	/** The session is closing, and the venue has not answered yet. The session is neither alive nor armed any more. */
	| { readonly state: "leaving"; readonly cause: Cause }
	/** Closed because the program is unhealthy; opened again once the program is healthy. `closed` says what that means for the orders. */
	| { readonly state: "gated"; readonly cause: Cause; readonly closed: Closed }
	/**
	 * Not open in this process, because another process, the `leader`, runs the session. Without a `leader` it is not known whether
	 * any process runs the session, such as when the leader store does not answer; the cause says why.
	 */
	| { readonly state: "standby"; readonly leader?: Leader; readonly cause: Cause }
	/** The session ended on request (`asked`) or after a fatal error. `closed` says what that means for the orders. */
	| { readonly state: "stopped"; readonly why: "asked"; readonly closed: Closed }
	| { readonly state: "stopped"; readonly why: "fatal"; readonly cause: Cause; readonly closed: Closed };

/** Totals of one session since the keeper was made. */
export interface Tally {
	/** Acknowledged opens and beats. */
	readonly beats: number;
	/** When the last acknowledged open or beat was sent, in epoch milliseconds; missing before the first. */
	readonly lastBeatAt?: number;
	/** How many times the session was lost. */
	readonly losses: number;
	/** How many times the session was alive again after a loss. */
	readonly recoveries: number;
}

/** A change of the status of one session, with the cause of the change. Plain data. */
export interface StatusRecord {
	/** Distinguishes status records from other records in a log. */
	readonly type: "status";
	/** When the status changed, in epoch milliseconds. */
	readonly at: number;
	/** The name of the session. */
	readonly session: string;
	/** What the session has been doing since `at`. */
	readonly status: Status;
	/** The epoch that this process got when it last became the leader. Only if several processes compete to run the session. */
	readonly epoch?: number;
	/** The totals of the session, including this change. */
	readonly tally: Tally;
	/** How many records before this one were dropped because the consumer read too slowly. Only in records from `records()`. */
	readonly dropped?: number;
}

/**
 * The longest message in a status record, in characters. A venue may answer with a whole page, so longer messages are cut off.
 */
const maxMessageLength = 4_000;

/**
 * The name and message of an error, and whether the error was expected. Nothing else of the error gets into a status record.
 * Never throws.
 */
export function causeOf(error: unknown): Cause {
	try {
		if (error instanceof Error) {
			const isExpected = isSessionError(error) && error.isExpected === true;
			return {
				name: String(error.name),
				message: String(error.message).slice(0, maxMessageLength),
				...(isExpected && { isExpected }),
			};
		}
	} catch {
		return { name: "Error", message: "an error whose name or message cannot be read was thrown" };
	}
	return { name: "Error", message: `a value of type ${typeof error} was thrown instead of an Error` };
}
