import type { SessionConfig } from "../config/config.ts";
import type { Kill } from "./kill-kinds.ts";

/** The result of a drill: what the venue did with the order. */
export type Verdict =
	/** The venue did what the session states: it cancelled the order in time and for the right reason; at IBKR, the order survived. */
	| { readonly verdict: "proved" }
	/** The order was still open when the drill stopped waiting for the cancel. */
	| { readonly verdict: "not-fired"; readonly waitedMs: number }
	/** The venue cancelled the order because the session died, but later than stated. */
	| { readonly verdict: "fired-late"; readonly lateByMs: number }
	/** The order was cancelled for another reason; `reason` is in the venue's words. */
	| { readonly verdict: "wrong-reason"; readonly reason: string }
	/** The order was filled, wholly or in part: there may be a position now. */
	| { readonly verdict: "filled"; readonly amount: string }
	/** The drill could not show what the venue does when the session dies; `why` says what prevented it. */
	| { readonly verdict: "inconclusive"; readonly why: string; readonly todo?: string };

/** What the cleanup at the end of a drill has done with the order. */
export type Cleanup =
	/** No order was open. */
	| "not-needed"
	/** The order was still open, and the drill has cancelled it. */
	| "cancelled"
	/** The order may still be open: a person has to look. */
	| "failed";

/** When the venue cancelled the order: the time itself, and how long after the session's death and after its last beat. */
export interface Measured {
	/** When the order was cancelled, by the venue's clock, in epoch milliseconds. */
	readonly cancelledAt: number;
	/** Milliseconds from the kill to the cancel. For the kill `gate`: from the last pulse (health signal of the strategy). */
	readonly sinceDeathMs: number;
	/** Milliseconds between the last acknowledged beat and the cancel, counted from the time at which the beat was sent. */
	readonly sinceLastBeatMs?: number;
}

/**
 * The result of one drill, in which `keepalive drill` killed one session in one way. Each record is one line of the drill file. Plain data,
 * without secrets.
 */
export interface DrillRecord {
	readonly type: "drill";
	readonly version: 1;
	/** When the session was killed, in epoch milliseconds. If the drill killed nothing: when the drill ended. */
	readonly at: number;
	readonly session: string;
	readonly venue: SessionConfig["venue"];
	/** The host at which the order was placed. */
	readonly host: string;
	readonly isProduction: boolean;
	readonly kill: Kill;
	/** A digest of the key and the settings of the session. It shows whether they have changed, but not what they are. */
	readonly fingerprint: string;
	/** What should happen to the order when the session dies: the venue cancels it, or (at IBKR) the order survives. */
	readonly expects: "cancel" | "survival";
	readonly result: Verdict;
	/** How long orders stay in the book after this kind of death, as the session states it. */
	readonly statedMs?: number;
	/**
	 * How much later than `statedMs` the cancel may come. This is the time for the venue's own processing, and the possible error in the
	 * comparison of the venue's clock with this machine's clock.
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
