import type { Opened, Session } from "@x/keepalive";
import type { SimOrder, Venue } from "@x/venue-sims";
import type { Fault } from "../faults/faults.ts";
import type { Route } from "../network/route.ts";

/**
 * What the venue would really do. `yes`: it would protect as the session claims, or, without protection, the session exists.
 * `dead`: the venue has lost the connection or the session. `off`: a setting differs from what the session claims.
 */
export type Truth = "yes" | "dead" | "off";

/** The option `onOpen` of any venue's session. */
type OnOpen = (opened: Opened<unknown, unknown>) => Promise<void>;

/** A session that one process has created. */
export interface KeptSession {
	readonly session: Session;
	/** The check before each order: throws unless the session is armed. */
	requireArmed?(): unknown;
}

/** A simulated venue, the route to it, and the bounds for a session there. */
export interface VenueSetup {
	/** Name of the session and the venue. */
	readonly name: string;
	readonly venue: Venue;
	/** The product for which orders are placed, if the venue has several. */
	readonly product?: string;
	readonly route: Route;
	/**
	 * Creates the session of a new process.
	 *
	 * @param onOpen - the session's option of this name.
	 */
	make(onOpen: OnOpen): KeptSession;
	truth(): Truth;
	/** Whether a setting differs from what the session claims, even while the connection is dead. */
	isOff(): boolean;
	/**
	 * Why the protection is off right now, as far as the session itself knows: by a call over its connection, or by an announcement
	 * that has arrived. Undefined if the session knows of no reason.
	 */
	knownOff?(): string | undefined;
	/** To be called whenever the session is found not armed, so that it knows of every change that was made by then. */
	isUnarmed?(): void;
	/** The longest interval between two beats. */
	readonly beatMs: number;
	/** For each kind of false claim, how long a session may make it, in milliseconds. */
	readonly bounds: Readonly<Record<Exclude<Truth, "yes">, number>>;
	/**
	 * Since when the connection in use has carried no data in at least one direction, and for how many milliseconds the session may
	 * nevertheless be shown as armed; undefined while the connection carries data.
	 */
	silence?(): { readonly since: number; readonly mostMs: number } | undefined;
	/** How long a session may take to be alive again, and armed if supported, once nothing is wrong. */
	readonly recoverMs: number;
	/** Whether recovery is possible now: somebody has logged in, no other session competes, inits are left. */
	isAble(): boolean;
	/** To be called when the session is being closed on purpose. */
	left?(): void;
	/** To be called when a complete frame has announced maintenance, or its end. */
	announced?(frame: string): void;
	/** Milliseconds since the venue last received anything over the connection that guards the order. */
	unheardMs(order: SimOrder): number | undefined;
	/**
	 * Whether the venue counts down to a cancel of the orders, and how long the whole countdown is. Undefined if the venue has no
	 * countdown, or one of another length than the session's window.
	 */
	countdown?(): { readonly state: "armed" | "counting" | "triggered"; readonly windowMs: number } | undefined;
	/** Whether reopening in time keeps the orders from being cancelled. */
	readonly isSavedByReturn: boolean;
	/** Whether an open proves connection and settings one after the other, so that they need not be right at the same time. */
	readonly provesSettingsSeparately?: boolean;
	/**
	 * Whether orders may be gone after a loss with this cause, so that the option `onOpen` must get losses. Default: after any
	 * cause.
	 */
	isLoss?(cause: string): boolean;
	/** Whether the session must never end another session of the user. */
	readonly yields?: boolean;
	readonly faults: readonly Fault[];
	/** Odd and contradicting answers, which only some runs inject. */
	readonly oddAnswers: readonly Fault[];
	/** The random settings of this run, for the report. */
	readonly settings: Readonly<Record<string, unknown>>;
}
