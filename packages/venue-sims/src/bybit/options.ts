import type { components } from "../generated/bybit-dcp.ts";

/** A product of Disconnection Protect. */
export type BybitSimProduct = "DERIVATIVES" | "SPOT" | "OPTIONS";

/** All products of Disconnection Protect. */
export const bybitProducts: readonly BybitSimProduct[] = [
	"DERIVATIVES",
	"SPOT",
	"OPTIONS",
] satisfies components["schemas"]["Product"][];

/** The WebSocket topic of each product. A subscription to the topic protects the orders of the product. */
export const topicOfProduct: Readonly<Record<BybitSimProduct, string>> = {
	DERIVATIVES: "dcp.future",
	SPOT: "dcp.spot",
	OPTIONS: "dcp.option",
};

/** The API key that a simulated Bybit accepts by default. */
export const bybitSimKey = Object.freeze({ apiKey: "sim-bybit-key", apiSecret: "sim-bybit-secret" });

/** An API key of a simulated Bybit. */
export interface BybitSimKey {
	apiKey: string;
	apiSecret: string;
	/** Public key in PEM format. If set, signatures are RSA-SHA256 in base64 and `apiSecret` is not used. */
	rsaPublicKey?: string;
}

/**
 * Options of a simulated Bybit: its timers, and all behaviour that Bybit does not document. The defaults match the real
 * venue as far as known. Times are in milliseconds unless the name says otherwise.
 */
export interface BybitVenueOptions {
	/** The API key. Default `sim-bybit-key`. */
	apiKey?: string;
	/** The API secret. Default `sim-bybit-secret`. */
	apiSecret?: string;
	/** Public key in PEM format. If set, signatures are RSA-SHA256 in base64 and `apiSecret` is not used. */
	rsaPublicKey?: string;
	/**
	 * Further API keys of the same account. A subscribed connection protects the account's orders, whichever of these keys the connection
	 * uses. Default none.
	 */
	otherKeys?: readonly BybitSimKey[];
	/**
	 * Further accounts, each with its own orders, connections, time windows and countdowns. The argument `account` of a fault selects the
	 * account: 0 (default) is the main account, 1 is the first of these further accounts. Default none.
	 */
	otherAccounts?: readonly (BybitSimKey & Pick<BybitVenueOptions, "enabled">)[];
	/** Products for which Disconnection Protect is enabled at the start. Default: all three. */
	enabled?: readonly BybitSimProduct[];
	/**
	 * The time window of Disconnection Protect at the start, in seconds. Default 10, as at the real venue before the time window is first
	 * set.
	 */
	windowSeconds?: number;
	/** How many milliseconds pass from a call that sets a time window until this time window is in force. Default 10 000. */
	settleMs?: number;
	/** Which time window `/v5/account/query-dcp-info` returns until the new one is in force. Default `old`. */
	shownWhileSettling?: "old" | "new";
	/**
	 * Account type. On a unified account 1.0 (`uta1`), Disconnection Protect cancels no inverse orders; on a classic account, no orders at
	 * all. Default `uta2`.
	 */
	accountMode?: "uta2" | "uta1" | "classic";
	/** By how many milliseconds the venue's clock is ahead of this machine's clock. Default 0. */
	skewMs?: number;
	/**
	 * The reply to a call that sets the time window: only `retCode` and `retMsg`, as documented (`short`, default), or all members (`full`).
	 */
	setReply?: "short" | "full";
	/**
	 * The value of `dcpInfos` when no product is enabled: an empty array (`array`, default), `null`, or no such member
	 * (`absent`).
	 */
	emptyList?: "array" | "null" | "absent";
	/**
	 * What happens to a call that sets the time window of a product that is not enabled: refused with 10005 (default), or accepted without
	 * effect.
	 */
	setWhenNotEnabled?: "refuse" | "accept";
	/**
	 * What happens to a subscription for a product that is not enabled: accepted without protecting anything (default),
	 * or refused.
	 */
	subscribeWhenNotEnabled?: "accept" | "refuse";
	/**
	 * What happens to the other topics of a subscribe request that contains an unknown topic. `stops` (default): the topics before the
	 * unknown one are subscribed. `refuses-all`: no topic is subscribed, as was reported for one of Bybit's public WebSockets.
	 */
	badTopic?: "stops" | "refuses-all";
	/** Milliseconds between two scans for idle connections, which the venue then closes. Default 30 000. */
	idleScanMs?: number;
	/**
	 * The idle limit of all connections in milliseconds, instead of `max_active_time` in the URL. A small value simulates a venue that closes
	 * connections earlier than documented.
	 */
	idleLimitOverrideMs?: number;
	/** Rate limit of each of the two calls of Disconnection Protect, in calls per second. Default 5. */
	dcpCallsPerSecond?: number;
	/** Rate limit of every other call, in calls per second. Default 10. */
	orderCallsPerSecond?: number;
	/** Rate limit of an IP address, in calls per 5 s. An address that exceeds it is banned. Default 600. */
	addressCalls?: number;
	/** How many milliseconds a ban of an IP address lasts. Default 600 000. */
	banMs?: number;
	/** How many new connections an IP address may open in 5 minutes. Default 500. */
	connectionsPerFiveMinutes?: number;

	/**
	 * When the countdown of Disconnection Protect starts: when the last subscribed connection is lost (`last`, default), or already when
	 * the first one is lost (`first`).
	 */
	countdownStartsWith?: "last" | "first";
	/**
	 * Whether a subscription to one `dcp.*` topic protects only its own product (`product`, default) or all products
	 * (`account`).
	 */
	countedPer?: "product" | "account";
	/** Whether a new connection has to subscribe to the `dcp.*` topic again to stop a countdown of Disconnection Protect. Default true. */
	resetNeedsSubscribe?: boolean;
	/** Whether a new connection also has to ping to stop a countdown of Disconnection Protect. Default true. */
	resetNeedsPing?: boolean;
	/** Whether a clean close or an unsubscribe starts the countdown of Disconnection Protect, as a lost connection does. Default true. */
	leavingCounts?: boolean;
	/** Whether a call that sets the time window restarts a running countdown with the new time window. Default false. */
	setAppliesWhileCounting?: boolean;
	/**
	 * Whether Disconnection Protect cancels conditional orders that wait for their trigger price. Default `cancelled`, as Bybit's words "all
	 * active orders" suggest.
	 */
	conditionalOrders?: "cancelled" | "kept";
	/**
	 * What happens to new orders after Disconnection Protect has cancelled orders and until a connection subscribes again: accepted
	 * (`nothing`, default), refused (`block`), or cancelled immediately (`sweep`).
	 */
	afterTrigger?: "nothing" | "block" | "sweep";
}

/** {@link BybitVenueOptions} with all defaults filled in. */
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
