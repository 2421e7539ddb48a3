/** Every clock, limit and inferred point of the simulated Deribit. The defaults are the venue's, as far as known. */
export interface DeribitVenueOptions {
	/** The one API key. */
	clientId?: string;
	clientSecret?: string;
	/** The most that key may do, space separated. What a client asks for is narrowed to it. */
	keyScope?: string;
	/** Subaccounts that `public/exchange_token` can reach. Default `[2]`. */
	subaccounts?: readonly number[];

	/** The first probe comes after this many intervals without a frame. Default 1.2 (measured at interval 10). */
	firstProbeFactor?: number;
	/** Later ones after this many. Default 1.06 (measured at interval 10). */
	laterProbeFactor?: number;
	/** How long an answer may take. Default the interval (only interval 10 was measured). */
	graceMs?: number;
	/** What counts as an answer to a `test_request`: `public/test` alone (the documentation's words) or any request. */
	answer?: "public/test" | "any";
	/** When a `heartbeat` goes beside a probe: after an interval without a frame to the client, always, or never. */
	heartbeatFrame?: "quiet" | "always" | "never";
	/** Close code after an unanswered probe. Default 4000. */
	heartbeatCloseCode?: number;
	/** Smallest interval that `public/set_heartbeat` takes. Default 10. */
	minIntervalSeconds?: number;
	/** How long one second of a heartbeat interval lasts, to make demonstrations short. Default 1 000. */
	heartbeatSecondMs?: number;

	/** Silence in both directions after which the transport is cut without a close frame. Default 60 000 (measured). */
	transportIdleMs?: number;
	/** Silence of the client after which the venue closes. Default 600 000 (documented). */
	inactivityMs?: number;
	/** Close code of that close; unknown. Default 1000. */
	inactivityCloseCode?: number;

	/** Connections from one address at a time. Default 32; one more gets HTTP 429. */
	maxConnections?: number;
	/** Named sessions of the key. Default 16; one more ends the one that was refreshed longest ago. */
	maxSessions?: number;
	/** Which session ends for one too many: the one refreshed longest ago (default) or the one opened first. */
	evicts?: "stalest" | "oldest";
	/** What a second login under one session name does to the first one's refresh token. Default `spends`. */
	secondLogin?: "spends" | "keeps";
	/** Whether the end of a connection's tokens also ends its subscriptions. Default false (inferred). */
	expiryStopsSubscriptions?: boolean;
	/** Lifetimes of tokens in seconds. Defaults 31 536 000 and 900. */
	connectionExpiresInSeconds?: number;
	sessionExpiresInSeconds?: number;

	/** Credit pool, refill each second and price of a call. Defaults 50 000, 10 000, 500. */
	creditPool?: number;
	creditsPerSecond?: number;
	callCredits?: number;
	/** The pool that subscribing has for itself, and its price; refilled like the other. Defaults 30 000, 3 000. */
	subscribePool?: number;
	subscribeCredits?: number;
	/** Whether 10028 ends the connection. Default true. */
	closeOnRateLimit?: boolean;
	/** Close codes the documentation does not give. Defaults 1008, 1000, 1001. */
	rateLimitCloseCode?: number;
	logoutCloseCode?: number;
	maintenanceCloseCode?: number;

	/** Whether new connections start armed. Default false. */
	accountArmed?: boolean;
	/** Whether a maintenance break fires cancel-on-disconnect; not stated anywhere. Default true. */
	maintenanceFires?: boolean;
	/** Whether a logout fires cancel-on-disconnect. Default false (documented). */
	logoutFires?: boolean;
	/** What a handshake gets during a break: HTTP 503 (default), or a connection whose calls answer 11051. */
	maintenanceHandshakes?: "refused" | "accepted";
	/** Whether any other end does. Default true (documented). */
	disconnectFires?: boolean;
	/** Whether untriggered orders are cancelled with the others; no source says. Default true (inferred). */
	cancelsUntriggered?: boolean;
	/** Time from the end of a connection to the cancel; not documented. Default 0. */
	cancelDelayMs?: number;
	/** Whether the cancel-on-disconnect calls with scope `account` work over HTTP. Default true (inferred). */
	accountScopeOverHttp?: boolean;

	/** A request without id: answered without one (measured) or refused (documented). Default `answer`. */
	withoutId?: "answer" | "refuse";
	/** What answers text that is no request; -32700 is documented. Default 11050 (measured). */
	unreadableCode?: number;
	/** What answers a private call without authentication. Default 13009 (measured). */
	unauthorizedCode?: number;
	/** What answers over HTTP to a method for WebSockets. Default 10030 (measured for `public/set_heartbeat`). */
	webSocketOnlyCode?: number;
	/** What `public/status` says. Default the string `false`. */
	statusLocked?: string | boolean;
	/** Whether replies carry `usIn`, `usOut`, `usDiff` and `testnet`. Default true. */
	stamps?: boolean;
	/** What `testnet` says. Default true. */
	testnet?: boolean;
	/** The code that `public/test` answers when asked for an exception; not documented. Default 10001. */
	exceptionCode?: number;
	/** The largest frame or POST body in bytes. Default 32 768. */
	maxFrameBytes?: number;
}

export const deribitVenueDefaults = Object.freeze({
	clientId: "sim-deribit-client",
	clientSecret: "sim-deribit-secret-9f2c71d8",
	keyScope: "account:read_write trade:read_write wallet:read",
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

export type Settings = typeof deribitVenueDefaults;

export function settle(options: DeribitVenueOptions): Settings {
	const given = Object.entries(options).filter(([, value]) => value !== undefined);
	return { ...deribitVenueDefaults, ...Object.fromEntries(given) };
}
