import { IbkrSimUser } from "./shared-user.ts";

/** Options of a simulated IBKR: its timers, and all behaviour on which documentation and reports differ. */
export interface IbkrVenueOptions {
	/** How clients log in: through the Client Portal Gateway, OAuth 1.0a or OAuth 2.0. Default `gateway`. */
	readonly mode?: "gateway" | "oauth1" | "oauth2";
	/**
	 * Initial state: logged in with an open brokerage session (`live`), logged in without a brokerage session (`login`), or not logged in
	 * (`none`). Default `live` in mode `gateway`, otherwise `none`.
	 */
	readonly start?: "live" | "login" | "none";
	/** Whether the gateway opens a brokerage session after a login. Default true. */
	readonly initAfterLogin?: boolean;
	/**
	 * The brokerage session ends after this many milliseconds without a request. Default 360 000 (documented: six
	 * minutes).
	 */
	readonly idleMs?: number;
	/** Milliseconds from the call to `/iserver/auth/ssodh/init` until the account data is loaded. Default 2 000. */
	readonly loadMs?: number;
	/** A login ends after this many milliseconds. Default 86 400 000. */
	readonly loginMs?: number;
	/** `ssoExpires` in replies counts down from this many milliseconds to 0, and starts again. Default 600 000. */
	readonly ssoCycleMs?: number;
	/** Whether the status of the brokerage session has the member `established`, as in gateway builds since 10.44. Default true. */
	readonly sendEstablished?: boolean;
	/**
	 * Whether the API key can only take the brokerage session over by force: a call to `/iserver/auth/ssodh/init` with
	 * `compete:false` is always refused. Default false.
	 */
	readonly forceOnlyKey?: boolean;
	/**
	 * Whether `/iserver/auth/status` and `/tickle` show another login as `competing`. If false, a client learns of the
	 * other login only when `/iserver/auth/ssodh/init` is refused. Default true.
	 */
	readonly rivalShows?: boolean;
	/**
	 * Whether replies to `/iserver/auth/ssodh/init` have the member `passed`, which says whether the call was accepted,
	 * as for some API keys. Default true.
	 */
	readonly sendPassed?: boolean;
	/** The HTTP method that `/iserver/auth/status` accepts. The other method is refused with 400. Default `both`. */
	readonly statusVerb?: "both" | "GET" | "POST";
	/** Whether a second WebSocket with the same session gets only heartbeats, as one recording shows. Default false. */
	readonly deafSecondSocket?: boolean;
	/** The ids of the questions that the venue asks before it places an order, such as `o163`. Default none. */
	readonly orderQuestions?: readonly string[];
	/** Whether a logout also ends the login. If false, a logout ends only the brokerage session. Default true. */
	readonly logoutEndsLogin?: boolean;
	/**
	 * Whether the nightly reset also ends the login. If false, the reset ends only the brokerage session. Default true in mode `gateway`,
	 * otherwise false.
	 */
	readonly resetEndsLogin?: boolean;
	/** Whether the call `/iserver/reauthenticate` exists. Default true. */
	readonly reauthenticate?: boolean;
	/** Whether requests without a login are redirected to the login page (302) instead of refused with 401. Default false. */
	readonly redirectToLogin?: boolean;
	/** HTTP status codes of the replies to calls while nobody is logged in. */
	readonly loggedOut?: {
		/** HTTP status of the reply to `/tickle` while nobody is logged in. Default 401. With 200 the body is `{"error":"no session"}`. */
		readonly tickle?: 200 | 401;
		/** HTTP status of the reply to `/iserver/auth/status` while nobody is logged in. Default 200, with all flags false. */
		readonly status?: 200 | 401;
		/** HTTP status of the reply to `/iserver/auth/ssodh/init` while nobody is logged in. Default 401. */
		readonly init?: 401 | 410 | 503;
		/** HTTP status of the reply to `/sso/validate` while nobody is logged in. Default 401. With 200 the body is `{"RESULT":false}`. */
		readonly validate?: 200 | 401;
		/** HTTP status of the reply to `/logout` while nobody is logged in. Default 200. */
		readonly logout?: 200 | 401;
	};
	/**
	 * The reply to `/iserver/accounts` without a brokerage session: 401 with a text, or 400 with the error "no bridge".
	 * Default 401.
	 */
	readonly accountsWithoutBrokerage?: 400 | 401;
	/** The reply to `/iserver/accounts` while account data is loading: 400, or 200 with `{}`. Default 200. */
	readonly accountsWhileLoading?: 200 | 400;
	/**
	 * The value of `EXPIRES` in the reply to `/sso/validate`: a timestamp, as real gateways send it (`instant`, default),
	 * or the milliseconds left, as documented (`left`).
	 */
	readonly expires?: "instant" | "left";
	/**
	 * Whether a call that exceeds a documented rate limit gets 429 and puts the IP address into the penalty box. Default
	 * false: no recording shows this, and a burst of 60 calls was seen to get regular replies.
	 */
	readonly pacing?: boolean;
	/** How many milliseconds an IP address stays in the penalty box, where all its requests get 429. Default 900 000. */
	readonly penaltyMs?: number;
	/** Interval of WebSocket heartbeats, in milliseconds. Default 10 000. */
	readonly heartbeatMs?: number;
	/** After how many milliseconds a WebSocket without a valid session id is closed with code 1000. Default 3 000. */
	readonly socketGraceMs?: number;
	/** The venue's name. Default `ibkr`. */
	readonly name?: string;
	/** The user's name. Default `sim-user`. */
	readonly userName?: string;
	/**
	 * The `user` of another `IbkrVenue`. The two venues are then clients of the same user: a client that opens a brokerage session ends the
	 * session of the other client.
	 */
	readonly user?: IbkrSimUser;
	/** The value of `region` in the reply to `/sso/validate`. Default `NJ`. */
	readonly region?: string;
	/** The account ids. Ids of paper accounts begin with D. Default: one paper account. */
	readonly accounts?: readonly string[];
	/**
	 * The OAuth 1.0a consumer. If set, signatures, nonces, timestamps and the key exchange of OAuth calls are verified.
	 * Otherwise only the format of the calls is checked.
	 */
	readonly consumer?: IbkrSimConsumer;
	/**
	 * The OAuth 2.0 client. If set, both JWTs (for the access token and for the session) are verified. Otherwise only
	 * their format is checked.
	 */
	readonly client?: IbkrSimClient;
	/**
	 * By how many milliseconds the venue's clock is ahead of this machine's. The header `Date` and all checks of timestamps use the venue's
	 * clock. Default 0.
	 */
	readonly clockOffsetMs?: number;
	/**
	 * Allowed difference between the timestamp of a signature and the venue's clock, in milliseconds. Default 300 000
	 * (not documented).
	 */
	readonly timeToleranceMs?: number;
	/**
	 * The value of `live_session_token_expiration`: when the token expires, as the name says (`end`, default), or when
	 * the token was created (`start`).
	 */
	readonly lstExpiration?: "end" | "start";
}

/** A registered OAuth 1.0a consumer, with its public keys. */
export interface IbkrSimConsumer {
	readonly key: string;
	/** The OAuth realm. Default `limited_poa`. */
	readonly realm?: string;
	/** Public signature key in PEM format. */
	readonly signatureKey: string;
	/** Public encryption key in PEM format. */
	readonly encryptionKey: string;
	/** Diffie-Hellman prime in hexadecimal. The generator is 2. */
	readonly dhPrime: string;
}

/** A registered OAuth 2.0 client. */
export interface IbkrSimClient {
	readonly id: string;
	readonly keyId: string;
	/** Public key that verifies the client's JWTs, in PEM format. */
	readonly publicKey: string;
	/** The user name that may log in. */
	readonly credential: string;
	/** Whether a session only accepts requests from the address in its JWT. Default false. */
	readonly bindAddress?: boolean;
}

/** {@link IbkrVenueOptions} with all defaults filled in. */
export type IbkrSettings = Required<Omit<IbkrVenueOptions, "loggedOut" | "consumer" | "client">> & {
	readonly consumer?: IbkrSimConsumer;
	readonly client?: IbkrSimClient;
	readonly loggedOut: Required<NonNullable<IbkrVenueOptions["loggedOut"]>>;
};

/** Returns the options with all defaults filled in. */
export function ibkrSettings(options: IbkrVenueOptions): IbkrSettings {
	const mode = options.mode ?? "gateway";
	return {
		mode,
		start: mode === "gateway" ? "live" : "none",
		initAfterLogin: true,
		idleMs: 360_000,
		loadMs: 2_000,
		loginMs: 86_400_000,
		ssoCycleMs: 600_000,
		sendEstablished: true,
		forceOnlyKey: false,
		rivalShows: true,
		logoutEndsLogin: true,
		resetEndsLogin: mode === "gateway",
		reauthenticate: true,
		sendPassed: true,
		statusVerb: "both",
		deafSecondSocket: false,
		orderQuestions: [],
		redirectToLogin: false,
		accountsWithoutBrokerage: 401,
		accountsWhileLoading: 200,
		expires: "instant",
		pacing: false,
		penaltyMs: 900_000,
		heartbeatMs: 10_000,
		socketGraceMs: 3_000,
		name: "ibkr",
		userName: "sim-user",
		user: new IbkrSimUser(),
		region: "NJ",
		accounts: ["DU0000001"],
		clockOffsetMs: 0,
		timeToleranceMs: 300_000,
		lstExpiration: "end",
		...options,
		loggedOut: { tickle: 401, status: 200, init: 401, validate: 401, logout: 200, ...options.loggedOut },
	};
}
