import { OptionError } from "@x/base/errors";
import {
	anyOf,
	boolean,
	checkOptions,
	func,
	milliseconds,
	type OptionSchema,
	objectWith,
	oneOf,
	optional,
	secret,
	string,
	url,
} from "@x/base/option-schema";
import { type DeribitSessionNames, deribitSessionNames } from "./auth/session-name-registry.ts";
import { packageName } from "./errors.ts";
import { DeribitCredits } from "./limits/credit-rate-limiter.ts";
import type { DeribitCallOptions } from "./method-types.ts";
import type { DeribitUnexpectedMessage } from "./socket/call-user-handlers.ts";
import type { DeribitNotification } from "./socket/read-frame.ts";

/** The options of `connectDeribit`. Every option has a default, and no option is read from an environment variable. */
export interface DeribitSocketOptions {
	/**
	 * URL of the WebSocket. Default: production, `wss://www.deribit.com/ws/api/v2`. The test environment is
	 * `wss://test.deribit.com/ws/api/v2`. A URL without TLS (`ws:`) is allowed only for this machine, because the client
	 * secret would be sent in clear text.
	 */
	readonly url?: string | URL;
	/** The WebSocket class. Default: `globalThis.WebSocket`, read each time a connection is opened. */
	readonly WebSocket?: typeof WebSocket;
	/** Deadline for opening the socket, in milliseconds, 1 to 600 000. Default 10 000. */
	readonly connectTimeoutMs?: number;
	/** Deadline of each call, in milliseconds, 1 to 600 000. Default 10 000. */
	readonly callTimeoutMs?: number;
	/**
	 * How long `logout()` and `disconnect()` wait for the venue's close frame, in milliseconds, 1 to 600 000. Default 3
	 * 000.
	 */
	readonly closeTimeoutMs?: number;
	/**
	 * Called with each notification of a subscribed channel, in order. If the handler throws, or returns a promise that
	 * rejects, the error is reported to `onUnexpected`. A handler that blocks the event loop blocks the replies to the
	 * venue's heartbeats too.
	 */
	readonly onNotification?: (notification: DeribitNotification) => unknown;
	/**
	 * Called when `cancelOnDisconnect`, `heartbeatSeconds` or `areTokensRejected` of the connection has changed, for
	 * example because other code sent a call over the same connection. If the handler throws, or returns a promise that
	 * rejects, the error is reported to `onUnexpected`.
	 */
	readonly onProtectionChanged?: () => unknown;
	/**
	 * The rate limiter of the account. Default: a new `DeribitCredits` for this connection. The venue counts by account,
	 * so pass the same `DeribitCredits` to all connections of an account, and to the next connection when you reconnect.
	 */
	readonly credits?: DeribitCredits;
	/**
	 * What happens to a call that would exceed the rate limit. `wait` (the default) sends it as soon as the credits allow,
	 * within its deadline; `refuse` fails it at once with an error of kind `credits`.
	 */
	readonly whenCreditsAreSpent?: "wait" | "refuse";
	/**
	 * The registry of the session names in use. Default: one registry for the whole program (each worker thread has its
	 * own).
	 */
	readonly sessionNames?: DeribitSessionNames;
	/** The Web Crypto API, used for the grant `client_signature`. Default: `globalThis.crypto`. */
	readonly crypto?: Pick<typeof globalThis.crypto, "subtle" | "getRandomValues">;
	/**
	 * Called with unexpected events that do not end the connection. If the handler throws, or returns a promise that
	 * rejects, the error is ignored.
	 */
	readonly onUnexpected?: (message: DeribitUnexpectedMessage) => unknown;
}

/** The options of `createDeribitHttp`. */
export interface DeribitHttpOptions {
	/**
	 * Base URL. Default `https://www.deribit.com/api/v2`. A URL without TLS (`http:`) is allowed only for this machine.
	 */
	readonly url?: string | URL;
	/** The fetch function. Default: `globalThis.fetch`, read at each call. */
	readonly fetch?: typeof fetch;
	/** Deadline of each call, including the response body, in milliseconds, 1 to 600 000. Default 10 000. */
	readonly callTimeoutMs?: number;
	/**
	 * The access token, sent as `Authorization: Bearer`. If it is a function, it is called for each request, so that the
	 * token can change.
	 */
	readonly accessToken?: string | (() => string | undefined);
}

/** The defaults of the options. */
export const deribitDefaults = Object.freeze({
	url: "wss://www.deribit.com/ws/api/v2",
	httpUrl: "https://www.deribit.com/api/v2",
	connectTimeoutMs: 10_000,
	callTimeoutMs: 10_000,
	closeTimeoutMs: 3_000,
	whenCreditsAreSpent: "wait" as "wait" | "refuse",
});

const timeout = /* @__PURE__ */ (() => optional(milliseconds({ min: 1, max: 600_000 })))();
const handler = /* @__PURE__ */ (() => optional(func()))();

const socketSchema: OptionSchema<DeribitSocketOptions> = /* @__PURE__ */ (() => ({
	url: optional(url("wss")),
	WebSocket: handler,
	connectTimeoutMs: timeout,
	callTimeoutMs: timeout,
	closeTimeoutMs: timeout,
	onNotification: handler,
	onProtectionChanged: handler,
	credits: optional(objectWith<DeribitCredits>("waitMs")),
	whenCreditsAreSpent: optional(oneOf("wait", "refuse")),
	sessionNames: optional(objectWith<DeribitSessionNames>("claim")),
	crypto: optional(objectWith<NonNullable<DeribitSocketOptions["crypto"]>>("getRandomValues")),
	onUnexpected: handler,
}))();

const httpSchema: OptionSchema<DeribitHttpOptions> = /* @__PURE__ */ (() => ({
	url: optional(url("https")),
	fetch: handler,
	callTimeoutMs: timeout,
	accessToken: optional(secret(anyOf<string | (() => string | undefined)>(string(), func()))),
}))();

const callSchema: OptionSchema<DeribitCallOptions> = /* @__PURE__ */ (() => ({
	signal: optional(objectWith<AbortSignal>("addEventListener")),
	timeoutMs: timeout,
	fromReserve: optional(boolean()),
}))();

/**
 * Checks the options of `connectDeribit` without opening a connection.
 *
 * @param path - where these options are in the caller's own options. If it is `client`, an error about `url` names
 * `client.url`.
 * @throws {OptionError} for an unknown option or a value that is not allowed.
 */
export function checkDeribitSocketOptions(options: DeribitSocketOptions, path?: string): void {
	checkOptions(packageName, socketSchema, options, path);
}

/**
 * @internal
 * @throws {OptionError} for an unknown option or a value that is not allowed.
 */
export function checkHttpOptions(options: DeribitHttpOptions): void {
	checkOptions(packageName, httpSchema, options);
}

/**
 * @internal
 * @throws {OptionError} for an unknown option or a value that is not allowed.
 */
export function checkCallOptions(options: DeribitCallOptions): void {
	checkOptions(packageName, callSchema, options);
}

/** The options of a connection after they were checked and every default was filled in. */
export interface DeribitResolvedOptions
	extends Readonly<
		Required<Omit<DeribitSocketOptions, "url" | "onNotification" | "onProtectionChanged" | "onUnexpected">>
	> {
	readonly url: URL;
	readonly onNotification: DeribitSocketOptions["onNotification"];
	readonly onProtectionChanged: DeribitSocketOptions["onProtectionChanged"];
	readonly onUnexpected: DeribitSocketOptions["onUnexpected"];
}

/**
 * @internal
 * @throws {OptionError} for an unknown option or a value that is not allowed.
 */
export function resolveOptions(options: DeribitSocketOptions): DeribitResolvedOptions {
	checkDeribitSocketOptions(options);
	const { WebSocket = globalThis.WebSocket, onNotification, onProtectionChanged, onUnexpected } = options;
	if (!WebSocket) throw new OptionError(packageName, "WebSocket", "is required: this runtime has no global WebSocket");
	return {
		url: new URL(options.url ?? deribitDefaults.url),
		WebSocket,
		connectTimeoutMs: options.connectTimeoutMs ?? deribitDefaults.connectTimeoutMs,
		callTimeoutMs: options.callTimeoutMs ?? deribitDefaults.callTimeoutMs,
		closeTimeoutMs: options.closeTimeoutMs ?? deribitDefaults.closeTimeoutMs,
		credits: options.credits ?? new DeribitCredits(),
		whenCreditsAreSpent: options.whenCreditsAreSpent ?? deribitDefaults.whenCreditsAreSpent,
		sessionNames: options.sessionNames ?? deribitSessionNames,
		crypto: options.crypto ?? globalThis.crypto,
		onNotification,
		onProtectionChanged,
		onUnexpected,
	};
}
