import type { Opened, Session } from "@x/keepalive";
import type { SimOrder, Venue } from "@x/venue-sims";
import type { Fault } from "../faults/faults.ts";
import type { Route } from "../network/route.ts";

/**
 * What the venue would really do: `yes`, it protects as the session claims (or, without
 * protection, keeps the session); `dead`, the venue has lost the connection or session; `off`, a setting differs from the claim.
 */
export type Truth = "yes" | "dead" | "off";

/** The option `onOpen` of any venue's session. */
type OnOpen = (opened: Opened<unknown, unknown>) => Promise<void>;

/** A session of one process. */
export interface KeptSession {
	readonly session: Session;
	/** The guard before each order: throws unless the session is armed. */
	requireArmed?(): unknown;
}

/** A simulated venue, the route to it, and the bounds for a session there. */
export interface VenueSetup {
	/** Name of the session and the venue. */
	readonly name: string;
	readonly venue: Venue;
	/** The product for which orders are placed, where the venue has several. */
	readonly product?: string;
	readonly route: Route;
	/**
	 * Creates the session of a new process.
	 *
	 * @param onOpen - its option of that name.
	 */
	make(onOpen: OnOpen): KeptSession;
	truth(): Truth;
	/** Whether a setting differs from the claim, even while the connection is dead. */
	isOff(): boolean;
	/**
	 * Why the protection is off right now, where the session itself was told or did it: by a call over its connection, or by
	 * an announcement that arrived. Undefined when it knows of nothing.
	 */
	knownOff?(): string | undefined;
	/** To be called whenever the session is found not armed: it knows of every change that was made by then. */
	isUnarmed?(): void;
	/** The longest interval between two beats. */
	readonly beatMs: number;
	/** How long a false claim may be shown, by what is wrong, in milliseconds. */
	readonly bounds: Readonly<Record<Exclude<Truth, "yes">, number>>;
	/**
	 * Since when the connection in use has carried no data in some direction, and how long it may be shown as armed nevertheless,
	 * in milliseconds; undefined while it carries data.
	 */
	silence?(): { readonly since: number; readonly mostMs: number } | undefined;
	/** Time to recover, to alive and armed where supported, once nothing is wrong. */
	readonly recoverMs: number;
	/** Whether the venue itself allows recovery now: somebody has logged in, no other session competes, inits are left. */
	isAble(): boolean;
	/** The session is being closed on purpose. */
	left?(): void;
	/** A complete frame announced maintenance. */
	announced?(frame: string): void;
	/** Milliseconds since the venue last heard over the connection that guards the order. */
	unheardMs(order: SimOrder): number | undefined;
	/**
	 * Whether the venue counts down to cancelling the orders, and how long it counts in all; undefined where it does not count, or by
	 * another window than the session's.
	 */
	countdown?(): { readonly state: "armed" | "counting" | "triggered"; readonly windowMs: number } | undefined;
	/** Whether reopening in time keeps the orders from being cancelled. */
	readonly isSavedByReturn: boolean;
	/** Whether an open proves connection and settings one after the other, so that the two need not be true at the same instant. */
	readonly provesSettingsSeparately?: boolean;
	/**
	 * Whether a session that is lost for this cause may have lost orders, so that the option `onOpen` has to be told. Default:
	 * for any cause.
	 */
	isLoss?(cause: string): boolean;
	/** Whether it must never end another session of the user. */
	readonly yields?: boolean;
	readonly faults: readonly Fault[];
	/** Odd and contradicting answers, which some runs draw besides. */
	readonly oddAnswers: readonly Fault[];
	/** The settings drawn for this run, for the report. */
	readonly settings: Readonly<Record<string, unknown>>;
}
