import type { components } from "../generated/bybit-dcp.ts";

/** A product of Disconnection Protect. */
export type BybitSimProduct = "DERIVATIVES" | "SPOT" | "OPTIONS";

/** All products. */
export const bybitProducts: readonly BybitSimProduct[] = [
	"DERIVATIVES",
	"SPOT",
	"OPTIONS",
] satisfies components["schemas"]["Product"][];

/** The WebSocket topic that protects each product. */
export const topicOfProduct: Readonly<Record<BybitSimProduct, string>> = {
	DERIVATIVES: "dcp.future",
	SPOT: "dcp.spot",
	OPTIONS: "dcp.option",
};

/** The default API key. */
export const bybitSimKey = Object.freeze({ apiKey: "sim-bybit-key", apiSecret: "sim-bybit-secret" });

/** An API key of a simulated Bybit. */
export interface BybitSimKey {
	apiKey: string;
	apiSecret: string;
	/** Public key in PEM format. If set, signatures are RSA-SHA256 in base64 and `apiSecret` is not used. */
	rsaPublicKey?: string;
}

/** Options of a simulated Bybit: every timer and everything that is not documented. Defaults match the venue as far as known. */
export interface BybitVenueOptions {
	/** Default `sim-bybit-key`. */
	apiKey?: string;
	/** Default `sim-bybit-secret`. */
	apiSecret?: string;
	/** Public key in PEM format. If set, signatures are RSA-SHA256 in base64 and `apiSecret` is not used. */
	rsaPublicKey?: string;
	/** Further API keys of the same account. Connections with any key of the account count. Default none. */
	otherKeys?: readonly BybitSimKey[];
	/**
	 * Further accounts, each with its own orders, connections, windows and countdowns. Faults take the account's number as
	 * `account`; 0, the default, is the first account. Default none.
	 */
	otherAccounts?: readonly (BybitSimKey & Pick<BybitVenueOptions, "enabled">)[];
	/** Products that are enabled at the start. Default: all three. */
	enabled?: readonly BybitSimProduct[];
	/** Window in force at the start. Default 10, the venue's value before it is first set. */
	windowSeconds?: number;
	/** Time from a set call until the new window is in force. Default 10 000. */
	settleMs?: number;
	/** Which window the query returns before the new one is in force. Default `old`. */
	shownWhileSettling?: "old" | "new";
	/** Account type. On a unified account 1.0 (`uta1`) inverse orders are not cancelled; on a classic account no orders are. Default `uta2`. */
	accountMode?: "uta2" | "uta1" | "classic";
	/** How far the venue's clock is ahead of this machine's. Default 0. */
	skewMs?: number;
	/** Reply to a set call: only `retCode` and `retMsg`, as documented, or all members. Default `short`. */
	setReply?: "short" | "full";
	/** How the query shows that no product is enabled. Default `array`: an empty array. */
	emptyList?: "array" | "null" | "absent";
	/** A set call for a product that is not enabled: refused with 10005 (default), or accepted without effect. */
	setWhenNotEnabled?: "refuse" | "accept";
	/** A subscription for a product that is not enabled: accepted without protecting anything (default), or refused. */
	subscribeWhenNotEnabled?: "accept" | "refuse";
	/** What a topic that does not exist does to the other topics of its subscribe request: those before it stay subscribed (`stops`, default), or all are refused (`refuses-all`, as one report says of a public host). */
	badTopic?: "stops" | "refuses-all";
	/** Interval of the scan for idle connections. Default 30 000. */
	idleScanMs?: number;
	/** Overrides `max_active_time` of the URL. A small value simulates a venue that drops connections earlier than it says. */
	idleLimitOverrideMs?: number;
	/** Rate limit of each of the two DCP calls, per second. Default 5. */
	dcpCallsPerSecond?: number;
	/** Rate limit of each other call, per second. Default 10. */
	orderCallsPerSecond?: number;
	/** Calls per address in 5 s. Exceeding it bans the address. Default 600. */
	addressCalls?: number;
	/** Duration of a ban. Default 600 000. */
	banMs?: number;
	/** New connections per address in 5 minutes. Default 500. */
	connectionsPerFiveMinutes?: number;

	/** Which loss starts the countdown: of the last subscribed connection, or of the first. Default `last`. */
	countdownStartsWith?: "last" | "first";
	/** Whether a subscription to one `dcp.*` topic also protects the other products. Default `product`: it does not. */
	countedPer?: "product" | "account";
	/** Whether a new connection has to subscribe to the topic again to stop a countdown. Default true. */
	resetNeedsSubscribe?: boolean;
	/** Whether a new connection also has to ping to stop a countdown. Default true. */
	resetNeedsPing?: boolean;
	/** Whether a clean close or an unsubscribe counts as a loss. Default true. */
	leavingCounts?: boolean;
	/** Whether a set call during a countdown moves its deadline. Default false. */
	setAppliesWhileCounting?: boolean;
	/** Whether conditional orders that wait for their trigger price are cancelled. Default `cancelled`, as "all active orders" suggests. */
	conditionalOrders?: "cancelled" | "kept";
	/** New orders after the countdown has fired and before a new subscription: accepted (`nothing`, default), refused (`block`), or cancelled immediately (`sweep`). */
	afterTrigger?: "nothing" | "block" | "sweep";
}

/** Options with defaults filled in. */
export type ResolvedBybitOptions = Required<Omit<BybitVenueOptions, "rsaPublicKey" | "idleLimitOverrideMs">> &
	Pick<BybitVenueOptions, "rsaPublicKey" | "idleLimitOverrideMs">;

/** The defaults of {@link BybitVenueOptions}. */
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
	badTopic: "stops",
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
