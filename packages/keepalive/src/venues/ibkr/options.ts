import { OptionError } from "@x/base/errors";
import { isObject, withoutUndefined } from "@x/base/objects";
import {
	boolean,
	checkOptions,
	func,
	milliseconds,
	nonEmptyString,
	number,
	type OptionalRule,
	type OptionSchema,
	object,
	oneOf,
	optional,
	rule,
	secret,
} from "@x/base/option-schema";
import {
	checkIbkrHttpOptions,
	createIbkrPacing,
	type IbkrHidden,
	type IbkrHttp,
	type IbkrHttpOptions,
	type IbkrSocketOptions,
	ibkrDefaults,
	ibkrProcessPenaltyBox,
} from "@x/ibkr-session";
import type { Opened } from "../../session.ts";
import type { IbkrLoss } from "./session-losses.ts";

/** Options of {@link ibkr}. Times are in milliseconds. */
export interface IbkrSessionOptions<Name extends string = string> {
	/** Unique among the sessions of one keeper. Default `ibkr`. */
	readonly name?: Name;
	/**
	 * How the user logs in. `gateway`: a person logs in at the page of the Client Portal Gateway. `oauth1`, `oauth2`:
	 * `client.authorize` signs each request by OAuth 1.0a or 2.0. Default `gateway`.
	 */
	readonly mode?: "gateway" | "oauth1" | "oauth2";
	/**
	 * Options that are passed on to `@x/ibkr-session`:
	 *
	 * - `authorize`: required with OAuth.
	 * - `baseUrl`: with OAuth, defaults to `https://api.ibkr.com/v1/api`.
	 * - `pacing`: the rate limiter, which all sessions of the same user have to share. Default: one for this session and all its
	 *   connections.
	 * - `fetch`: for a gateway, pass `gatewayFetch` of `@x/ibkr-session/gateway`, which trusts the certificate of the gateway.
	 */
	readonly client?: IbkrHttpOptions;
	/**
	 * With OAuth: called when the venue has rejected the token of `authorize`. Makes a new live session token or bearer token. Pass
	 * `renew` of `createIbkrConsumer().user()` or of `createIbkrBearer()`, for example. Default: no function; a person then has to
	 * make the new token.
	 */
	readonly renew?: () => Promise<unknown>;
	/**
	 * Whether to take the brokerage session over from another login of the same user, at most `maxTakeoversPerDay` times:
	 *
	 * - `false` (default): never; the other login keeps the brokerage session.
	 * - `true`: from any other login.
	 * - `"takeover"`: with `leaderSession`, once after this process has become the leader. This takes the session from the previous
	 *   leader, but not from a person who logs in later.
	 *
	 * Some keys can open a session only by an init with `compete: true`. With such a key, `"takeover"` also sends this init later,
	 * but only while IBKR reports no other session.
	 */
	readonly compete?: boolean | "takeover";
	/** Whether close() logs out. Default: true with OAuth; false at a gateway, where a person would have to log in again. */
	readonly logoutOnClose?: boolean;
	/**
	 * Interval between tickles, 1 200 to 100 000. Default 20 000. IBKR asks for one tickle a minute, and allows one a second. If
	 * the gateway hangs, the session is still reported as alive for up to `tickleMs` plus `client.callTimeoutMs`.
	 */
	readonly tickleMs?: number;
	/** How long IBKR keeps a session that sends no request, 3 000 to 300 000. Default 300 000, the shortest time that IBKR documents. */
	readonly ttlMs?: number;
	/**
	 * Interval between status reads while a session opens, 500 to 60 000. Default 1 000. A status read, and the read of the accounts
	 * that may follow, count towards the ten calls per second that IBKR allows.
	 */
	readonly pollMs?: number;
	/** How long a session may take to become ready, 1 000 to 600 000. Default 120 000. */
	readonly readyTimeoutMs?: number;
	/**
	 * How long to wait before the next attempt when another session of the user holds the brokerage session, 100 to 3 600 000.
	 * Default 60 000.
	 */
	readonly yieldMs?: number;
	/**
	 * First delay of the back-off between two inits, and between two calls of `renew`, 100 to 1 800 000. Default 60 000. The delay doubles
	 * up to 30 minutes, and is reset once a session has lasted for ten times the first delay. The first init after a loss is not delayed.
	 */
	readonly initBackoffMs?: number;
	/**
	 * With `compete`: maximum number of inits in any 24 hours that may end another session, 1 to 100. Once this number is reached,
	 * the session yields as if `compete` were false, so that two competing programs do not end each other's sessions forever.
	 * Default 10.
	 */
	readonly maxTakeoversPerDay?: number;
	/**
	 * The region in which IBKR serves the user. It decides when the nightly reset is, during which a loss is expected. Default: as reported
	 * by `POST /sso/validate`; `america` before the first validation and with OAuth 1.0a.
	 */
	readonly region?: "america" | "europe" | "asia";
	/** Maximum number of inits in any 24 hours, 1 to 1 000. Default 100, because IBKR has blocked users that sent more. */
	readonly maxInitsPerDay?: number;
	/**
	 * If set, the session also keeps a WebSocket connected, and is alive only while the WebSocket is connected. A WebSocket that
	 * receives only heartbeats counts as connected: see `layers.socket`. Default false.
	 */
	readonly socket?: IbkrSessionSocketOptions | boolean;
	/**
	 * What accounts and login type the login must have; checked after every login. With any other login the session is blocked until the
	 * expected one is back. This matters at a gateway, where a person may log in as another user, or for paper trading instead of live
	 * trading. Default: any login.
	 */
	readonly expect?: {
		/** Account numbers that the login must have; it may have others too. No error, status or log shows account numbers. */
		readonly accounts?: readonly string[];
		/**
		 * Whether the login must be for live or for paper trading. IBKR reports the type with the accounts. If the type is missing there, the
		 * session reads it from a validation, which is allowed once a minute.
		 */
		readonly loginType?: "live" | "paper";
	};
	/**
	 * Called at every open, including the first: after the venue has proved the session alive, and before the keeper reports it as
	 * alive. `losses` says what has to be redone, such as suppressing the questions that IBKR asks about orders. If the function
	 * throws or rejects, the open fails and is tried again.
	 */
	readonly onOpen?: (opened: Opened<IbkrHttp, IbkrLoss>) => unknown;
}

/** Options of the WebSocket that the session keeps in addition to its tickles. Times are in milliseconds. */
export interface IbkrSessionSocketOptions extends Pick<IbkrSocketOptions, "WebSocket" | "onTopic"> {
	/** Required with OAuth. Called for each new socket: returns the access token of OAuth 1.0a or the bearer token of OAuth 2.0. */
	readonly token?: () => string | IbkrHidden<string> | Promise<string | IbkrHidden<string>>;
	/** Interval between two `tic` frames, 1 000 to 60 000. Default 30 000. */
	readonly ticMs?: number;
	/**
	 * How long a socket may receive no frame before it counts as dead, 1 000 to 120 000. Default 35 000; IBKR sends a heartbeat every
	 * 10 000 ms.
	 */
	readonly deadMs?: number;
}

type NoDefault = "renew" | "region" | "expect" | "onOpen";

/** {@link IbkrSessionOptions} with every default filled in. */
export interface IbkrSettings
	extends Required<Omit<IbkrSessionOptions, NoDefault | "socket" | "client">>,
		Pick<IbkrSessionOptions, NoDefault> {
	readonly client: IbkrHttpOptions &
		Required<Pick<IbkrHttpOptions, "baseUrl" | "pacing" | "penaltyBox" | "callTimeoutMs">>;
	/** The settings of the socket; undefined if the option `socket` is off. */
	readonly socket: IbkrSocketSettings | undefined;
}

/** {@link IbkrSessionSocketOptions} with every default filled in. */
export type IbkrSocketSettings = IbkrSessionSocketOptions &
	Required<Pick<IbkrSessionSocketOptions, "ticMs" | "deadMs">>;

const packageName = "@x/keepalive/ibkr";

/** A rule for functions. Its errors do not show the value, because a program may pass a token by mistake. */
const callback = <T>(): OptionalRule<T> => optional(secret(func<T>()));

const socketSchema: OptionSchema<IbkrSessionSocketOptions> = {
	WebSocket: callback(),
	token: callback(),
	ticMs: optional(milliseconds({ min: 1_000, max: 60_000 })),
	deadMs: optional(milliseconds({ min: 1_000, max: 120_000 })),
	onTopic: callback(),
};

/** @param socket - the value of the option `socket`. */
const schema = (socket: unknown): OptionSchema<IbkrSessionOptions> => ({
	name: optional(nonEmptyString()),
	mode: optional(oneOf("gateway", "oauth1", "oauth2")),
	// Checks only the type, because the client checks its own options.
	client: optional(rule("an object", isObject)),
	renew: callback(),
	compete: optional(oneOf<boolean | "takeover">(false, true, "takeover")),
	logoutOnClose: optional(boolean()),
	tickleMs: optional(milliseconds({ min: 1_200, max: 100_000 })),
	ttlMs: optional(milliseconds({ min: 3_000, max: 300_000 })),
	pollMs: optional(milliseconds({ min: 500, max: 60_000 })),
	readyTimeoutMs: optional(milliseconds({ min: 1_000, max: 600_000 })),
	yieldMs: optional(milliseconds({ min: 100, max: 3_600_000 })),
	initBackoffMs: optional(milliseconds({ min: 100, max: 1_800_000 })),
	maxTakeoversPerDay: optional(number({ min: 1, max: 100 })),
	region: optional(oneOf("america", "europe", "asia")),
	maxInitsPerDay: optional(number({ min: 1, max: 1_000 })),
	socket: optional<IbkrSessionSocketOptions | boolean>(typeof socket === "boolean" ? boolean() : object(socketSchema)),
	expect: optional(
		secret(
			object<NonNullable<IbkrSessionOptions["expect"]>>({
				accounts: optional(
					rule(
						"a non-empty list of account numbers",
						(value) =>
							Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === "string" && each),
					),
				),
				loginType: optional(oneOf("live", "paper")),
			}),
		),
	),
	onOpen: callback(),
});

/** The defaults of those options that have a fixed default. */
export const ibkrSessionDefaults = Object.freeze({
	name: "ibkr",
	mode: "gateway",
	compete: false,
	tickleMs: 20_000,
	ttlMs: 300_000,
	pollMs: 1_000,
	readyTimeoutMs: 120_000,
	yieldMs: 60_000,
	initBackoffMs: 60_000,
	maxInitsPerDay: 100,
	maxTakeoversPerDay: 10,
}) satisfies IbkrSessionOptions;

const socketDefaults = Object.freeze({ ticMs: 30_000, deadMs: 35_000 });

/**
 * Checks the options, including the options of the client, and fills in the defaults.
 *
 * @throws OptionError that names the option.
 */
export function resolveIbkrOptions(options: IbkrSessionOptions): IbkrSettings {
	checkOptions<IbkrSessionOptions>(packageName, schema(options?.socket), options);
	const given = withoutUndefined(options);
	const { client } = given;
	const isOAuth = (given.mode ?? ibkrSessionDefaults.mode) !== "gateway";
	if (isOAuth && !client?.authorize) throw new OptionError(packageName, "client.authorize", "is required with OAuth");
	if (!isOAuth && given.renew) throw new OptionError(packageName, "renew", "is only allowed with OAuth");
	if (client) checkIbkrHttpOptions(client);
	return {
		...ibkrSessionDefaults,
		logoutOnClose: isOAuth,
		...given,
		client: {
			...client,
			baseUrl: client?.baseUrl ?? ibkrDefaults[isOAuth ? "oauthBaseUrl" : "baseUrl"],
			callTimeoutMs: client?.callTimeoutMs ?? ibkrDefaults.callTimeoutMs,
			// All connections of the session share one rate limiter, so that the calls of the previous connection still count.
			pacing:
				client?.pacing ??
				createIbkrPacing({ callsPerSecond: ibkrDefaults[isOAuth ? "oauthCallsPerSecond" : "callsPerSecond"] }),
			penaltyBox: client?.penaltyBox ?? ibkrProcessPenaltyBox,
		},
		socket: resolveSocket(given.socket, isOAuth),
	};
}

function resolveSocket(socket: IbkrSessionOptions["socket"], isOAuth: boolean): IbkrSocketSettings | undefined {
	if (!socket) return undefined;
	const given = socket === true ? {} : withoutUndefined(socket);
	if (isOAuth && !given.token) throw new OptionError(packageName, "socket.token", "is required with OAuth");
	if (!isOAuth && given.token) throw new OptionError(packageName, "socket.token", "is only allowed with OAuth");
	return { ...socketDefaults, ...given };
}

/** Advice on options that are allowed but unwise, one sentence each. */
export function warningsOf({ mode, client, renew, logoutOnClose, tickleMs, ttlMs, socket }: IbkrSettings): string[] {
	const warnings: string[] = [];
	if (client.pacing === false) {
		warnings.push("client.pacing is false: a call that exceeds a rate limit locks the source address for 15 minutes");
	}
	if (mode !== "gateway" && !renew) {
		warnings.push("renew is not set: when the venue rejects the token, a person has to make a new one");
	}
	if (mode === "gateway" && logoutOnClose) {
		warnings.push("logoutOnClose is true at a gateway: a person has to log in again after each close");
	}
	if (tickleMs >= ttlMs) {
		warnings.push(`tickleMs (${tickleMs}) is not below ttlMs (${ttlMs}): tickles are sent every ttlMs / 3 instead`);
	}
	if (socket && socket.deadMs <= heartbeatMs) {
		warnings.push(`socket.deadMs (${socket.deadMs}) is not above ${heartbeatMs}, the interval of IBKR's heartbeats`);
	}
	return warnings;
}

/** Interval of the heartbeats that IBKR sends over a socket, in milliseconds. */
const heartbeatMs = 10_000;
