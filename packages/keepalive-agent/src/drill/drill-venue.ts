/** An order as the venue shows it. */
export type OrderSeen =
	| { readonly state: "open" }
	/** `reason` in the venue's words; `at` by the venue's clock, in epoch milliseconds, where it says so. */
	| { readonly state: "cancelled"; readonly reason: string; readonly at: number | undefined }
	/** Wholly, or in part and cancelled or still open. */
	| { readonly state: "filled"; readonly amount: string };

/** The order that a drill places: a limit order that takes no liquidity. Numbers as the venue writes them. */
export interface OrderPlan {
	readonly instrument: string;
	readonly price: string;
	readonly amount: string;
}

/** What the user asked for in place of what the drill would choose. */
export type GivenPlan = Partial<OrderPlan>;

/** What is known of the account before an order is placed. */
export interface AccountLook {
	/** The names by which the account may be confirmed. Never shown. */
	readonly names: readonly string[];
	/** Whether it is an account for tests, where the address does not say so. */
	readonly isPaper?: boolean;
	/** How many orders are open. */
	readonly openOrders: number;
}

/** The difference of the clocks, and how long a call takes. */
export interface ClockLook {
	readonly clockAheadMs: number;
	readonly roundTripMs: number;
}

/** A call over the guarded connection, for the process that holds it. Plain data. */
export interface GuardedCall {
	readonly method: string;
	readonly params: Readonly<Record<string, string | number | boolean>>;
}

/**
 * What a drill does at a venue, over a client of its own that is independent of the session under test and not subscribed to the switch.
 * Every call ends when its signal aborts.
 */
export interface DrillVenue {
	/** The hosts that orders go to, without secrets. */
	readonly hosts: readonly string[];
	/** What the venue calls a cancel by its switch; undefined where it has none. */
	readonly expectedReason: string | undefined;
	/** Whether the account, and not the address, tells that no real money trades. */
	readonly hasPaperAccounts?: boolean;
	/** What is allowed on top of the stated exposure for the venue's own work. */
	readonly venueTimeMs: number;
	/** Time between two looks at the order. */
	readonly pollMs: number;
	/** Whether no real money trades at the addresses of the session, as far as they tell. @throws DrillRefused */
	isTest(signal: AbortSignal): Promise<boolean>;
	clock(signal: AbortSignal): Promise<ClockLook>;
	account(signal: AbortSignal): Promise<AccountLook>;
	/** Chooses instrument, size and price. @throws DrillRefused when they have to be given. */
	plan(given: GivenPlan, signal: AbortSignal): Promise<OrderPlan>;
	/** Places the order, or says which call places it over the guarded connection. */
	place(plan: OrderPlan, label: string, guarded: GuardedPlace, signal: AbortSignal): Promise<PlacedOrder>;
	look(order: PlacedOrder, signal: AbortSignal): Promise<OrderSeen>;
	/** Cancels every open order with this label. @returns how many were open. */
	cancelByLabel(plan: OrderPlan, label: string, signal: AbortSignal): Promise<number>;
	/**
	 * Lets another login take over from the one that has died, and watches over that one from then on. @returns what was shown, for a person.
	 *
	 * @throws DrillError when it could not take over.
	 */
	takeOver?(signal: AbortSignal): Promise<string>;
	close(): Promise<void>;
}

/** Makes a call over the guarded connection. */
type GuardedPlace = (call: GuardedCall) => Promise<unknown>;

/** An order that the venue has accepted. */
export interface PlacedOrder extends OrderPlan {
	readonly orderId: string;
	readonly label: string;
}
