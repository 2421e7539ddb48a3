import { IbkrUser } from "./user.ts";

/** What an IBKR venue is like. Every clock and every point on which reports differ can be set. */
export interface IbkrVenueOptions {
	/**
	 * What stands before the session: a gateway with a login in its browser page, OAuth 1.0a or OAuth 2.0.
	 * Default `gateway`.
	 */
	readonly mode?: "gateway" | "oauth1" | "oauth2";
	/** Where it begins: `live`, logged in without a brokerage session, or nobody logged in. Default `live` at a gateway, else `none`. */
	readonly start?: "live" | "login" | "none";
	/** Whether the gateway opens a brokerage session by itself after a login. Default true. */
	readonly initAfterLogin?: boolean;
	/** Without a request for so long, the brokerage session ends. Default 360 000, the documented six minutes. */
	readonly idleMs?: number;
	/** From init until account data is loaded. Default 2 000. */
	readonly loadMs?: number;
	/** A login lasts at most so long. Default 86 400 000. */
	readonly loginMs?: number;
	/** `ssoExpires` falls from this to 0 and starts again by itself. Default 600 000. */
	readonly ssoCycleMs?: number;
	/** Whether `established` is sent, as builds since 10.44 do. Default true. */
	readonly sendEstablished?: boolean;
	/** The key can only force: `compete:false` is always refused. Default false. */
	readonly forceOnlyKey?: boolean;
	/** Whether another login shows as `competing` in status and tickle, or only in a refused init. Default true. */
	readonly rivalShows?: boolean;
	/** Whether a logout ends the login too, or the brokerage session alone. Default true. */
	readonly logoutEndsLogin?: boolean;
	/** Whether the nightly reset ends the login too. Default true at a gateway, else false. */
	readonly resetEndsLogin?: boolean;
	/** Whether GET /iserver/reauthenticate still exists. Default true. */
	readonly reauthenticate?: boolean;
	/** 302 to the login page in place of 401 while nobody is logged in. Default false. */
	readonly redirectToLogin?: boolean;
	/** The replies while nobody is logged in. */
	readonly loggedOut?: {
		/** Default 401; 200 has `{"error":"no session"}`. */
		readonly tickle?: 200 | 401;
		/** Default 200, all flags false. */
		readonly status?: 200 | 401;
		/** Default 401. */
		readonly init?: 401 | 410 | 503;
		/** Default 401; 200 has `RESULT:false`. */
		readonly validate?: 200 | 401;
		/** Default 200. */
		readonly logout?: 200 | 401;
	};
	/** /iserver/accounts without a brokerage session: 401 as text, or 400 "no bridge". Default 401. */
	readonly accountsWithoutBrokerage?: 400 | 401;
	/** /iserver/accounts while loading: 400, or 200 with `{}`. Default 200. */
	readonly accountsWhileLoading?: 200 | 400;
	/** `EXPIRES` of the validation: an instant as a live gateway sends it, or milliseconds left as documented. Default `instant`. */
	readonly expires?: "instant" | "left";
	/** Whether too many calls are answered 429 and lock the source address. Default true. */
	readonly pacing?: boolean;
	/** How long an address is locked. Default 900 000. */
	readonly penaltyMs?: number;
	/** Between two heartbeats of a socket. Default 10 000. */
	readonly heartbeatMs?: number;
	/** How long a socket may wait for its session before it is closed with 1000. Default 3 000. */
	readonly socketGraceMs?: number;
	/** Default `sim-user`. */
	readonly userName?: string;
	/** That of another venue makes this one a second client of the same user: they end each other's brokerage session. */
	readonly user?: IbkrUser;
	/** As the validation tells it. Default `NJ`. */
	readonly region?: string;
	/** Default one account. */
	readonly accounts?: readonly string[];
	/**
	 * The consumer of OAuth 1.0a. With it every signature, nonce and time is verified and the exchange is computed; without
	 * it only the shapes of the calls are looked at.
	 */
	readonly consumer?: IbkrSimConsumer;
	/** The client of OAuth 2.0. With it both JWTs are verified; without it only their shape is looked at. */
	readonly client?: IbkrSimClient;
	/** By how much the venue's clock is ahead of this machine's: in `Date` and in every check of a time. Default 0. */
	readonly clockOffsetMs?: number;
	/** How wrong the time of a signature may be. Not documented. Default 300 000. */
	readonly timeToleranceMs?: number;
	/** Whether `live_session_token_expiration` is the end, as its name says, or the making. Default `end`. */
	readonly lstExpiration?: "end" | "start";
}

/** What the venue knows of a consumer: the public halves of its keys. */
export interface IbkrSimConsumer {
	readonly key: string;
	/** Default `limited_poa`. */
	readonly realm?: string;
	/** PEM text of the public signature key. */
	readonly signatureKey: string;
	/** PEM text of the public encryption key. */
	readonly encryptionKey: string;
	/** Hexadecimal; the generator is 2. */
	readonly dhPrime: string;
}

/** What the venue knows of a client of OAuth 2.0. */
export interface IbkrSimClient {
	readonly id: string;
	readonly keyId: string;
	/** PEM text of the public key. */
	readonly publicKey: string;
	/** The user name that may log in. */
	readonly credential: string;
	/** Whether a session serves only the address that its JWT names. Default false. */
	readonly bindAddress?: boolean;
}

export type IbkrSettings = Required<Omit<IbkrVenueOptions, "loggedOut" | "consumer" | "client">> & {
	readonly consumer?: IbkrSimConsumer;
	readonly client?: IbkrSimClient;
	readonly loggedOut: Required<NonNullable<IbkrVenueOptions["loggedOut"]>>;
};

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
		redirectToLogin: false,
		accountsWithoutBrokerage: 401,
		accountsWhileLoading: 200,
		expires: "instant",
		pacing: true,
		penaltyMs: 900_000,
		heartbeatMs: 10_000,
		socketGraceMs: 3_000,
		userName: "sim-user",
		user: new IbkrUser(),
		region: "NJ",
		accounts: ["DU0000001"],
		clockOffsetMs: 0,
		timeToleranceMs: 300_000,
		lstExpiration: "end",
		...options,
		loggedOut: { tickle: 401, status: 200, init: 401, validate: 401, logout: 200, ...options.loggedOut },
	};
}
