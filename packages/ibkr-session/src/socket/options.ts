import { IbkrError } from "../errors.ts";
import { IbkrHidden } from "../hidden.ts";
import { type Names, onlyKnown } from "../known.ts";
import { baseUrlOf, headerTextOf, ibkrDefaults, millisecondsOf } from "../options.ts";
import type { IbkrSocketStatus } from "./frames.ts";

/** A frame that could not be used. Its text is not told: frames carry user names and accounts. */
export interface IbkrUnexpectedMessage {
	/**
	 * - `binary`: neither text nor an `ArrayBuffer`;
	 * - `not-json`, `unknown-form`: no frame that the venue is known to send;
	 * - `handler-threw`: the frame was good, and `onStatus` or `onTopic` threw.
	 */
	readonly reason: "binary" | "not-json" | "unknown-form" | "handler-threw";
}

/** Settings of {@link connectIbkr}. Times are milliseconds, 1 to 600 000. */
export interface IbkrSocketOptions {
	/** The `session` of the latest tickle. */
	readonly session: string | IbkrHidden<string>;
	/**
	 * How the session is told: as the `frame` that the socket begins with, which works at a gateway, or as the `cookie` that
	 * the venue wants with OAuth, for which the WebSocket class has to take headers as that of Node and of the package `ws`
	 * do. Where the venue says that it waits for the session, it gets the frame in either case. Default `cookie` with `token`,
	 * else `frame`.
	 */
	readonly sessionBy?: "frame" | "cookie";
	/** The `User-Agent` header, sent with the cookie. Default `x-ibkr-session`. */
	readonly userAgent?: string;
	/** As in the client: the socket is at `/ws` below it. */
	readonly baseUrl?: string;
	/** With OAuth: the access token of 1.0a, or the bearer of 2.0. Goes into the address, as the venue wants it. */
	readonly token?: {
		readonly version: "oauth1" | "oauth2";
		readonly value: string | IbkrHidden<string>;
	};
	/**
	 * Default: the global one, read when connecting. It cannot trust a gateway's self-signed certificate: hand in one that
	 * does, such as a subclass of that of the package `ws` with its `ca`.
	 */
	readonly WebSocket?: typeof WebSocket;
	/** From the beginning until the venue recognised the session. Default 10 000; its first frame is due within 5 000 of the connect. */
	readonly readyTimeoutMs?: number;
	/** For the answer to a `tic`. Default 10 000. */
	readonly ticTimeoutMs?: number;
	/** For the venue's answer to a close. Default 1 000. */
	readonly closeTimeoutMs?: number;
	/** Told whenever the merged status changed. */
	readonly onStatus?: (status: IbkrSocketStatus) => void;
	/** Told every frame of a topic that the socket does not need itself, as it came. It can carry user names and accounts. */
	readonly onTopic?: (topic: string, frame: Readonly<Record<string, unknown>>) => void;
	/** Told of frames that could not be used. They end nothing. */
	readonly onUnexpected?: (frame: IbkrUnexpectedMessage) => void;
}

export interface SocketSettings {
	readonly session: string;
	readonly sessionBy: "frame" | "cookie";
	readonly open: () => WebSocket;
	readonly readyTimeoutMs: number;
	readonly ticTimeoutMs: number;
	readonly closeTimeoutMs: number;
	readonly onStatus: ((status: IbkrSocketStatus) => void) | undefined;
	readonly onTopic: ((topic: string, frame: Readonly<Record<string, unknown>>) => void) | undefined;
	readonly onUnexpected: ((frame: IbkrUnexpectedMessage) => void) | undefined;
}

const names: Names<IbkrSocketOptions> = {
	session: 1,
	sessionBy: 1,
	userAgent: 1,
	baseUrl: 1,
	token: 1,
	WebSocket: 1,
	readyTimeoutMs: 1,
	ticTimeoutMs: 1,
	closeTimeoutMs: 1,
	onStatus: 1,
	onTopic: 1,
	onUnexpected: 1,
};

/** @throws IbkrError of kind `options` that names the option and quotes no secret. */
export function resolveSocketOptions(options: IbkrSocketOptions): SocketSettings {
	onlyKnown(options, names);
	const url = new URL(`${baseUrlOf(options.baseUrl ?? ibkrDefaults.baseUrl)}/ws`);
	url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
	const { token, onStatus, onTopic, onUnexpected, sessionBy = token === undefined ? "frame" : "cookie" } = options;
	if (sessionBy !== "frame" && sessionBy !== "cookie") throw wrong("sessionBy", '"frame" or "cookie"', sessionBy);
	if (token !== undefined) {
		const name = { oauth1: "oauth_token", oauth2: "bearer_token" }[token.version];
		if (name === undefined) throw wrong("token.version", '"oauth1" or "oauth2"', token.version);
		url.searchParams.set(name, secretOf("token.value", token.value));
	}
	for (const [name, value] of Object.entries({ onStatus, onTopic, onUnexpected, WebSocket: options.WebSocket })) {
		if (value !== undefined && typeof value !== "function") throw wrong(name, "a function", value);
	}
	const session = secretOf("session", options.session);
	const headers = {
		cookie: `api=${session}`,
		"user-agent": headerTextOf("userAgent", options.userAgent ?? ibkrDefaults.userAgent),
	};
	return {
		session,
		sessionBy,
		open: () => {
			const Socket: unknown = options.WebSocket ?? globalThis.WebSocket;
			if (typeof Socket !== "function") throw wrong("WebSocket", "given, as this runtime has none", Socket);
			// The standard has no second argument of this form; Node's class and that of `ws` do.
			const Made = Socket as new (url: string, init?: { headers: typeof headers }) => WebSocket;
			return sessionBy === "cookie" ? new Made(url.href, { headers }) : new Made(url.href);
		},
		readyTimeoutMs: millisecondsOf("readyTimeoutMs", options.readyTimeoutMs ?? 10_000),
		ticTimeoutMs: millisecondsOf("ticTimeoutMs", options.ticTimeoutMs ?? 10_000),
		closeTimeoutMs: millisecondsOf("closeTimeoutMs", options.closeTimeoutMs ?? 1_000),
		onStatus,
		onTopic,
		onUnexpected,
	};
}

function secretOf(name: string, value: string | IbkrHidden<string>): string {
	const text: unknown = value instanceof IbkrHidden ? value.reveal() : value;
	// It stands in a header or in an address.
	if (typeof text !== "string" || !/^[\x21-\x7e]+$/.test(text))
		throw wrong(name, "printable ASCII without blanks", text);
	return text;
}

function wrong(name: string, expected: string, value: unknown): IbkrError {
	const message = `the option ${name} must be ${expected}, and a value of type ${typeof value} was given`;
	return new IbkrError(message, { kind: "options" });
}
