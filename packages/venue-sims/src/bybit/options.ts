import type { components } from "../generated/bybit-dcp.ts";

/** A product of Disconnection Protect. */
export type BybitSimProduct = "DERIVATIVES" | "SPOT" | "OPTIONS";

/** All products of Disconnection Protect. */
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
	 * Further API keys of the same account. A subscribed connection protects the account whichever of its keys it uses.
	 * Default none.
	 */
	otherKeys?: readonly BybitSimKey[];
	/**
	 * Further accounts, each with its own orders, connections, time windows and countdowns. Faults take the number of an
	 * account as `account`: 0, the default, is the first account, 1 is the first of these. Default none.
	 */
	otherAccounts?: readonly (BybitSimKey & Pick<BybitVenueOptions, "enabled">)[];
	/** Products that are enabled at the start. Default: all three. */
	enabled?: readonly BybitSimProduct[];
	/** The time window in force at the start, in seconds. Default 10, as at the real venue before the window is first set. */
	windowSeconds?: number;
	/** How many milliseconds after a call that sets the window the new window is in force. Default 10 000. */
	settleMs?: number;
	/** Which window `/v5/account/query-dcp-info` returns until a new window is in force. Default `old`. */
	shownWhileSettling?: "old" | "new";
	/** Account type. On a unified account 1.0 (`uta1`) inverse orders are not cancelled; on a classic account no orders are. Default `uta2`. */
	accountMode?: "uta2" | "uta1" | "classic";
	/** By how many milliseconds the venue's clock is ahead of this machine's clock. Default 0. */
	skewMs?: number;
	/**
	 * The reply to a call that sets the window: only `retCode` and `retMsg`, as documented (`short`, default), or all
	 * members (`full`).
	 */
	setReply?: "short" | "full";
	/**
	 * The value of `dcpInfos` when no product is enabled: an empty array (`array`, default), `null`, or no such member
	 * (`absent`).
	 */
	emptyList?: "array" | "null" | "absent";
	/**
	 * What happens to a call that sets the window of a product that is not enabled: refused with 10005 (default), or
	 * accepted without effect.
	 */
	setWhenNotEnabled?: "refuse" | "accept";
	/**
	 * What happens to a subscription for a product that is not enabled: accepted without protecting anything (default),
	 * or refused.
	 */
	subscribeWhenNotEnabled?: "accept" | "refuse";
	/**
	 * What happens to the other topics of a subscribe request that contains an unknown topic: the topics before the
	 * unknown one are subscribed (`stops`, default), or no topic is (`refuses-all`, as was reported of a public host).
	 */
	badTopic?: "stops" | "refuses-all";
	/** How often the venue looks for idle connections and closes them: once in this many milliseconds. Default 30 000. */
	idleScanMs?: number;
	/**
	 * The idle limit of all connections in milliseconds, instead of `max_active_time` in the URL. A small value simulates a venue that closes
	 * connections earlier than documented.
	 */
	idleLimitOverrideMs?: number;
	/** Rate limit of each of the two calls of Disconnection Protect, in calls per second. Default 5. */
	dcpCallsPerSecond?: number;
	/** Rate limit of each other call, in calls per second. Default 10. */
	orderCallsPerSecond?: number;
	/** Rate limit of an IP address, in calls per 5 s. An address that exceeds it is banned. Default 600. */
	addressCalls?: number;
	/** How many milliseconds a ban of an IP address lasts. Default 600 000. */
	banMs?: number;
	/** How many new connections an IP address may open in 5 minutes. Default 500. */
	connectionsPerFiveMinutes?: number;

	/**
	 * Whether the countdown starts when the last subscribed connection is lost (`last`, default), or when any subscribed
	 * connection is lost (`first`).
	 */
	countdownStartsWith?: "last" | "first";
	/**
	 * Whether a subscription to one `dcp.*` topic protects only its own product (`product`, default) or all products
	 * (`account`).
	 */
	countedPer?: "product" | "account";
	/** Whether a new connection has to subscribe to the topic again to stop a countdown. Default true. */
	resetNeedsSubscribe?: boolean;
	/** Whether a new connection also has to ping to stop a countdown. Default true. */
	resetNeedsPing?: boolean;
	/** Whether a clean close or an unsubscribe starts the countdown, as a lost connection does. Default true. */
	leavingCounts?: boolean;
	/** Whether setting the window during a countdown restarts the countdown with the new window. Default false. */
	setAppliesWhileCounting?: boolean;
	/** Whether conditional orders that wait for their trigger price are cancelled. Default `cancelled`, as "all active orders" suggests. */
	conditionalOrders?: "cancelled" | "kept";
	/**
	 * What happens to new orders after the countdown has ended and until a connection subscribes again: accepted
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
