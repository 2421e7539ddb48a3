import { type BybitKey, type BybitProduct, bybitProducts, isBybitProduct } from "@x/bybit-dcp";
import { SessionError } from "../../session-error.ts";
import type { BybitConnectionBudget } from "./connection-budget.ts";

/** The settings of {@link bybit} beside the key. */
export interface BybitSettings {
	/** Unique among the sessions of one keeper. Default `bybit`. */
	readonly name?: string;
	/** Default `https://api.bybit.com`. */
	readonly restUrl?: string;
	/** Default `wss://stream.bybit.com/v5/private`. Of the same environment as `restUrl`. */
	readonly wsUrl?: string;
	/** The products whose orders are to be protected. Required: the venue's own default protects options alone. */
	readonly products: readonly [BybitProduct, ...BybitProduct[]];
	/** How long the venue waits after our loss, 3 to 300 whole seconds. Set at the venue when it differs. Default 10. */
	readonly windowSeconds?: number;
	/** After how many seconds without a ping the venue ends the connection, 30 to 600. Default 30. */
	readonly maxActiveTimeSeconds?: number;
	/** How long the venue needs before a window that was set can be read back, in milliseconds. Default 10 000. */
	readonly settleMs?: number;
	/**
	 * From ping to ping, in milliseconds, 100 to 600 000. Default 1 200, or what a `pongTimeoutMs` that is given
	 * needs: a dead line is noticed 2.2 s after its last answered ping was sent. A thousand sessions take a fifth to a third of a
	 * core for it; with many, 10 000 is cheaper.
	 */
	readonly pingMs?: number;
	/**
	 * Deadline for a pong, in milliseconds, at most four fifths of a beat (`pingMs`, or a third of `maxActiveTimeSeconds` where
	 * that is shorter): a beat that is cut off before it would leave a half-open line undecided. Default 3 000, that limit, or a third of the window,
	 * whichever is least: with all defaults 960. Where neither this nor `pingMs` is given, each pong that is missed doubles both for
	 * ten minutes, up to 3 000 and 3 750: a venue that is slow is not taken for dead over and over.
	 */
	readonly pongTimeoutMs?: number;
	/**
	 * How old the proof of the venue's configuration, and of the connection's topics, may grow before it is asked for again,
	 * in milliseconds, at least 1 000. Default 60 000.
	 */
	readonly verifyEveryMs?: number;
	/** Deadline of one HTTP call, in milliseconds. Default 3 000. */
	readonly callTimeoutMs?: number;
	/** Another process keeps a connection of this account subscribed too, so that leaving here cancels nothing. Default false. */
	readonly othersKeepAlive?: boolean;
	/**
	 * Counts attempts to connect, so that no more than the venue's 500 in five minutes are made to one host. Default: one for
	 * all sessions of this process that use the same `WebSocket` class. Hand in a smaller one where other processes share
	 * this machine's address: see {@link bybitConnectionBudget}.
	 */
	readonly connectionBudget?: BybitConnectionBudget;
	/** Default: the global `fetch`. */
	readonly fetch?: typeof fetch;
	/** Default: the global `WebSocket`. */
	readonly WebSocket?: typeof WebSocket;
}

/** What {@link bybit} takes: a key and settings, of which `products` alone has no default. */
export type BybitSessionOptions = BybitKey & BybitSettings;

/** What {@link BybitSettings} says of each default. `pongTimeoutMs` is less where its own limits are: 960 with the rest of these. */
export const bybitDefaults = Object.freeze({
	name: "bybit",
	restUrl: "https://api.bybit.com",
	wsUrl: "wss://stream.bybit.com/v5/private",
	windowSeconds: 10,
	maxActiveTimeSeconds: 30,
	settleMs: 10_000,
	pingMs: 1_200,
	pongTimeoutMs: 3_000,
	verifyEveryMs: 60_000,
	callTimeoutMs: 3_000,
	othersKeepAlive: false,
});

/** Everything but the key, filled in. */
export interface BybitResolved extends Required<Omit<BybitSettings, "fetch" | "WebSocket" | "connectionBudget">> {
	/** The longest that the deadline for a pong may grow to; `pongTimeoutMs` where it may not. */
	readonly patientPongMs: number;
}

/** Every name there is: one that is forgotten here does not compile. */
const names: Readonly<Record<keyof BybitSettings | "apiKey" | "apiSecret" | "signer", 1>> = {
	...{ apiKey: 1, apiSecret: 1, signer: 1, name: 1, restUrl: 1, wsUrl: 1, products: 1, windowSeconds: 1 },
	...{ maxActiveTimeSeconds: 1, settleMs: 1, pingMs: 1, pongTimeoutMs: 1, verifyEveryMs: 1, callTimeoutMs: 1 },
	...{ othersKeepAlive: 1, connectionBudget: 1, fetch: 1, WebSocket: 1 },
};

/** @throws SessionError, fatal, that names the option and what is allowed; nothing has been sent then. */
export function resolveBybitOptions(options: BybitSessionOptions): BybitResolved {
	onlyNames(options);
	const pingMs = options.pingMs ?? pingMsFor(options.pongTimeoutMs);
	const resolved = {
		name: options.name ?? bybitDefaults.name,
		restUrl: options.restUrl ?? bybitDefaults.restUrl,
		wsUrl: options.wsUrl ?? bybitDefaults.wsUrl,
		products: options.products,
		windowSeconds: options.windowSeconds ?? bybitDefaults.windowSeconds,
		maxActiveTimeSeconds: options.maxActiveTimeSeconds ?? bybitDefaults.maxActiveTimeSeconds,
		settleMs: options.settleMs ?? bybitDefaults.settleMs,
		pingMs,
		pongTimeoutMs: options.pongTimeoutMs ?? bybitDefaults.pongTimeoutMs,
		verifyEveryMs: options.verifyEveryMs ?? bybitDefaults.verifyEveryMs,
		callTimeoutMs: options.callTimeoutMs ?? bybitDefaults.callTimeoutMs,
		othersKeepAlive: options.othersKeepAlive ?? bybitDefaults.othersKeepAlive,
	};
	if (typeof resolved.name !== "string" || resolved.name === "") throw optionError("name", "must be a text");
	if (typeof resolved.othersKeepAlive !== "boolean") throw optionError("othersKeepAlive", "must be true or false");
	checkProducts(resolved.products);
	if (options.connectionBudget !== undefined && typeof options.connectionBudget?.spend !== "function") {
		throw optionError("connectionBudget", "must be made by bybitConnectionBudget()");
	}
	integer("windowSeconds", resolved.windowSeconds, 3, 300);
	integer("maxActiveTimeSeconds", resolved.maxActiveTimeSeconds, 30, 600);
	integer("settleMs", resolved.settleMs, 0, 120_000);
	integer("pingMs", resolved.pingMs, 100, 600_000);
	const longestPongMs = Math.floor(beatMs(resolved) * 0.8);
	// Well below the window too: an undecided line is time that a new connection does not have.
	const ofWindowMs = Math.floor((resolved.windowSeconds * 1_000) / 3);
	const pongTimeoutMs = options.pongTimeoutMs ?? Math.min(resolved.pongTimeoutMs, longestPongMs, ofWindowMs);
	integer("pongTimeoutMs", pongTimeoutMs, 1, longestPongMs);
	const isOwnPace = options.pingMs !== undefined || options.pongTimeoutMs !== undefined;
	integer("verifyEveryMs", resolved.verifyEveryMs, 1_000, 3_600_000);
	integer("callTimeoutMs", resolved.callTimeoutMs, 1, 600_000);
	// A configuration read in one environment proves nothing of a connection to the other.
	if (isTestnet("restUrl", resolved.restUrl) !== isTestnet("wsUrl", resolved.wsUrl)) {
		throw optionError("wsUrl", "is of another environment than option restUrl (one is testnet, the other is not)");
	}
	return Object.freeze({
		...resolved,
		pongTimeoutMs,
		patientPongMs: isOwnPace ? pongTimeoutMs : Math.min(resolved.pongTimeoutMs, ofWindowMs),
		products: Object.freeze([...resolved.products]) as typeof resolved.products,
	});
}

/** The default pace: slow enough for a deadline that was asked for, since a beat that is cut off before it decides nothing. */
function pingMsFor(pongTimeoutMs: unknown): number {
	const neededMs = typeof pongTimeoutMs === "number" && pongTimeoutMs <= 8_000 ? Math.ceil(pongTimeoutMs / 0.8) : 0;
	return Math.max(bybitDefaults.pingMs, neededMs);
}

/** From beat to beat as the keeper does it: a third of the idle limit, or the pace asked for where that is shorter. */
export function beatMs(settings: Pick<BybitResolved, "maxActiveTimeSeconds" | "pingMs">): number {
	return Math.min((settings.maxActiveTimeSeconds * 1_000) / 3, settings.pingMs);
}

/** Deadline of one step of connecting: a step that hangs must leave time for a second attempt within the window. */
export function stepMs({ windowSeconds }: Pick<BybitResolved, "windowSeconds">): number {
	return Math.min(5_000, Math.max(1_000, windowSeconds * 250));
}

/** What TypeScript refuses, plain JavaScript would pass over: a misspelt host would be the production one. */
function onlyNames(options: object): void {
	if (typeof options !== "object" || options === null) throw fatal("options must be an object");
	const unknown = Object.keys(options).find((name) => !Object.hasOwn(names, name));
	if (unknown === undefined) return;
	throw optionError(unknown.slice(0, 40), `is not known; known are ${Object.keys(names).join(", ")}`);
}

function checkProducts(value: unknown): void {
	const list = Array.isArray(value) ? value : [];
	const allowed = bybitProducts.join(", ");
	if (list.length === 0) throw optionError("products", `must be a list of at least one of ${allowed}`);
	if (!list.every(isBybitProduct)) throw optionError("products", `holds another value than ${allowed}`);
	if (new Set(list).size !== list.length) throw optionError("products", "names a product twice");
}

function integer(name: string, value: unknown, least: number, most: number): void {
	if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return;
	const shown = typeof value === "number" ? String(value) : `a value of type ${typeof value}`;
	throw optionError(name, `must be an integer from ${least} to ${most}, not ${shown}`);
}

function isTestnet(name: string, url: string): boolean {
	if (!URL.canParse(url)) throw optionError(name, "must be an absolute address");
	return new URL(url).hostname.includes("testnet");
}

function optionError(name: string, problem: string): SessionError {
	return fatal(`option ${name} ${problem}`);
}

function fatal(problem: string): SessionError {
	return new SessionError(`@x/keepalive/bybit: ${problem}.`, { disposition: { action: "fatal" } });
}
