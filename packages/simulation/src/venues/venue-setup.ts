import type { Session } from "@x/keepalive";
import type { SimOrder, Venue } from "@x/venue-sims";
import type { Fault } from "../faults/faults.ts";
import type { Route } from "../network/route.ts";

/**
 * What the venue would really do, whatever anybody says: `yes`, it protects as the session claims (or, where there is no
 * protection, keeps the session); `dead`, the connection or session is gone to it; `off`, a setting is not what is claimed.
 */
export type Truth = "yes" | "dead" | "off";

/** One process' session at a venue. */
export interface KeptSession {
	readonly session: Session;
	/** The guard for use before each order: throws unless it is proved armed right now. */
	requireArmed?(): unknown;
}

/** A simulated venue, the way to it, and what a session there has to live up to. */
export interface VenueSetup {
	/** The session's name, which is the venue's too. */
	readonly name: string;
	readonly venue: Venue;
	/** For which of its products orders are placed, where it has several. */
	readonly product?: string;
	readonly route: Route;
	/** A session as a new process makes it, with nothing remembered. */
	make(): KeptSession;
	truth(): Truth;
	/** Whether a setting is not what is claimed, also while the connection is dead. */
	isOff(): boolean;
	/** From one beat to the next, at most. */
	readonly beatMs: number;
	/** How many milliseconds a stale claim may stand, by what is wrong. */
	readonly bounds: Readonly<Record<Exclude<Truth, "yes">, number>>;
	/** Within how long it has to be alive, and armed where there is such a thing, once nothing is wrong any more. */
	readonly recoverMs: number;
	/** Whether nothing at the venue itself stands against it now: a person logged in, no other session, inits left. */
	isAble(): boolean;
	/** It was told of maintenance, by a whole frame. */
	announced?(frame: string): void;
	/** For how long it was without a sign of the connection that guards an order, at the present instant. */
	unheardMs(order: SimOrder): number | undefined;
	/** A session that is open again in time keeps orders from being cancelled that were left to it. */
	readonly isSavedByReturn: boolean;
	/** What an opening rests on is asked for one after the other, so that one may end just as the other begins. */
	readonly provesApart?: boolean;
	/** It was told never to end another session of the user. */
	readonly yields?: boolean;
	readonly faults: readonly Fault[];
	/** What was drawn for this run, for the report. */
	readonly settings: Readonly<Record<string, unknown>>;
}
