import type { components } from "../generated/bybit-dcp.ts";

export type Product = components["schemas"]["Product"];

export const bybitProducts: readonly Product[] = ["DERIVATIVES", "SPOT", "OPTIONS"];

export const topicOfProduct: Readonly<Record<Product, string>> = {
	DERIVATIVES: "dcp.future",
	SPOT: "dcp.spot",
	OPTIONS: "dcp.option",
};

/** The key that a simulated Bybit knows unless it is told another. */
export const bybitSimKey = Object.freeze({ apiKey: "sim-bybit-key", apiSecret: "sim-bybit-secret" });

/** A key and what verifies its signatures. */
export interface BybitSimKey {
	apiKey: string;
	apiSecret: string;
	/** PEM text; with it signatures are RSA-SHA256 in base64 and the secret counts for nothing. */
	rsaPublicKey?: string;
}

/** An account beside the first: its own orders, connections, windows and countdowns. */
export interface BybitSimAccount extends BybitSimKey {
	/** Default: all three. */
	enabled?: readonly Product[];
}

/** Every clock of the venue and every point that its documentation leaves open. The defaults are the venue's own values, or the best reading. */
export interface BybitVenueOptions {
	/** Default {@link bybitSimKey}. */
	apiKey?: string;
	apiSecret?: string;
	/** PEM text; with it signatures are RSA-SHA256 in base64 and the secret counts for nothing. */
	rsaPublicKey?: string;
	/** More keys of the same account: a connection with any of them counts for it. Default none. */
	otherKeys?: readonly BybitSimKey[];
	/** More accounts. Levers take their number as `account`; the first is 0. Default none. */
	otherAccounts?: readonly BybitSimAccount[];
	/** Products switched on at the start. Default: all three. */
	enabled?: readonly Product[];
	/** The window in force at the start, in seconds. Default 10, the venue's value when none was ever set. */
	windowSeconds?: number;
	/** How long after a set call the new window is in force and can be read back. Default 10 000. */
	settleMs?: number;
	/** What the query shows of a window that was set and is not in force yet: still the old one, or already this. Default `old`. */
	shownWhileSettling?: "old" | "new";
	/** On a unified account 1.0 no inverse order is cancelled, on a classic account no order at all. Default `uta2`. */
	accountMode?: "uta2" | "uta1" | "classic";
	/** How far the venue's clock is ahead of this machine's. Default 0. */
	skewMs?: number;
	/** The reply to a set call: `retCode` and `retMsg` alone, as its page shows, or all members. Default `short`. */
	setReply?: "short" | "full";
	/** How the query says that nothing is enabled. Default `array`. */
	emptyList?: "array" | "null" | "absent";
	/** What a set call gets for a product that is not enabled: 10005, or a success that does nothing. Default `refuse`. */
	setWhenNotEnabled?: "refuse" | "accept";
	/** What a subscription gets for a product that is not enabled. Default `accept`: a success that protects nothing. */
	subscribeWhenNotEnabled?: "accept" | "refuse";
	/** How often idle connections are looked for. Default 30 000. */
	idleScanMs?: number;
	/** In place of what `max_active_time` in the address asks for. A small one is a venue that misses pings sooner than it says. */
	idleLimitOverrideMs?: number;
	/** Calls in a second for each of the two DCP calls. Default 5. */
	dcpCallsPerSecond?: number;
	/** Calls in a second for each of the order calls. Default 10. */
	orderCallsPerSecond?: number;
	/** Calls of one address in 5 s, beyond which it is banned. Default 600. */
	addressCalls?: number;
	/** Default 600 000. */
	banMs?: number;
	/** New connections of one address in 5 minutes. Default 500. */
	connectionsPerFiveMinutes?: number;

	/** Which loss starts the countdown: of the last subscribed connection, or of the first. Default `last`. */
	countdownStartsWith?: "last" | "first";
	/** Whether a subscription to one `dcp.*` topic keeps the others' products alive as well. Default `product`: no. */
	countedPer?: "product" | "account";
	/** Whether a new connection has to subscribe the topic again to stop a countdown. Default true. */
	resetNeedsSubscribe?: boolean;
	/** Whether it also has to ping. Default true. */
	resetNeedsPing?: boolean;
	/** Whether a clean close or an unsubscribe counts as a loss. Default true. */
	leavingCounts?: boolean;
	/** Whether a set call during a countdown moves its deadline. Default false. */
	setAppliesWhileCounting?: boolean;
	/** What becomes of conditional orders that still wait for their price. Default `cancelled`, as "all active orders" reads. */
	conditionalOrders?: "cancelled" | "kept";
	/** What happens to new orders after a trigger while nobody is subscribed: nothing, refused, or cancelled at once. Default `nothing`. */
	afterTrigger?: "nothing" | "block" | "sweep";
}

export type ResolvedBybitOptions = Required<Omit<BybitVenueOptions, "rsaPublicKey" | "idleLimitOverrideMs">> &
	Pick<BybitVenueOptions, "rsaPublicKey" | "idleLimitOverrideMs">;

export const bybitVenueDefaults: ResolvedBybitOptions = Object.freeze({
	...bybitSimKey,
	otherKeys: [],
	otherAccounts: [],
	enabled: bybitProducts,
	windowSeconds: 10,
	settleMs: 10_000,
	shownWhileSettling: "old",
	accountMode: "uta2",
	skewMs: 0,
	setReply: "short",
	emptyList: "array",
	setWhenNotEnabled: "refuse",
	subscribeWhenNotEnabled: "accept",
	idleScanMs: 30_000,
	dcpCallsPerSecond: 5,
	orderCallsPerSecond: 10,
	addressCalls: 600,
	banMs: 600_000,
	connectionsPerFiveMinutes: 500,
	countdownStartsWith: "last",
	countedPer: "product",
	resetNeedsSubscribe: true,
	resetNeedsPing: true,
	leavingCounts: true,
	setAppliesWhileCounting: false,
	conditionalOrders: "cancelled",
	afterTrigger: "nothing",
} as const);
