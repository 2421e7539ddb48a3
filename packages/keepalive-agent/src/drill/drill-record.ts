import type { SessionConfig } from "../config/config.ts";
import type { Kill } from "./kill.ts";

/** What a drill has shown. */
export type Verdict =
	/** The venue did what is stated of it: it cancelled in time and for the right reason; at IBKR, the order survived. */
	| { readonly verdict: "proved" }
	/** The order still stood when the drill gave up. */
	| { readonly verdict: "not-fired"; readonly waitedMs: number }
	/** The switch fired, but later than stated. */
	| { readonly verdict: "fired-late"; readonly lateByMs: number }
	/** The order was cancelled for another reason, in the venue's words. */
	| { readonly verdict: "wrong-reason"; readonly reason: string }
	/** The order was filled, wholly or in part: there may be a position now. */
	| { readonly verdict: "filled"; readonly amount: string }
	/** Nothing was proved, neither way. */
	| { readonly verdict: "inconclusive"; readonly why: string; readonly todo?: string };

/** What became of the drill's order at the end. */
export type Cleanup =
	/** None was open. */
	| "not-needed"
	/** It was still open, and the drill has cancelled it. */
	| "cancelled"
	/** It may still be open: a person has to look. */
	| "failed";

/** From the death to the cancel. */
export interface Measured {
	/** The venue's own time of the cancel, in epoch milliseconds of its clock. */
	readonly cancelledAt: number;
	/** From the kill, or from the last pulse for `gate`. */
	readonly sinceDeathMs: number;
	/** From when the last acknowledged beat was sent. */
	readonly sinceLastBeatMs?: number;
}

/** One death of one session, as tried by `keepalive drill`. One line of the file of drills. Plain data, without secrets. */
export interface DrillRecord {
	readonly type: "drill";
	readonly version: 1;
	/** When the session was killed, or else when the drill ended, in epoch milliseconds. */
	readonly at: number;
	readonly session: string;
	readonly venue: SessionConfig["venue"];
	/** Where the order was placed. */
	readonly host: string;
	readonly isProduction: boolean;
	readonly kill: Kill;
	/** Of the key and the settings of the session. It tells that they have changed, and nothing of what they are. */
	readonly fingerprint: string;
	/** Whether the venue is stated to cancel the order, or to keep it. */
	readonly expects: "cancel" | "survival";
	readonly result: Verdict;
	/** How long orders outlive this death, as the session states it. */
	readonly statedMs?: number;
	/** What is allowed on top of it, for what no setting bounds: the venue's own time, and the error of the clocks. */
	readonly allowanceMs?: number;
	readonly measured?: Measured;
	/** For how long the order stood before the kill. */
	readonly controlMs?: number;
	/** By how much this machine's clock was ahead of the venue's. */
	readonly clockAheadMs?: number;
	readonly roundTripMs?: number;
	/** The label of the order at the venue. */
	readonly label: string;
	readonly cleanup: Cleanup;
	/** What else was seen, for a person. */
	readonly notes: readonly string[];
}
