import { OptionError } from "@x/base/errors";
import { withoutUndefined } from "@x/base/objects";
import {
	checkOptions,
	func,
	integer,
	nonEmptyString,
	type OptionSchema,
	objectWith,
	optional,
	type Rule,
	rule,
	secret,
	url,
} from "@x/base/option-schema";
import { createBybitSigner } from "./auth/signer.ts";
import { packageName } from "./errors.ts";
import { bybitUrlsOf } from "./hosts.ts";
import { banOf } from "./http/ip-address-ban.ts";
import { redactor } from "./redact.ts";

/** An API key, and either its secret (`apiSecret`) or a function that signs with it (`signer`), but not both. */
export type BybitKey =
	| {
			/** The API key. A key works in one environment only (mainnet or testnet). */
			readonly apiKey: string;
			/** The secret of a system-generated key, or the private key of a self-generated key as PKCS #8 PEM. */
			readonly apiSecret: string;
			readonly signer?: undefined;
	  }
	| {
			readonly apiKey: string;
			readonly apiSecret?: undefined;
			/**
			 * Signs a text, so that this process need not hold the secret. Returns the lower-case hexadecimal of an HMAC-SHA256, or the
			 * base64 of an RSA-SHA256 signature.
			 */
			readonly signer: (text: string) => string | Promise<string>;
	  };

/** The options of {@link createBybitHttp}. */
export type BybitHttpOptions = BybitKey & {
	/**
	 * The URL of the HTTP host. Default `https://api.bybit.com`, or the host of the site to which `wsUrl` belongs: see
	 * {@link bybitHosts}. `http:` is allowed for this machine only. Hosts of demo trading are refused, because demo
	 * trading has no Disconnection Protect.
	 */
	readonly restUrl?: string | URL;
	/**
	 * How old a signed call may be when it arrives, in milliseconds, 1 000 to 60 000. Default 5 000. The client sets the
	 * timestamps of calls back by 300 ms and half of a round trip. A receive window below 1 000 ms would leave so little
	 * time that the venue would refuse calls that are not late.
	 */
	readonly recvWindowMs?: number;
	/** Deadline of one call, including its body, in milliseconds, 1 to 600 000. Default 5 000. */
	readonly callTimeoutMs?: number;
	/** The `fetch` that makes the calls. Default: the global `fetch`, looked up at each call. */
	readonly fetch?: typeof fetch;
	/** This machine's clock, in epoch milliseconds. Default `Date.now`. */
	readonly now?: () => number;
};

/** The options of {@link connectBybit}. */
export type BybitSocketOptions = BybitKey & {
	/**
	 * The URL of the private WebSocket. Default `wss://stream.bybit.com/v5/private`, or the URL of the site to which `restUrl`
	 * belongs: see {@link bybitHosts}. The `dcp.*` topics exist on the path `/v5/private` only.
	 */
	readonly wsUrl?: string | URL;
	/**
	 * After how many seconds without a ping the venue closes the connection, 30 to 600. Default 30; the venue's own default is
	 * 600. The venue checks every 30 s, so it may notice a dead connection up to 30 s later.
	 */
	readonly maxActiveTimeSeconds?: number;
	/** Deadline for the WebSocket to open, in milliseconds. Default 5 000. */
	readonly connectTimeoutMs?: number;
	/** Deadline for the login, in milliseconds. Default 5 000. */
	readonly authTimeoutMs?: number;
	/** Deadline for the reply to a subscription, in milliseconds. Default 5 000. */
	readonly subscribeTimeoutMs?: number;
	/** Deadline for a pong, in milliseconds. Default 3 000. */
	readonly pongTimeoutMs?: number;
	/** How long `close` waits for the venue's close frame, in milliseconds. Default 1 000. */
	readonly closeTimeoutMs?: number;
	/** The WebSocket class. Default: the global `WebSocket`, looked up when connecting. */
	readonly WebSocket?: typeof WebSocket;
	/** The venue's clock, in epoch milliseconds, such as `http.serverNow`. Default `Date.now`. */
	readonly now?: () => number;
	/**
	 * Called in a microtask with each message of a topic: `topic` is the topic as it was subscribed, and `frame` is the
	 * whole message. The venue does not document what `dcp.*` topics send. If the callback throws, `onUnexpected` is
	 * called.
	 */
	readonly onTopic?:
		| ((message: { readonly topic: string; readonly frame: Readonly<Record<string, unknown>> }) => void)
		| undefined;
	/** Called when the WebSocket has opened, before the login is sent. Errors that the callback throws are ignored. */
	readonly onConnected?: (() => void) | undefined;
	/** Called at once with {@link BybitConnection.topics} when the topics have changed. Errors that the callback throws are ignored. */
	readonly onTopicsChange?: ((topics: readonly string[]) => void) | undefined;
	/** Called for each message that could not be used, and when `onTopic` threw or rejected. The connection stays open. */
	readonly onUnexpected?: ((unexpected: BybitUnexpectedMessage) => void) | undefined;
};

/** Reports a message that could not be used. The report quotes nothing of the message, which may hold secrets. */
export interface BybitUnexpectedMessage {
	/** What is wrong with the message. `unasked`: a reply to no pending request, such as a reply that came after its deadline. */
	readonly reason: "binary" | "too-long" | "not-json" | "unknown-form" | "unasked" | "handler-threw";
	/** The reason as human-readable text. */
	readonly detail: string;
}

/** A message of a topic, as it is passed to `onTopic`. */
export type TopicMessage = Parameters<NonNullable<BybitSocketOptions["onTopic"]>>[0];

/** The options of one call. */
export interface BybitCallOptions {
	/** Ends the call before its deadline when it aborts. */
	readonly signal?: AbortSignal | undefined;
	/** Deadline of this call instead of the client's deadline, in milliseconds, 1 to 600 000. */
	readonly timeoutMs?: number | undefined;
}

type HttpSettings = Omit<BybitHttpOptions, keyof BybitKey>;
type SocketSettings = Omit<BybitSocketOptions, keyof BybitKey>;

interface AllOptions extends HttpSettings, SocketSettings {
	readonly apiKey: string;
	readonly apiSecret?: string | undefined;
	readonly signer?: BybitKey["signer"];
}

const timeout = () => integer({ min: 1, max: 600_000 });

// The schema is made by a function, so that a bundle that creates no client does not contain the schema.
const clientSchema = (): OptionSchema<AllOptions> => ({
	// The key is sent in a header. A key that was read from a file often ends in a line break, which must be refused.
	apiKey: secret(
		rule(
			"a non-empty string without spaces and line breaks",
			(value) => typeof value === "string" && /^[!-~]+$/.test(value),
		),
	),
	apiSecret: optional(secret(nonEmptyString())),
	signer: optional(func()),
	restUrl: optional(url("https")),
	recvWindowMs: optional(integer({ min: 1_000, max: 60_000 })),
	callTimeoutMs: optional(timeout()),
	fetch: optional(func()),
	now: optional(func()),
	wsUrl: optional(url("wss")),
	maxActiveTimeSeconds: optional(integer({ min: 30, max: 600 })),
	connectTimeoutMs: optional(timeout()),
	authTimeoutMs: optional(timeout()),
	subscribeTimeoutMs: optional(timeout()),
	pongTimeoutMs: optional(timeout()),
	closeTimeoutMs: optional(timeout()),
	WebSocket: optional(func()),
	onTopic: optional(func()),
	onConnected: optional(func()),
	onTopicsChange: optional(func()),
	onUnexpected: optional(func()),
});

/**
 * Checks a value and returns it.
 *
 * @param name - how an error names the value; it names a member of the value `<name>.<member>`.
 * @throws OptionError.
 * @internal
 */
export function checkArgument<T>(name: string, allowed: Rule<T>, value: T): T {
	// The cast is needed because the compiler assumes that a member with a computed name may be missing, but a schema
	// must have a rule for each option.
	const schema = { [name]: allowed } as unknown as OptionSchema<Record<string, T>>;
	checkOptions<Record<string, T>>(packageName, schema, { [name]: value });
	return value;
}

/**
 * @internal
 * @throws OptionError.
 */
export function checkCallOptions(options: BybitCallOptions): void {
	const schema = { signal: optional(objectWith<AbortSignal>("addEventListener")), timeoutMs: optional(timeout()) };
	checkOptions<BybitCallOptions>(packageName, schema, options);
}

/**
 * Checks the options of the HTTP client and of the WebSocket client, and fills in the defaults.
 *
 * @throws OptionError.
 * @internal
 */
export function resolveOptions(options: AllOptions) {
	checkOptions(packageName, clientSchema(), options);
	const resolved = {
		now: () => Date.now(),
		fetch: (...args: Parameters<typeof fetch>) => globalThis.fetch(...args),
		recvWindowMs: 5_000,
		callTimeoutMs: 5_000,
		maxActiveTimeSeconds: 30,
		connectTimeoutMs: 5_000,
		authTimeoutMs: 5_000,
		subscribeTimeoutMs: 5_000,
		pongTimeoutMs: 3_000,
		closeTimeoutMs: 1_000,
		...withoutUndefined(options),
	};
	const { apiKey, apiSecret, signer, maxActiveTimeSeconds } = resolved;
	if ((apiSecret === undefined) === (signer === undefined)) {
		throw new OptionError(packageName, "apiSecret", "or option signer must be given, and not both");
	}
	for (const name of ["restUrl", "wsUrl"] as const) checkUrl(name, options[name]);
	const { restUrl, wsUrl } = bybitUrlsOf(options);
	if (restUrl.search) throw new OptionError(packageName, "restUrl", "must end with its path, without a query");
	if (!wsUrl.pathname.endsWith("/v5/private")) {
		throw new OptionError(packageName, "wsUrl", "must have the path /v5/private");
	}
	wsUrl.searchParams.set("max_active_time", `${maxActiveTimeSeconds}s`);
	return {
		...resolved,
		restUrl: restUrl.href.replace(/\/+$/, ""),
		wsUrl: wsUrl.href,
		// The cast is safe: the check of the options has verified that exactly one of `signer` and `apiSecret` is given.
		sign: signer ?? createBybitSigner(apiSecret as string),
		redact: redactor([apiKey, apiSecret]),
		// The venue bans IP addresses. A client with its own `fetch` usually calls from another address, so it does not share
		// the ban of other clients.
		ban: banOf(options.fetch ?? globalThis, restUrl.host),
	};
}

/** @internal */
export type ResolvedOptions = ReturnType<typeof resolveOptions>;

function checkUrl(name: string, value: string | URL | undefined): void {
	if (value === undefined) return;
	const { hash, hostname } = new URL(value);
	if (hash) throw new OptionError(packageName, name, "must not have a fragment");
	if (/^(api|stream)-demo\b/.test(hostname)) {
		throw new OptionError(packageName, name, "must not be a demo-trading host: demo trading has no DCP");
	}
}
