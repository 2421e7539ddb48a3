import type { Closed, Protection } from "../session.ts";

/** Why something happened, as plain data: it survives `structuredClone` and JSON, and carries no secret. */
export interface Cause {
	/** The error's name, such as `SessionError`. */
	readonly name: string;
	/** For people: what was tried, what the venue said, what happens next. */
	readonly message: string;
}

/** What a session is doing. Each variant holds just its own data. Instants are epoch milliseconds. */
export type Status =
	/** Connecting, authenticating, arming, verifying. `attempt` counts from 1 since the session was last alive. */
	| { readonly state: "opening"; readonly attempt: number }
	/**
	 * The last beat is acknowledged and its lease runs. With a gate and an armed protection, `hangMs` is the worst case from
	 * the program's last sign of health to the venue's cancel, in milliseconds.
	 */
	| { readonly state: "alive"; readonly protection: Protection; readonly ttlMs: number; readonly hangMs?: number }
	/**
	 * A beat is overdue; the venue may give up on us at `lostAt` unless one gets through. Never shown as armed. `lostAt` is told
	 * by the wall clock as it is set now; for how long the machine slept is not in it, that stands in the cause.
	 */
	| { readonly state: "late"; readonly protection: Protection; readonly lostAt: number; readonly cause: Cause }
	/** The lease ran out or the venue said that the session is gone. What became of the orders is in `protection`. */
	| { readonly state: "lost"; readonly protection: Protection; readonly cause: Cause }
	/**
	 * Nothing is tried before `until`: after a failure (`backoff`), because the venue asks for it (`venue`), or because the
	 * session was opened too often lately (`budget`), which somebody should look into.
	 */
	| {
			readonly state: "waiting";
			readonly why: "backoff" | "venue" | "budget";
			readonly until: number;
			readonly cause: Cause;
	  }
	/** Somebody has to act; asked again at `nextTryAt`, and going on by itself once it is done. */
	| { readonly state: "blocked"; readonly todo: string; readonly nextTryAt: number; readonly cause: Cause }
	/** Being left: the venue has not answered yet. Nothing is alive or armed from here on. */
	| { readonly state: "leaving"; readonly cause: Cause }
	/** The program is sick: left on purpose, until it is well again. `closed` says what that meant for the orders. */
	| { readonly state: "gated"; readonly cause: Cause; readonly closed: Closed }
	/** Ended, on request or for good. `closed` says what it meant for the orders. */
	| { readonly state: "stopped"; readonly why: "asked"; readonly closed: Closed }
	| { readonly state: "stopped"; readonly why: "fatal"; readonly cause: Cause; readonly closed: Closed };

/** Running totals of one session. */
export interface Tally {
	/** Acknowledged proofs of life. */
	readonly beats: number;
	/** When the last of them was sent, in epoch milliseconds; absent before the first. */
	readonly lastBeatAt?: number;
	/** How often the session was lost after it was alive. */
	readonly losses: number;
	/** How often it was alive again after a loss. */
	readonly recoveries: number;
}

/** One change of one session, with what led to it. Plain data. */
export interface StatusRecord {
	/** What kind of record it is, where a log holds others too. */
	readonly type: "status";
	/** Epoch milliseconds. */
	readonly at: number;
	/** The session's name. */
	readonly session: string;
	/** What it is doing from `at` on. */
	readonly status: Status;
	/** Its running totals, this change included. */
	readonly tally: Tally;
	/** For a reader of `records()` that did not keep up: how many records before this one it lost. Else absent. */
	readonly dropped?: number;
}

/** A page that a venue answered with must not be kept in every record. */
const longestMessage = 4_000;

/** An error as a cause: its name and message only, so that nothing else it carries can leak into a record. */
export function causeOf(error: unknown): Cause {
	try {
		if (error instanceof Error)
			return { name: String(error.name), message: String(error.message).slice(0, longestMessage) };
	} catch {
		return { name: "Error", message: "a thrown error whose name or message cannot be read" };
	}
	return { name: "Error", message: `a thrown ${typeof error} that is not an Error` };
}
