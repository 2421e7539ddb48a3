import { IbkrError } from "../errors.ts";
import { Hidden } from "../hidden.ts";
import { baseUrlOf, defaultOptions, millisecondsOf } from "../options.ts";
import type { SocketStatus } from "./frames.ts";

/** A frame that could not be used. Its text is not told: frames carry user names and accounts. */
export interface StrangeFrame {
	readonly reason: "binary" | "not-json" | "unknown-form" | "handler-threw";
}

/** Settings of {@link connectIbkrSocket}. Times are milliseconds, 1 to 600 000. */
export interface IbkrSocketOptions {
	/** The `session` of the latest tickle. */
	readonly session: string | Hidden<string>;
	/** As in the client: the socket is at `/ws` below it. */
	readonly baseUrl?: string;
	/** With OAuth: the access token of 1.0a, or the bearer of 2.0. Goes into the address, as the venue wants it. */
	readonly token?: {
		readonly version: "oauth1" | "oauth2";
		readonly value: string | Hidden<string>;
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
	readonly onStatus?: (status: SocketStatus) => void;
	/** Told every frame of a topic that the socket does not need itself, as it came. It can carry user names and accounts. */
	readonly onTopic?: (topic: string, frame: Readonly<Record<string, unknown>>) => void;
	/** Told of frames that could not be used. They end nothing. */
	readonly onStrange?: (frame: StrangeFrame) => void;
}

export interface SocketSettings {
	readonly url: string;
	readonly session: string;
	readonly open: (url: string) => WebSocket;
	readonly readyTimeoutMs: number;
	readonly ticTimeoutMs: number;
	readonly closeTimeoutMs: number;
	readonly onStatus: ((status: SocketStatus) => void) | undefined;
	readonly onTopic: ((topic: string, frame: Readonly<Record<string, unknown>>) => void) | undefined;
	readonly onStrange: ((frame: StrangeFrame) => void) | undefined;
}

/** @throws IbkrError of kind `options` that names the option and quotes no secret. */
export function resolveSocketOptions(options: IbkrSocketOptions): SocketSettings {
	const url = new URL(`${baseUrlOf(options.baseUrl ?? defaultOptions.baseUrl)}/ws`);
	url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
	const { token, onStatus, onTopic, onStrange } = options;
	if (token !== undefined) {
		const name = { oauth1: "oauth_token", oauth2: "bearer_token" }[token.version];
		if (name === undefined) throw wrong("token.version", '"oauth1" or "oauth2"', token.version);
		url.searchParams.set(name, secretOf("token.value", token.value));
	}
	for (const [name, value] of Object.entries({ onStatus, onTopic, onStrange, WebSocket: options.WebSocket })) {
		if (value !== undefined && typeof value !== "function") throw wrong(name, "a function", value);
	}
	return {
		url: url.href,
		session: secretOf("session", options.session),
		open: (address) => {
			const Socket = options.WebSocket ?? globalThis.WebSocket;
			if (typeof Socket !== "function") throw wrong("WebSocket", "given, as this runtime has none", Socket);
			return new Socket(address);
		},
		readyTimeoutMs: millisecondsOf("readyTimeoutMs", options.readyTimeoutMs ?? 10_000),
		ticTimeoutMs: millisecondsOf("ticTimeoutMs", options.ticTimeoutMs ?? 10_000),
		closeTimeoutMs: millisecondsOf("closeTimeoutMs", options.closeTimeoutMs ?? 1_000),
		onStatus,
		onTopic,
		onStrange,
	};
}

function secretOf(name: string, value: string | Hidden<string>): string {
	const text: unknown = value instanceof Hidden ? value.reveal() : value;
	if (typeof text !== "string" || text === "") throw wrong(name, "a text that is not empty", text);
	return text;
}

function wrong(name: string, expected: string, value: unknown): IbkrError {
	const message = `the option ${name} must be ${expected}, and a value of type ${typeof value} was given`;
	return new IbkrError(message, { kind: "options" });
}
