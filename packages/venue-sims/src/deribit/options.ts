/**
 * Options of a simulated Deribit: its timers and limits, and all behaviour that Deribit does not document. The defaults match the real
 * venue as far as known. "Measured", "documented" and "inferred" name the source of a default.
 */
export interface DeribitVenueOptions {
	/** Client id of the only API key. Default `sim-deribit-client`. */
	clientId?: string;
	/** Client secret of the only API key. Default `sim-deribit-secret-9f2c71d8`. */
	clientSecret?: string;
	/**
	 * Public key of the only API key, in PEM format: Ed25519, or RSA of at least 2 048 bits. Default none. If set, the API key has no
	 * secret, and a login has to be signed (`client_signature`) with the private key. The signature is base64 or base64url of timestamp,
	 * nonce and data, joined by line feeds. An RSA signature uses PKCS #1 v1.5 with SHA-256 (inferred).
	 */
	publicKey?: string;
	/**
	 * Scope of the API key, space separated. A login is granted at most this scope. Default `account:read_write
	 * trade:read_write wallet:read`.
	 */
	keyScope?: string;
	/** Ids of the subaccounts that `public/exchange_token` can reach. Default `[2]`. */
	subaccounts?: readonly number[];

	/**
	 * The first `test_request` is sent after this many heartbeat intervals without a frame from the client. Default 1.2 (measured at interval
	 * 10).
	 */
	firstProbeFactor?: number;
	/**
	 * Each further `test_request` is sent after this many heartbeat intervals without a frame from the client. Default 1.06 (measured at
	 * interval 10).
	 */
	laterProbeFactor?: number;
	/**
	 * How many milliseconds the client has to answer a `test_request`. Default: the heartbeat interval (measured at
	 * interval 10).
	 */
	graceMs?: number;
	/**
	 * Which requests count as the answer to a `test_request`: only `public/test`, as documented (default), or any
	 * request.
	 */
	answer?: "public/test" | "any";
	/**
	 * When a `heartbeat` frame is sent together with a `test_request`: only if no frame was sent to the client for an
	 * interval (`quiet`, default), always, or never.
	 */
	heartbeatFrame?: "quiet" | "always" | "never";
	/** Close code after an unanswered `test_request`. Default 4000. */
	heartbeatCloseCode?: number;
	/** Smallest interval that `public/set_heartbeat` accepts, in seconds. Default 10. */
	minIntervalSeconds?: number;
	/** How many milliseconds a second of a heartbeat interval lasts. A lower value shortens demos. Default 1 000. */
	heartbeatSecondMs?: number;

	/**
	 * A connection is dropped without a close frame after this many milliseconds without data in either direction.
	 * Default 60 000 (measured). WebSocket pings count as data (inferred).
	 */
	transportIdleMs?: number;
	/**
	 * Whether a connection with a subscription is never dropped for being idle, even if the channel sends nothing.
	 * Default true (measured for 122 s).
	 */
	subscriptionsPreventIdleDrop?: boolean;
	/**
	 * A connection is closed after this many milliseconds without a frame from the client. Default 600 000 (documented).
	 */
	inactivityMs?: number;
	/** Close code after `inactivityMs` without a frame from the client. Default 1000 (not documented). */
	inactivityCloseCode?: number;

	/** How many connections an IP address may have open. Further connections are refused with HTTP 429. Default 32. */
	maxConnections?: number;
	/** How many named sessions the API key may have. Opening one more ends another session. Default 16. */
	maxSessions?: number;
	/**
	 * Which named session ends when a login exceeds `maxSessions`: the session refreshed longest ago (`stalest`, default) or the session
	 * opened first (`oldest`).
	 */
	evicts?: "stalest" | "oldest";
	/**
	 * Whether a second login under the same session name invalidates the refresh token of the first login (`spends`,
	 * default) or not (`keeps`).
	 */
	secondLogin?: "spends" | "keeps";
	/** Whether subscriptions end when the connection's tokens expire. Default false (inferred). */
	expiryStopsSubscriptions?: boolean;
	/** Lifetime of tokens that belong to a connection, in seconds. Default 31 536 000. */
	connectionExpiresInSeconds?: number;
	/** Lifetime of tokens that belong to a named session, in seconds. Default 900. */
	sessionExpiresInSeconds?: number;

	/** Capacity of the general credit pool. Default 50 000. */
	creditPool?: number;
	/** Credits that each pool regains per second. Default 10 000. */
	creditsPerSecond?: number;
	/** Credits that a call costs. Default 500. */
	callCredits?: number;
	/** Capacity of the separate pool for subscriptions. Default 30 000. */
	subscribePool?: number;
	/** Credits that a subscribe call costs. Default 3 000. */
	subscribeCredits?: number;
	/**
	 * Whether the rate of calls of the matching engine (placing, editing and cancelling orders) is limited. Default
	 * false, so that tests can place many orders.
	 */
	limitsMatching?: boolean;
	/** How many calls of the matching engine are allowed per second. Default 5, the limit of Deribit's lowest rate limit tier. */
	matchingCallsPerSecond?: number;
	/** How many calls of the matching engine are allowed at once. Default 20, the limit of Deribit's lowest rate limit tier. */
	matchingBurst?: number;
	/** Whether the connection is closed after error 10028. Default true. */
	closeOnRateLimit?: boolean;
	/** Close code after error 10028. Default 1008 (not documented). */
	rateLimitCloseCode?: number;
	/** Close code after a logout. Default 1000 (not documented). */
	logoutCloseCode?: number;
	/** Close code at the start of maintenance. Default 1001 (not documented). */
	maintenanceCloseCode?: number;

	/** Whether cancel-on-disconnect is on for new connections. Default false. */
	accountArmed?: boolean;
	/** Whether maintenance triggers cancel-on-disconnect. Default true (not documented). */
	maintenanceFires?: boolean;
	/** Whether a logout triggers cancel-on-disconnect. Default false (documented). */
	logoutFires?: boolean;
	/**
	 * What happens to WebSocket handshakes during maintenance: refused with HTTP 503 (`refused`, default), or accepted,
	 * with all calls failing with error 11051 (`accepted`).
	 */
	maintenanceHandshakes?: "refused" | "accepted";
	/** Whether a disconnect other than a logout or maintenance triggers cancel-on-disconnect. Default true (documented). */
	disconnectFires?: boolean;
	/** Whether cancel-on-disconnect also cancels stop orders that are not triggered yet. Default true (inferred). */
	cancelsUntriggered?: boolean;
	/** Milliseconds from a disconnect to the cancel. Default 0 (not documented). */
	cancelDelayMs?: number;
	/** Whether the cancel-on-disconnect methods accept scope `account` over HTTP. Default true (inferred). */
	accountScopeOverHttp?: boolean;

	/**
	 * What happens to a request without an id: it gets a reply without an id (`answer`, default, measured), or it is
	 * refused (`refuse`, documented).
	 */
	withoutId?: "answer" | "refuse";
	/** Error code for text that is not a JSON-RPC request. Default 11050 (measured; -32700 is documented). */
	unreadableCode?: number;
	/** Error code for a private call without authentication. Default 13009 (measured). */
	unauthorizedCode?: number;
	/** Error code for a WebSocket-only method over HTTP. Default 10030 (measured for `public/set_heartbeat`). */
	webSocketOnlyCode?: number;
	/** The value of `locked` in the result of `public/status`. Default: the string `"false"`. */
	statusLocked?: string | boolean;
	/** Whether replies have `usIn`, `usOut`, `usDiff` and `testnet`. Default true. */
	stamps?: boolean;
	/** The value of `testnet` in replies. Default true. */
	testnet?: boolean;
	/** Error code of `public/test` with `expected_result: exception`. Default 10001 (not documented). */
	exceptionCode?: number;
	/** Largest frame or POST body in bytes. Default 32 768. */
	maxFrameBytes?: number;
}

/** The defaults of {@link DeribitVenueOptions}. */
export const deribitVenueDefaults = Object.freeze({
	clientId: "sim-deribit-client",
	clientSecret: "sim-deribit-secret-9f2c71d8",
	publicKey: undefined as string | undefined,
	keyScope: "account:read_write trade:read_write wallet:read",
	// The casts in this object widen the type of a default to the type of its option.
	subaccounts: [2] as readonly number[],
	firstProbeFactor: 1.2,
	laterProbeFactor: 1.06,
	graceMs: undefined as number | undefined,
	answer: "public/test" as "public/test" | "any",
	heartbeatFrame: "quiet" as "quiet" | "always" | "never",
	heartbeatCloseCode: 4000,
	minIntervalSeconds: 10,
	heartbeatSecondMs: 1_000,
	transportIdleMs: 60_000,
	subscriptionsPreventIdleDrop: true,
	inactivityMs: 600_000,
	inactivityCloseCode: 1000,
	maxConnections: 32,
	maxSessions: 16,
	evicts: "stalest" as "stalest" | "oldest",
	secondLogin: "spends" as "spends" | "keeps",
	expiryStopsSubscriptions: false,
	connectionExpiresInSeconds: 31_536_000,
	sessionExpiresInSeconds: 900,
	creditPool: 50_000,
	creditsPerSecond: 10_000,
	callCredits: 500,
	subscribePool: 30_000,
	subscribeCredits: 3_000,
	limitsMatching: false,
	matchingCallsPerSecond: 5,
	matchingBurst: 20,
	closeOnRateLimit: true,
	rateLimitCloseCode: 1008,
	logoutCloseCode: 1000,
	maintenanceCloseCode: 1001,
	accountArmed: false,
	maintenanceFires: true,
	maintenanceHandshakes: "refused" as "refused" | "accepted",
	logoutFires: false,
	disconnectFires: true,
	cancelsUntriggered: true,
	cancelDelayMs: 0,
	accountScopeOverHttp: true,
	withoutId: "answer" as "answer" | "refuse",
	unreadableCode: 11050,
	unauthorizedCode: 13009,
	webSocketOnlyCode: 10030,
	statusLocked: "false" as string | boolean,
	stamps: true,
	testnet: true,
	exceptionCode: 10001,
	maxFrameBytes: 32_768,
});

/** {@link DeribitVenueOptions} with all defaults filled in. */
export type DeribitSettings = typeof deribitVenueDefaults;

/** Returns the options with all defaults filled in. */
export function deribitSettings(options: DeribitVenueOptions): DeribitSettings {
	const given = Object.entries(options).filter(([, value]) => value !== undefined);
	return { ...deribitVenueDefaults, ...Object.fromEntries(given) };
}
