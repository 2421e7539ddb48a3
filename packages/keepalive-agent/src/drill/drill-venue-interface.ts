/** An order as the venue shows it. */
export type OrderSeen =
	| { readonly state: "open" }
	/**
	 * `reason` is in the venue's words; `at` is the time of the cancel by the venue's clock, in epoch milliseconds, if the venue tells it.
	 */
	| { readonly state: "cancelled"; readonly reason: string; readonly at: number | undefined }
	/** The order was filled, wholly or in part; the rest may be cancelled or still open. */
	| { readonly state: "filled"; readonly amount: string };

/** The order that a drill places: a limit order that takes no liquidity. Numbers are written as the venue writes them. */
export interface OrderPlan {
	readonly instrument: string;
	readonly price: string;
	readonly amount: string;
}

/** The instrument, price or amount that the user gave in place of the drill's own choice. */
export type GivenPlan = Partial<OrderPlan>;

/** What the venue shows about the account before a drill places its order. */
export interface AccountLook {
	/** The names of the account, which are never shown. The user confirms the account by giving one of them. */
	readonly names: readonly string[];
	/** Whether this is a paper account, at a venue whose address does not show that. */
	readonly isPaper?: boolean;
	/** How many orders are open. */
	readonly openOrders: number;
}

/** How far this machine's clock is ahead of the venue's, and how long a call takes. */
export interface ClockLook {
	readonly clockAheadMs: number;
	readonly roundTripMs: number;
}

/** A call that the process of the session makes over the session's own connection. Plain data. */
export interface GuardedCall {
	readonly method: string;
	readonly params: Readonly<Record<string, string | number | boolean>>;
}

/**
 * What a drill does at a venue, over a client of its own. That client is independent of the session under test: it neither triggers nor
 * prevents the cancel by the venue. Every call ends when its signal aborts.
 */
export interface DrillVenue {
	/** The hosts that orders go to, without secrets. */
	readonly hosts: readonly string[];
	/** The reason that the venue gives when it cancels an order because a session died; undefined if the venue never cancels then. */
	readonly expectedReason: string | undefined;
	/** True if only the account, not the address, shows whether real money is traded. */
	readonly hasPaperAccounts?: boolean;
	/**
	 * How many milliseconds later than the stated exposure a cancel may come. This is time for the venue's own processing, if the exposure
	 * does not include it.
	 */
	readonly venueTimeMs: number;
	/** Milliseconds between two requests for the state of the order. */
	readonly pollMs: number;
	/** Whether no real money is traded at the addresses of the session. @throws DrillRefused if a test host does not confirm it. */
	isTest(signal: AbortSignal): Promise<boolean>;
	clock(signal: AbortSignal): Promise<ClockLook>;
	account(signal: AbortSignal): Promise<AccountLook>;
	/** Chooses instrument, size and price. @throws DrillRefused when the user has to give them. */
	plan(given: GivenPlan, signal: AbortSignal): Promise<OrderPlan>;
	/** Places the order, either over a connection of the drill or, by calling `guarded`, over the session's own connection. */
	place(plan: OrderPlan, label: string, guarded: GuardedPlace, signal: AbortSignal): Promise<PlacedOrder>;
	look(order: PlacedOrder, signal: AbortSignal): Promise<OrderSeen>;
	/** Cancels every open order with this label. @returns how many were open. */
	cancelByLabel(plan: OrderPlan, label: string, signal: AbortSignal): Promise<number>;
	/**
	 * Lets another login take over from the login that has died, and watches the order over the new login from then on. Undefined if the
	 * drill has no other login.
	 *
	 * @returns a text for a person that says how the takeover went.
	 * @throws DrillError when the other login could not take over.
	 */
	takeOver?(signal: AbortSignal): Promise<string>;
	close(): Promise<void>;
}

/** Makes a call over the connection of the session under test. */
type GuardedPlace = (call: GuardedCall) => Promise<unknown>;

/** An order that the venue has accepted. */
export interface PlacedOrder extends OrderPlan {
	readonly orderId: string;
	readonly label: string;
}
