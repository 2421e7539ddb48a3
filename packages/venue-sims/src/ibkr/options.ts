import { IbkrSimUser } from "./user.ts";

/** Options of a simulated IBKR: every timer and everything on which reports differ. */
export interface IbkrVenueOptions {
	/** How clients log in: through the Client Portal Gateway, OAuth 1.0a or OAuth 2.0. Default `gateway`. */
	readonly mode?: "gateway" | "oauth1" | "oauth2";
	/** Initial state: brokerage session open (`live`), logged in without a brokerage session (`login`), or not logged in (`none`). Default `live` at a gateway, otherwise `none`. */
	readonly start?: "live" | "login" | "none";
	/** Whether the gateway opens a brokerage session after a login. Default true. */
	readonly initAfterLogin?: boolean;
	/** The brokerage session ends after this long without a request. Default 360 000 (documented: six minutes). */
	readonly idleMs?: number;
	/** Time from init until the account data is loaded. Default 2 000. */
	readonly loadMs?: number;
	/** Longest duration of a login. Default 86 400 000. */
	readonly loginMs?: number;
	/** `ssoExpires` counts down from this value to 0 and starts again. Default 600 000. */
	readonly ssoCycleMs?: number;
	/** Whether `established` is sent, as builds since 10.44 do. Default true. */
	readonly sendEstablished?: boolean;
	/** Whether the API key can only take over by force: init with `compete:false` is always refused. Default false. */
	readonly forceOnlyKey?: boolean;
	/** Whether status and tickle show another login as `competing`. If false, only a refused init does. Default true. */
	readonly rivalShows?: boolean;
	/** Whether replies to init say in `passed` whether it was accepted, as for some keys. Default true. */
	readonly sendPassed?: boolean;
	/** By which verb the status can be asked. The other one is refused with 400. Default `both`. */
	readonly statusVerb?: "both" | "GET" | "POST";
	/** Whether a second WebSocket with the same session gets heartbeats and nothing else, as one recording shows. Default false. */
	readonly deafSecondSocket?: boolean;
	/** The ids of the questions that each order is asked before it is placed, such as `o163`. Default none. */
	readonly orderQuestions?: readonly string[];
	/** Whether a logout ends the login, or only the brokerage session. Default true. */
	readonly logoutEndsLogin?: boolean;
	/** Whether the nightly reset ends the login, or only the brokerage session. Default true at a gateway, otherwise false. */
	readonly resetEndsLogin?: boolean;
	/** Whether `/iserver/reauthenticate` exists. Default true. */
	readonly reauthenticate?: boolean;
	/** Whether requests without a login are redirected to the login page (302) instead of refused with 401. Default false. */
	readonly redirectToLogin?: boolean;
	/** Status codes while nobody is logged in. */
	readonly loggedOut?: {
		/** Default 401. 200 returns `{"error":"no session"}`. */
		readonly tickle?: 200 | 401;
		/** Default 200, all flags false. */
		readonly status?: 200 | 401;
		/** Default 401. */
		readonly init?: 401 | 410 | 503;
		/** Default 401. 200 returns `RESULT:false`. */
		readonly validate?: 200 | 401;
		/** Default 200. */
		readonly logout?: 200 | 401;
	};
	/** `/iserver/accounts` without a brokerage session: 401 as text, or 400 "no bridge". Default 401. */
	readonly accountsWithoutBrokerage?: 400 | 401;
	/** `/iserver/accounts` while account data is loading: 400, or 200 with `{}`. Default 200. */
	readonly accountsWhileLoading?: 200 | 400;
	/** `EXPIRES` of `/sso/validate`: a timestamp, as live gateways send it, or the milliseconds left, as documented. Default `instant`. */
	readonly expires?: "instant" | "left";
	/**
	 * Whether exceeding a documented rate limit is answered with 429 and puts the address into the penalty box. Default
	 * false: no recording shows it, and a burst of 60 calls was seen to be answered.
	 */
	readonly pacing?: boolean;
	/** Time in the penalty box. Default 900 000. */
	readonly penaltyMs?: number;
	/** Interval of WebSocket heartbeats. Default 10 000. */
	readonly heartbeatMs?: number;
	/** How long a WebSocket may stay open without a session before it is closed with 1000. Default 3 000. */
	readonly socketGraceMs?: number;
	/** The venue's name. Default `ibkr`. */
	readonly name?: string;
	/** Default `sim-user`. */
	readonly userName?: string;
	/** The `user` of another venue object. Both are then clients of one user and end each other's brokerage session. */
	readonly user?: IbkrSimUser;
	/** `region` of `/sso/validate`. Default `NJ`. */
	readonly region?: string;
	/** Account ids. Those of paper accounts begin with D. Default one paper account. */
	readonly accounts?: readonly string[];
	/** The OAuth 1.0a consumer. If set, signatures, nonces, timestamps and the key exchange are verified; otherwise only the shape of the calls. */
	readonly consumer?: IbkrSimConsumer;
	/** The OAuth 2.0 client. If set, both JWTs are verified; otherwise only their shape. */
	readonly client?: IbkrSimClient;
	/** How far the venue's clock is ahead of this machine's. Applies to `Date` and to every check of a timestamp. Default 0. */
	readonly clockOffsetMs?: number;
	/** Allowed difference between the timestamp of a signature and the venue's clock. Default 300 000 (not documented). */
	readonly timeToleranceMs?: number;
	/** Whether `live_session_token_expiration` is when the token expires, as its name says, or when it was created. Default `end`. */
	readonly lstExpiration?: "end" | "start";
}

/** A registered OAuth 1.0a consumer, with its public keys. */
export interface IbkrSimConsumer {
	readonly key: string;
	/** Default `limited_poa`. */
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
	/** Public key in PEM format. */
	readonly publicKey: string;
	/** The user name that may log in. */
	readonly credential: string;
	/** Whether a session only accepts requests from the address in its JWT. Default false. */
	readonly bindAddress?: boolean;
}

/** Options with defaults filled in. */
export type IbkrSettings = Required<Omit<IbkrVenueOptions, "loggedOut" | "consumer" | "client">> & {
	readonly consumer?: IbkrSimConsumer;
	readonly client?: IbkrSimClient;
	readonly loggedOut: Required<NonNullable<IbkrVenueOptions["loggedOut"]>>;
};

/** Fills in the defaults. */
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
