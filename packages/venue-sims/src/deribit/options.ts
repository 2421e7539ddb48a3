/** Options of a simulated Deribit: every timer, every limit and everything that is not documented. Defaults match the venue as far as known. */
export interface DeribitVenueOptions {
	/** Client id of the only API key. Default `sim-deribit-client`. */
	clientId?: string;
	/** Client secret of the only API key. Default `sim-deribit-secret-9f2c71d8`. */
	clientSecret?: string;
	/**
	 * Public key of the only API key, in PEM format: Ed25519, or RSA of at least 2 048 bits. Default none. With it the API key has
	 * no secret, and a login has to be signed (`client_signature`) with the private key. The signature is base64 or base64url of
	 * timestamp, nonce and data, joined by line feeds; with RSA, PKCS #1 v1.5 with SHA-256 (inferred).
	 */
	publicKey?: string;
	/** Scope of the API key, space separated. A requested scope is narrowed to it. Default `account:read_write trade:read_write wallet:read`. */
	keyScope?: string;
	/** Ids of the subaccounts that `public/exchange_token` can reach. Default `[2]`. */
	subaccounts?: readonly number[];

	/** The first `test_request` is sent after this many intervals without a frame from the client. Default 1.2 (measured at interval 10). */
	firstProbeFactor?: number;
	/** Later test requests are sent after this many intervals. Default 1.06 (measured at interval 10). */
	laterProbeFactor?: number;
	/** How long the client has to answer a `test_request`. Default: the interval (measured at interval 10). */
	graceMs?: number;
	/** Which requests answer a `test_request`: only `public/test`, as documented (default), or any. */
	answer?: "public/test" | "any";
	/** When a `heartbeat` is sent with a `test_request`: after an interval without a frame to the client (default), always, or never. */
	heartbeatFrame?: "quiet" | "always" | "never";
	/** Close code after an unanswered `test_request`. Default 4000. */
	heartbeatCloseCode?: number;
	/** Smallest interval that `public/set_heartbeat` accepts. Default 10. */
	minIntervalSeconds?: number;
	/** Length of one second of a heartbeat interval, to shorten demos. Default 1 000. */
	heartbeatSecondMs?: number;

	/**
	 * The connection is dropped without a close frame after this long without data in either direction. Default 60 000
	 * (measured). Protocol pings count as data (inferred).
	 */
	transportIdleMs?: number;
	/** Whether a connection with a subscription, even a quiet one, is not dropped for being idle. Default true (measured for 122 s). */
	subscriptionsPreventIdleDrop?: boolean;
	/** The connection is closed after this long without a frame from the client. Default 600 000 (documented). */
	inactivityMs?: number;
	/** Close code of that close. Default 1000 (not documented). */
	inactivityCloseCode?: number;

	/** Open connections per address. Further connections are refused with HTTP 429. Default 32. */
	maxConnections?: number;
	/** Named sessions of the API key. A further one evicts a session. Default 16. */
	maxSessions?: number;
	/** Which session is evicted: the one refreshed longest ago (`stalest`, default) or the one opened first (`oldest`). */
	evicts?: "stalest" | "oldest";
	/** Whether a second login under one session name invalidates the first one's refresh token. Default `spends`: it does. */
	secondLogin?: "spends" | "keeps";
	/** Whether subscriptions end when the connection's tokens expire. Default false (inferred). */
	expiryStopsSubscriptions?: boolean;
	/** Lifetime of tokens that belong to a connection. Default 31 536 000. */
	connectionExpiresInSeconds?: number;
	/** Lifetime of tokens that belong to a named session. Default 900. */
	sessionExpiresInSeconds?: number;

	/** Capacity of the credit pool. Default 50 000. */
	creditPool?: number;
	/** Refill rate of each pool of credits. Default 10 000. */
	creditsPerSecond?: number;
	/** Credits per call. Default 500. */
	callCredits?: number;
	/** Capacity of the separate pool for subscriptions. Default 30 000. */
	subscribePool?: number;
	/** Credits per subscription call. Default 3 000. */
	subscribeCredits?: number;
	/** Whether calls of the matching engine (placing, editing and cancelling orders) are limited. Default false, so that tests can place many orders. */
	limitsMatching?: boolean;
	/** Calls of the matching engine per second. Default 5, the lowest tier. */
	matchingCallsPerSecond?: number;
	/** Calls of the matching engine at once. Default 20, the lowest tier. */
	matchingBurst?: number;
	/** Whether the connection is closed after error 10028. Default true. */
	closeOnRateLimit?: boolean;
	/** Close code after error 10028. Default 1008 (not documented). */
	rateLimitCloseCode?: number;
	/** Close code after a logout. Default 1000 (not documented). */
	logoutCloseCode?: number;
	/** Close code at the start of maintenance. Default 1001 (not documented). */
	maintenanceCloseCode?: number;

	/** Whether new connections start with cancel-on-disconnect armed. Default false. */
	accountArmed?: boolean;
	/** Whether maintenance triggers cancel-on-disconnect. Default true (not documented). */
	maintenanceFires?: boolean;
	/** Whether a logout triggers cancel-on-disconnect. Default false (documented). */
	logoutFires?: boolean;
	/** Handshakes during maintenance: refused with HTTP 503 (default), or accepted with all calls failing with 11051. */
	maintenanceHandshakes?: "refused" | "accepted";
	/** Whether any other disconnect triggers cancel-on-disconnect. Default true (documented). */
	disconnectFires?: boolean;
	/** Whether cancel-on-disconnect also cancels untriggered orders. Default true (inferred). */
	cancelsUntriggered?: boolean;
	/** Time from a disconnect to the cancel. Default 0 (not documented). */
	cancelDelayMs?: number;
	/** Whether the cancel-on-disconnect methods accept scope `account` over HTTP. Default true (inferred). */
	accountScopeOverHttp?: boolean;

	/** Requests without an id are answered without one (`answer`, default, measured) or refused (documented). */
	withoutId?: "answer" | "refuse";
	/** Error code for text that is not a request. Default 11050 (measured; -32700 is documented). */
	unreadableCode?: number;
	/** Error code for a private call without authentication. Default 13009 (measured). */
	unauthorizedCode?: number;
	/** Error code for a WebSocket-only method over HTTP. Default 10030 (measured for `public/set_heartbeat`). */
	webSocketOnlyCode?: number;
	/** `locked` in the result of `public/status`. Default the string `false`. */
	statusLocked?: string | boolean;
	/** Whether replies have `usIn`, `usOut`, `usDiff` and `testnet`. Default true. */
	stamps?: boolean;
	/** `testnet` in replies. Default true. */
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
	// The casts here and below widen a default to all that the option takes.
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

/** Options with defaults filled in. */
export type DeribitSettings = typeof deribitVenueDefaults;

/** Fills in the defaults. */
export function deribitSettings(options: DeribitVenueOptions): DeribitSettings {
	const given = Object.entries(options).filter(([, value]) => value !== undefined);
	return { ...deribitVenueDefaults, ...Object.fromEntries(given) };
}
