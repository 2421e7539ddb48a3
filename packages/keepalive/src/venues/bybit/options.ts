import { OptionError } from "@x/base/errors";
import {
	boolean,
	checkOptions,
	func,
	integer,
	nonEmptyString,
	type OptionSchema,
	object,
	objectWith,
	optional,
	rule,
	secret,
	url,
} from "@x/base/option-schema";
import {
	type BybitConnection,
	type BybitHttpOptions,
	type BybitKey,
	type BybitProduct,
	type BybitSocketOptions,
	bybitHosts,
	bybitProducts,
	bybitUrlsOf,
	checkBybitSocketOptions,
	isBybitProduct,
} from "@x/bybit-dcp";
import type { ConnectionLimiter } from "../../connection-limiter.ts";
import type { Opened } from "../../session.ts";
import type { BybitLoss } from "./session-losses.ts";

/**
 * The account and how to reach it: the options of `@x/bybit-dcp` for HTTP and for the WebSocket, except the options that the
 * session sets itself. The key is `apiKey` with either `apiSecret` or `signer`.
 */
export type BybitSessionClientOptions = BybitKey &
	Pick<BybitHttpOptions, "restUrl" | "fetch" | "recvWindowMs"> &
	Pick<BybitSocketOptions, "wsUrl" | "WebSocket" | "onTopic" | "onUnexpected">;

/** The options of {@link bybit}. Only `client` and `products` are required. */
export interface BybitSessionOptions<Name extends string = string> {
	/** The account and how to reach it. */
	readonly client: BybitSessionClientOptions;
	/** Unique among the sessions of one keeper. Default `bybit`. */
	readonly name?: Name;
	/** The products whose orders are to be protected. Required: the venue's own default protects options only. */
	readonly products: readonly [BybitProduct, ...BybitProduct[]];
	/**
	 * How long the venue waits after it has lost our connection before it cancels orders: the cancel window, 3 to 300 whole seconds. If the
	 * venue has another value, the session changes it. Default 10.
	 */
	readonly windowSeconds?: number;
	/** After how many seconds without a ping the venue ends the connection, 30 to 600. Default 30. */
	readonly maxActiveTimeSeconds?: number;
	/** How long the venue takes to apply a cancel window that the session has set, in milliseconds. Default 10 000. */
	readonly settleMs?: number;
	/**
	 * Time between pings, in milliseconds, 100 to 600 000. Default 1 200, or longer if `pongTimeoutMs` requires that. With 1 200, a dead
	 * connection is noticed at most 2.2 s after its last answered ping was sent. The pings of a thousand sessions then take a fifth to a
	 * third of a CPU core. With a `pingMs` of 10 000 they take less.
	 */
	readonly pingMs?: number;
	/**
	 * Deadline for a pong, in milliseconds. It is at most four fifths of a beat, so that a half-open connection is detected within that
	 * beat. A beat takes `pingMs`, or a third of `maxActiveTimeSeconds` if that is shorter.
	 *
	 * Default: 960 with all defaults. With other options, the default is the shortest of 3 000, four fifths of a beat, and a third of
	 * `windowSeconds`.
	 *
	 * If neither `pongTimeoutMs` nor `pingMs` is given, each missed pong doubles the deadline, so that a slow venue is not taken for dead
	 * each time. The deadline grows up to 3 000, or up to a third of `windowSeconds` if that is shorter. The time between pings grows
	 * with it, up to 3 750. Both return to their defaults after ten minutes without a missed pong.
	 */
	readonly pongTimeoutMs?: number;
	/**
	 * Time in milliseconds after which the session checks the venue's configuration and the connection's topics again, at least 1 000.
	 * Default 60 000. The topics are checked after half of `windowSeconds` if that is shorter. If the venue has lost a topic of a living
	 * connection, the session notices this at the next check, which may come one beat interval late.
	 */
	readonly verifyEveryMs?: number;
	/** Deadline of one HTTP call, in milliseconds. Default 3 000. */
	readonly callTimeoutMs?: number;
	/**
	 * Called at every open, once the protection was verified and before the session is alive, with the connection losses since the session
	 * was last alive. If the venue may have cancelled orders after a loss, the session reads the orders first: see {@link BybitLoss}. The
	 * session pings the venue meanwhile. If the function throws or rejects, the open fails and is retried.
	 */
	readonly onOpen?: (opened: Opened<BybitConnection, BybitLoss>) => unknown;
	/**
	 * Set this to true if another process keeps a connection of this account subscribed, because then closing this session cancels nothing.
	 * Default false.
	 */
	readonly othersKeepAlive?: boolean;
	/**
	 * Limits connection attempts to the venue's 500 in five minutes for one host. Default: one limit for all sessions of this
	 * process that use the same `WebSocket` class. Pass a smaller limit if other processes share this machine's address: see
	 * {@link bybitConnectionLimiter}.
	 */
	readonly connectionLimiter?: ConnectionLimiter;
}

/**
 * The defaults of {@link BybitSessionOptions}. The default of `pongTimeoutMs` is lower where its limits require that: 960 if all
 * other options have their defaults.
 */
export const bybitDefaults = Object.freeze({
	name: "bybit",
	client: Object.freeze(bybitHosts.mainnet),
	windowSeconds: 10,
	maxActiveTimeSeconds: 30,
	settleMs: 10_000,
	pingMs: 1_200,
	pongTimeoutMs: 3_000,
	verifyEveryMs: 60_000,
	callTimeoutMs: 3_000,
	othersKeepAlive: false,
});

/** The options, with their defaults filled in and without the API key. */
export interface ResolvedBybitOptions
	extends Required<Omit<BybitSessionOptions, "client" | "connectionLimiter" | "onOpen">> {
	readonly restUrl: string;
	readonly wsUrl: string;
	/** The longest pong deadline after missed pongs; equal to `pongTimeoutMs` if missed pongs do not change the deadline. */
	readonly longestPongTimeoutMs: number;
}

export const packageName = "@x/keepalive/bybit";

/** A rule that accepts any value. The client checks the value when the client is created. */
const checkedByClient = optional(rule<never>("", () => true));

const schema: OptionSchema<BybitSessionOptions> = {
	client: secret(
		object<BybitSessionClientOptions>({
			apiKey: checkedByClient,
			apiSecret: checkedByClient,
			signer: checkedByClient,
			restUrl: optional(url("https")),
			wsUrl: optional(url("wss")),
			recvWindowMs: checkedByClient,
			fetch: checkedByClient,
			WebSocket: checkedByClient,
			onTopic: checkedByClient,
			onUnexpected: checkedByClient,
		}),
	),
	name: optional(nonEmptyString()),
	products: rule(`an array with one or more of ${bybitProducts.join(", ")}, each once`, isProducts),
	windowSeconds: optional(integer({ min: 3, max: 300 })),
	maxActiveTimeSeconds: optional(integer({ min: 30, max: 600 })),
	settleMs: optional(integer({ min: 0, max: 120_000 })),
	pingMs: optional(integer({ min: 100, max: 600_000 })),
	pongTimeoutMs: optional(integer({ min: 1 })),
	verifyEveryMs: optional(integer({ min: 1_000, max: 3_600_000 })),
	callTimeoutMs: optional(integer({ min: 1, max: 600_000 })),
	onOpen: optional(func()),
	othersKeepAlive: optional(boolean()),
	connectionLimiter: optional(objectWith<ConnectionLimiter>("tryAcquire")),
};

function isProducts(value: unknown): boolean {
	return (
		Array.isArray(value) && value.length > 0 && value.every(isBybitProduct) && new Set(value).size === value.length
	);
}

/** @throws OptionError for an option that is not allowed or not known. */
export function resolveBybitOptions(options: BybitSessionOptions): ResolvedBybitOptions {
	checkOptions<BybitSessionOptions>(packageName, schema, options);
	checkBybitSocketOptions(options.client);
	const { restUrl, wsUrl } = bybitUrlsOf(options.client);
	const resolved = {
		restUrl: restUrl.href,
		wsUrl: wsUrl.href,
		name: options.name ?? bybitDefaults.name,
		products: Object.freeze([...options.products] as const),
		windowSeconds: options.windowSeconds ?? bybitDefaults.windowSeconds,
		maxActiveTimeSeconds: options.maxActiveTimeSeconds ?? bybitDefaults.maxActiveTimeSeconds,
		settleMs: options.settleMs ?? bybitDefaults.settleMs,
		pingMs: options.pingMs ?? Math.max(bybitDefaults.pingMs, pingMsFor(options.pongTimeoutMs)),
		verifyEveryMs: options.verifyEveryMs ?? bybitDefaults.verifyEveryMs,
		callTimeoutMs: options.callTimeoutMs ?? bybitDefaults.callTimeoutMs,
		othersKeepAlive: options.othersKeepAlive ?? bybitDefaults.othersKeepAlive,
	};
	const longestMs = Math.floor(beatMs(resolved) * 0.8);
	// The default is also at most a third of the cancel window. The session opens a new connection only after the deadline has passed,
	// and needs the rest of the window for that.
	const thirdOfWindowMs = Math.floor((resolved.windowSeconds * 1_000) / 3);
	const defaultMs = Math.min(bybitDefaults.pongTimeoutMs, thirdOfWindowMs);
	const pongTimeoutMs = options.pongTimeoutMs ?? Math.min(defaultMs, longestMs);
	if (pongTimeoutMs > longestMs) {
		throw new OptionError(
			packageName,
			"pongTimeoutMs",
			`must be an integer from 1 to ${longestMs}, got ${pongTimeoutMs}`,
		);
	}
	const isAdaptive = options.pingMs === undefined && options.pongTimeoutMs === undefined;
	return Object.freeze({ ...resolved, pongTimeoutMs, longestPongTimeoutMs: isAdaptive ? defaultMs : pongTimeoutMs });
}

/**
 * The shortest time between pings for this pong deadline: a missed pong can be detected only if the beat lasts longer than the deadline.
 */
function pingMsFor(pongTimeoutMs = 0): number {
	// With a deadline above 8 000 ms no time between pings is long enough, so the check of the options refuses the deadline.
	return pongTimeoutMs <= 8_000 ? Math.ceil(pongTimeoutMs / 0.8) : 0;
}

/** Time between two calls of beat() by a keeper: a third of the idle limit, or `pingMs` if that is shorter. */
export function beatMs(options: Pick<ResolvedBybitOptions, "maxActiveTimeSeconds" | "pingMs">): number {
	return Math.min((options.maxActiveTimeSeconds * 1_000) / 3, options.pingMs);
}

/** Deadline of one step of connecting. It is short enough that a second attempt fits into the cancel window if a step gets no answer. */
export function stepMs({ windowSeconds }: Pick<ResolvedBybitOptions, "windowSeconds">): number {
	return Math.min(5_000, Math.max(1_000, windowSeconds * 250));
}

/** The options of the HTTP client. */
export function httpOptionsOf({ client }: BybitSessionOptions, resolved: ResolvedBybitOptions): BybitHttpOptions {
	return { ...client, callTimeoutMs: resolved.callTimeoutMs };
}

/** The options of the socket. @param now - the venue's clock. */
export function socketOptionsOf(
	{ client }: BybitSessionOptions,
	resolved: ResolvedBybitOptions,
	now: () => number,
): BybitSocketOptions {
	const timeoutMs = stepMs(resolved);
	return {
		...client,
		maxActiveTimeSeconds: resolved.maxActiveTimeSeconds,
		connectTimeoutMs: timeoutMs,
		authTimeoutMs: timeoutMs,
		subscribeTimeoutMs: timeoutMs,
		pongTimeoutMs: resolved.longestPongTimeoutMs,
		now,
	};
}
