import type { SessionConfig } from "../config/config.ts";
import type { Kill } from "./kill.ts";

/** What a drill has shown. */
export type Verdict =
	/** The venue did what is stated: it cancelled the order in time and for the right reason; at IBKR, the order survived. */
	| { readonly verdict: "proved" }
	/** The order was still open when the drill gave up. */
	| { readonly verdict: "not-fired"; readonly waitedMs: number }
	/** The venue cancelled the order because the session died, but later than stated. */
	| { readonly verdict: "fired-late"; readonly lateByMs: number }
	/** The order was cancelled for another reason, in the venue's words. */
	| { readonly verdict: "wrong-reason"; readonly reason: string }
	/** The order was filled, wholly or in part: there may be a position now. */
	| { readonly verdict: "filled"; readonly amount: string }
	/** The drill has proved neither that the venue does what is stated nor that it does not. */
	| { readonly verdict: "inconclusive"; readonly why: string; readonly todo?: string };

/** What the cleanup at the end of a drill has done with the order. */
export type Cleanup =
	/** No order was open. */
	| "not-needed"
	/** The order was still open, and the drill has cancelled it. */
	| "cancelled"
	/** The order may still be open: a person has to look. */
	| "failed";

/** The times measured from the death of the session to the cancel of the order. */
export interface Measured {
	/** When the order was cancelled, by the venue's clock, in epoch milliseconds. */
	readonly cancelledAt: number;
	/** Milliseconds from the kill to the cancel; for `gate`, from the last pulse. */
	readonly sinceDeathMs: number;
	/** Milliseconds from when the last acknowledged beat was sent to the cancel. */
	readonly sinceLastBeatMs?: number;
}

/**
 * The result of one drill: the death of one session, as tried by `keepalive drill`. One line of the file of drills. Plain data, without
 * secrets.
 */
export interface DrillRecord {
	readonly type: "drill";
	readonly version: 1;
	/** When the session was killed, in epoch milliseconds; when the drill ended, if it killed nothing. */
	readonly at: number;
	readonly session: string;
	readonly venue: SessionConfig["venue"];
	/** The host at which the order was placed. */
	readonly host: string;
	readonly isProduction: boolean;
	readonly kill: Kill;
	/** A digest of the key and the settings of the session. It shows whether they have changed, but not what they are. */
	readonly fingerprint: string;
	/** What the venue states that it does with the order when the session dies: it cancels the order, or keeps it. */
	readonly expects: "cancel" | "survival";
	readonly result: Verdict;
	/** How long orders stay in the book after this kind of death, as the session states it. */
	readonly statedMs?: number;
	/**
	 * How much longer than `statedMs` the cancel may take, for times that no setting bounds: the venue's own processing, and the error of the
	 * clocks.
	 */
	readonly allowanceMs?: number;
	readonly measured?: Measured;
	/** How many milliseconds the order was open before the kill. */
	readonly controlMs?: number;
	/** By how many milliseconds this machine's clock was ahead of the venue's clock. */
	readonly clockAheadMs?: number;
	readonly roundTripMs?: number;
	/** The label of the order at the venue. */
	readonly label: string;
	readonly cleanup: Cleanup;
	/** Other observations, for a person. */
	readonly notes: readonly string[];
}
