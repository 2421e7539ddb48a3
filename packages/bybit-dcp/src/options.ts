import { type BybitSigner, createBybitSigner } from "./auth/sign.ts";
import { type Ban, banOf } from "./http/ban.ts";
import { hostUrl, integer, onlyNames, optionalFunction, optionError } from "./option-checks.ts";
import { type Redact, redactor } from "./redact.ts";

/** A key, and how to sign with it: exactly one of `apiSecret` and `signer`. */
export type BybitKey =
	| {
			/** The key. It belongs to one environment (mainnet, testnet) and works on no other. */
			readonly apiKey: string;
			/** The secret of a system-generated key, or the PKCS #8 PEM text of a self-generated key's private key. */
			readonly apiSecret: string;
			readonly signer?: undefined;
	  }
	| {
			readonly apiKey: string;
			readonly apiSecret?: undefined;
			/** Signs in place of a secret that this process does not hold. */
			readonly signer: BybitSigner;
	  };

/** The settings of {@link createBybitHttp} beside the key. */
export interface BybitHttpSettings {
	/** Default `https://api.bybit.com`. Plain `http:` is taken for this machine only; demo trading has no DCP. */
	readonly baseUrl?: string;
	/** How old a signed call may be when it arrives, in milliseconds, 100 to 60 000. Default 5 000. It never grows by itself. */
	readonly recvWindowMs?: number;
	/** The deadline of one call, reading the body included, in milliseconds, 1 to 600 000. Default 5 000. */
	readonly callTimeoutMs?: number;
	/** Default: the global `fetch`, looked up at each call. */
	readonly fetch?: typeof fetch;
	/** This machine's clock in epoch milliseconds. Default `Date.now`. */
	readonly now?: () => number;
}

/** The settings of {@link connectBybit} beside the key. */
export interface BybitSocketSettings {
	/** Default `wss://stream.bybit.com/v5/private`. The `dcp.*` topics exist on the private path only. */
	readonly url?: string;
	/**
	 * After how many seconds without a ping the venue ends the connection, 30 to 600. Default 30.
	 *
	 * The venue looks every 30 s, so a dead connection is noticed up to 30 s later still. Without this setting it is 600.
	 */
	readonly maxActiveTimeSeconds?: number;
	/** Deadline for the socket to open, in milliseconds. Default 5 000. */
	readonly connectTimeoutMs?: number;
	/** Deadline for the answer to authentication, in milliseconds. Default 5 000. */
	readonly authTimeoutMs?: number;
	/** Deadline for the answer to a subscription, in milliseconds. Default 5 000. */
	readonly subscribeTimeoutMs?: number;
	/** Deadline for a pong, in milliseconds. Default 3 000. */
	readonly pongTimeoutMs?: number;
	/** How long `close` waits for the venue's close frame, in milliseconds. Default 1 000. */
	readonly closeTimeoutMs?: number;
	/** Default: the global `WebSocket`, looked up when connecting. */
	readonly WebSocket?: typeof WebSocket;
	/** The venue's clock in epoch milliseconds, such as `http.serverNow`. Default `Date.now`. */
	readonly now?: () => number;
	/** Called with each message of a topic, in a microtask of its own. What it throws goes to `onUnexpected`. */
	readonly onTopic?: (message: BybitTopicMessage) => void;
	/** Called for each frame that could not be used, and when a handler threw. Never fatal. */
	readonly onUnexpected?: (strange: BybitUnexpectedMessage) => void;
}

/** A message of a topic. What `dcp.*` topics carry is not documented, so `frame` is the message as it came. */
export interface BybitTopicMessage {
	/** As it was subscribed, such as `order`. */
	readonly topic: string;
	/** The whole message. */
	readonly frame: Readonly<Record<string, unknown>>;
}

/** A frame that could not be used. It carries nothing of the frame, which may hold anything. */
export interface BybitUnexpectedMessage {
	/** What was wrong with it; `unasked` is an answer to no open request, such as one that came after its deadline. */
	readonly reason: "binary" | "not-json" | "unknown-form" | "unasked" | "handler-threw";
	/** For people. */
	readonly detail: string;
}

/** What {@link createBybitHttp} takes: a key, and settings that all have a default. */
export type BybitHttpOptions = BybitKey & BybitHttpSettings;
/** What {@link connectBybit} takes: a key, and settings that all have a default. */
export type BybitSocketOptions = BybitKey & BybitSocketSettings;

export const httpDefaults = Object.freeze({
	baseUrl: "https://api.bybit.com",
	recvWindowMs: 5_000,
	callTimeoutMs: 5_000,
});

export const socketDefaults = Object.freeze({
	url: "wss://stream.bybit.com/v5/private",
	maxActiveTimeSeconds: 30,
	connectTimeoutMs: 5_000,
	authTimeoutMs: 5_000,
	subscribeTimeoutMs: 5_000,
	pongTimeoutMs: 3_000,
	closeTimeoutMs: 1_000,
});

/** Beside those with a default. What TypeScript refuses, plain JavaScript would pass over: a misspelt host would be the default one. */
const keyNames = ["apiKey", "apiSecret", "signer", "now"];

/** @throws BybitError of kind `options`, before anything connects. */
export function resolveHttpOptions(options: BybitHttpOptions) {
	onlyNames(options, [...keyNames, "fetch", ...Object.keys(httpDefaults)]);
	const { href, host } = hostUrl("baseUrl", options.baseUrl ?? httpDefaults.baseUrl, "https:", "http:");
	// By the `fetch` that was handed in: one of its own is how a client leaves by another address.
	const ban: Ban = banOf(optionalFunction("fetch", options.fetch) ?? globalThis, host);
	return {
		...resolveKey(options),
		baseUrl: href.replace(/\/+$/, ""),
		ban,
		recvWindowMs: integer("recvWindowMs", options.recvWindowMs ?? httpDefaults.recvWindowMs, 100, 60_000),
		callTimeoutMs: integer("callTimeoutMs", options.callTimeoutMs ?? httpDefaults.callTimeoutMs, 1, 600_000),
		fetch: options.fetch ?? ((...args: Parameters<typeof fetch>) => globalThis.fetch(...args)),
		now: optionalFunction("now", options.now) ?? (() => Date.now()),
	};
}

/** @throws BybitError of kind `options`, before anything connects. */
export function resolveSocketOptions(options: BybitSocketOptions) {
	onlyNames(options, [...keyNames, "WebSocket", "onTopic", "onUnexpected", ...Object.keys(socketDefaults)]);
	const url = hostUrl("url", options.url ?? socketDefaults.url, "wss:", "ws:");
	if (!url.pathname.endsWith("/v5/private")) {
		throw optionError("url", "has another path than /v5/private: the dcp.* topics exist there only");
	}
	const { maxActiveTimeSeconds = socketDefaults.maxActiveTimeSeconds } = options;
	integer("maxActiveTimeSeconds", maxActiveTimeSeconds, 30, 600);
	url.searchParams.set("max_active_time", `${maxActiveTimeSeconds}s`);
	const timeout = (name: Timeout): number => integer(name, options[name] ?? socketDefaults[name], 1, 600_000);
	return {
		connectTimeoutMs: timeout("connectTimeoutMs"),
		authTimeoutMs: timeout("authTimeoutMs"),
		subscribeTimeoutMs: timeout("subscribeTimeoutMs"),
		pongTimeoutMs: timeout("pongTimeoutMs"),
		closeTimeoutMs: timeout("closeTimeoutMs"),
		...resolveKey(options),
		url: url.href,
		maxActiveTimeSeconds,
		WebSocket: optionalFunction("WebSocket", options.WebSocket) ?? platformSocket(),
		now: optionalFunction("now", options.now) ?? (() => Date.now()),
		onTopic: optionalFunction("onTopic", options.onTopic),
		onUnexpected: optionalFunction("onUnexpected", options.onUnexpected),
	};
}

type Timeout = Extract<keyof BybitSocketSettings, `${string}TimeoutMs`>;

export type ResolvedHttpOptions = ReturnType<typeof resolveHttpOptions>;
export type ResolvedSocketOptions = ReturnType<typeof resolveSocketOptions>;

function resolveKey({ apiKey, apiSecret, signer }: BybitKey): { apiKey: string; sign: BybitSigner; redact: Redact } {
	for (const [name, value] of Object.entries({ apiKey, apiSecret })) {
		if (name === "apiSecret" && value === undefined) continue;
		if (typeof value === "string" && value !== "") continue;
		// Not even a number is shown: a secret may be one by mistake.
		throw optionError(
			name,
			`must be a text, not ${value === "" ? "an empty text" : `a value of type ${typeof value}`}`,
		);
	}
	// It goes into a header as it is. Most often a line's end that was read from a file with it.
	if (!/^[!-~]+$/.test(apiKey))
		throw optionError("apiKey", "holds a space, a line's end or another sign that no key has");
	if ((apiSecret === undefined) === (signer === undefined)) {
		throw optionError("apiSecret", "or option signer must be given, and not both");
	}
	optionalFunction("signer", signer);
	// The check above leaves exactly one of the two.
	const sign = signer ?? createBybitSigner(apiSecret as string);
	return { apiKey, sign, redact: redactor([apiKey, apiSecret]) };
}

function platformSocket(): typeof WebSocket {
	if (typeof globalThis.WebSocket === "function") return globalThis.WebSocket;
	throw optionError("WebSocket", "must be given: this platform has no global one");
}
