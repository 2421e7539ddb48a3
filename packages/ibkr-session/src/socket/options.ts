import { OptionError } from "@x/base/errors";
import {
	checkOptions,
	func,
	type OptionSchema,
	object,
	oneOf,
	optional,
	type Rule,
	rule,
	secret,
} from "@x/base/option-schema";
import { packageName } from "../errors.ts";
import { IbkrHidden } from "../hidden-value.ts";
import { baseUrlRule, headerRule, ibkrDefaults, timeoutRule, withoutTrailingSlash } from "../options.ts";
import type { IbkrSocketStatus } from "./frames.ts";

/**
 * Reports a message that could not be used. The report quotes nothing of the message, which may hold user names and
 * accounts.
 */
export interface IbkrUnexpectedMessage {
	/**
	 * - `binary`: neither text nor an `ArrayBuffer`;
	 * - `too-long`: more than 1 000 000 characters or bytes; the message is not parsed;
	 * - `not-json`, `unknown-form`: not JSON, or JSON of a form that this package does not know;
	 * - `handler-threw`: the message was valid, but `onStatus` or `onTopic` threw or rejected.
	 */
	readonly reason: "binary" | "too-long" | "not-json" | "unknown-form" | "handler-threw";
}

/** The options of {@link connectIbkr}. Durations are in milliseconds, 1 to 600 000. */
export interface IbkrSocketOptions {
	/** The `session` of the latest tickle. */
	readonly session: string | IbkrHidden<string>;
	/**
	 * How the session is sent to the venue. Default: `cookie` if the option `token` is set, otherwise `frame`.
	 * - `frame`: in the first message. This works at a gateway.
	 * - `cookie`: in a header of the handshake, which the venue requires with OAuth. The WebSocket class must accept headers, as
	 *   the classes of Node and of `ws` do. If the venue still asks for the session, the session is also sent as a message.
	 */
	readonly sessionBy?: "frame" | "cookie";
	/** The `User-Agent` header, sent with the cookie. Default `x-ibkr-session`. */
	readonly userAgent?: string;
	/** The base URL, as for {@link createIbkrHttp}. The socket is at the path `/ws` below this URL. */
	readonly baseUrl?: string | URL;
	/** The token, required with OAuth. It is sent in the URL, as the venue requires. */
	readonly token?: {
		readonly version: "oauth1" | "oauth2";
		/** The access token of OAuth 1.0a, or the bearer token of OAuth 2.0. */
		readonly value: string | IbkrHidden<string>;
	};
	/**
	 * The WebSocket class. Default: the global `WebSocket`, looked up when connecting. The global class cannot trust a gateway's
	 * self-signed certificate: pass a class that does, such as a subclass of the `WebSocket` of `ws` with its option `ca`.
	 */
	readonly WebSocket?: typeof WebSocket;
	/** Deadline for the venue to recognize the session. Default 12 000, longer than the 10 000 ms between heartbeats. */
	readonly readyTimeoutMs?: number;
	/** Deadline for the reply to a `tic`. Default 10 000. */
	readonly ticTimeoutMs?: number;
	/** How long `close` waits for the venue's close frame. Default 1 000. */
	readonly closeTimeoutMs?: number;
	/** Called when the status, merged from all messages so far, has changed. */
	readonly onStatus?: (status: IbkrSocketStatus) => void;
	/**
	 * Called for each message whose topic the connection does not use itself. The message may hold user names and
	 * accounts.
	 */
	readonly onTopic?: (topic: string, frame: Readonly<Record<string, unknown>>) => void;
	/** Called for each message that could not be used, and when a callback threw or rejected. The connection stays open. */
	readonly onUnexpected?: (unexpected: IbkrUnexpectedMessage) => void;
}

/**
 * Checks the options of {@link connectIbkr}.
 *
 * @throws OptionError.
 */
export function checkIbkrSocketOptions(options: IbkrSocketOptions): void {
	const token: OptionSchema<NonNullable<IbkrSocketOptions["token"]>> = {
		version: oneOf("oauth1", "oauth2"),
		value: secretRule(),
	};
	const schema: OptionSchema<IbkrSocketOptions> = {
		session: secretRule(),
		sessionBy: optional(oneOf("frame", "cookie")),
		userAgent: optional(headerRule()),
		baseUrl: optional(baseUrlRule()),
		token: optional(object(token)),
		WebSocket: optional(func()),
		readyTimeoutMs: optional(timeoutRule()),
		ticTimeoutMs: optional(timeoutRule()),
		closeTimeoutMs: optional(timeoutRule()),
		onStatus: optional(func()),
		onTopic: optional(func()),
		onUnexpected: optional(func()),
	};
	checkOptions(packageName, schema, options);
}

/** The options with their defaults, checked. @throws OptionError. */
export function resolveSocketOptions(options: IbkrSocketOptions) {
	checkIbkrSocketOptions(options);
	const { token, WebSocket: Socket = globalThis.WebSocket, sessionBy = token ? "cookie" : "frame" } = options;
	const { readyTimeoutMs = 12_000, ticTimeoutMs = 10_000, closeTimeoutMs = 1_000 } = options;
	const { onStatus, onTopic, onUnexpected } = options;
	if (typeof Socket !== "function") {
		throw new OptionError(packageName, "WebSocket", "must be given: this platform has no global WebSocket");
	}
	const { url, headers } = handshakeOf(options);
	return {
		session: reveal(options.session),
		sessionBy,
		open: () => {
			// The cast is needed because the standard WebSocket constructor takes no headers. The classes of Node and of `ws` do.
			const Made = Socket as new (url: string, init?: { headers: typeof headers }) => WebSocket;
			return sessionBy === "cookie" ? new Made(url, { headers }) : new Made(url);
		},
		readyTimeoutMs,
		ticTimeoutMs,
		closeTimeoutMs,
		onStatus,
		onTopic,
		onUnexpected,
	};
}

/**
 * The URL and the headers of the handshake that sends the session. The URL and the headers hold secrets. The options
 * must have been checked before.
 */
export function handshakeOf({ baseUrl, token, session, userAgent }: IbkrSocketOptions) {
	const url = new URL(`${withoutTrailingSlash(baseUrl ?? ibkrDefaults.baseUrl)}/ws`);
	url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
	if (token) url.searchParams.set(token.version === "oauth1" ? "oauth_token" : "bearer_token", reveal(token.value));
	const headers = { cookie: `api=${reveal(session)}`, "user-agent": userAgent ?? ibkrDefaults.userAgent };
	return { url: url.href, headers };
}

export type SocketSettings = ReturnType<typeof resolveSocketOptions>;

/** The rule for a secret text that is sent in a header or in a URL. */
const secretRule = (): Rule<string | IbkrHidden<string>> =>
	secret(
		rule("printable ASCII without spaces", (value) => {
			const text: unknown = value instanceof IbkrHidden ? value.reveal() : value;
			return typeof text === "string" && /^[\x21-\x7e]+$/.test(text);
		}),
	);

function reveal(value: string | IbkrHidden<string>): string {
	return value instanceof IbkrHidden ? value.reveal() : value;
}
