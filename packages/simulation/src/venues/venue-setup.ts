import type { Opened, Session } from "@x/keepalive";
import type { SimOrder, Venue } from "@x/venue-sims";
import type { Fault } from "../faults/fault-definition.ts";
import type { Route } from "../network/simulated-route.ts";

/**
 * What the venue would really do. `yes`: it would protect the orders as the session claims; for a session that claims no protection, `yes`
 * means that the session exists. `dead`: the venue has lost the connection or the session. `off`: a setting differs from what the session
 * claims.
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

/** A simulated venue, the network route to it, and the limits that a session there must keep. */
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
	/** Whether a setting at the venue differs from what the session claims. The answer is also right while the connection is dead. */
	isOff(): boolean;
	/**
	 * Why the protection is off now, if the session can know the reason: because of a call over its connection, or because of an announcement
	 * that has arrived. Undefined if the session cannot know of a reason.
	 */
	knownOff?(): string | undefined;
	/** To be called whenever the session is shown as not armed. It then knows of every change of the protection that was made before. */
	isUnarmed?(): void;
	/** The longest interval between two beats, in milliseconds. */
	readonly beatMs: number;
	/** For how many milliseconds a session may claim a protection that does not exist, for each state in which the venue may be. */
	readonly bounds: Readonly<Record<Exclude<Truth, "yes">, number>>;
	/**
	 * When the connection in use stopped carrying data in at least one direction, and for how many milliseconds the session may still be shown
	 * as armed; undefined while the connection carries data.
	 */
	silence?(): { readonly since: number; readonly mostMs: number } | undefined;
	/** How many milliseconds a session may take to be alive again, and armed if its venue supports that, once nothing is wrong. */
	readonly recoverMs: number;
	/** Whether recovery is possible now: somebody has logged in, no other session competes, and the session may call `init`. */
	isAble(): boolean;
	/** To be called when the session is being closed on purpose. */
	left?(): void;
	/** To be called when a complete frame has announced maintenance, or its end. */
	announced?(frame: string): void;
	/** Milliseconds since the venue last received anything over the connection whose end would cancel the order. */
	unheardMs(order: SimOrder): number | undefined;
	/**
	 * The state of the venue's countdown to the cancel of the orders, and the length of the whole countdown. Undefined if the venue has no
	 * countdown, or if the countdown does not have the length that the session has set.
	 */
	countdown?(): { readonly state: "armed" | "counting" | "triggered"; readonly windowMs: number } | undefined;
	/** Whether the orders stay open if the session is opened again before the venue's countdown has ended. */
	readonly isSavedByReturn: boolean;
	/**
	 * Whether a session that opens checks its connection and its settings one after the other. If so, the two need not be right at the same
	 * time.
	 */
	readonly provesSettingsSeparately?: boolean;
	/**
	 * Given the cause of a lost session, whether the venue may have cancelled orders. If so, the option `onOpen` must be called with the loss.
	 * Default: true for every cause.
	 */
	isLoss?(cause: string): boolean;
	/** Whether this session must never end another session of the same user. */
	readonly yields?: boolean;
	readonly faults: readonly Fault[];
	/** Odd and contradicting answers, which only some runs inject. */
	readonly oddAnswers: readonly Fault[];
	/** The random settings of this run, for the report. */
	readonly settings: Readonly<Record<string, unknown>>;
}
