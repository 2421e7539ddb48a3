import { type DeribitSessionNames, deribitSessionNames } from "./auth/session-names.ts";
import { DeribitError } from "./errors.ts";
import { knowing } from "./known-options.ts";
import { DeribitCredits } from "./limits/credits.ts";
import type { DeribitNotification } from "./socket/frames.ts";
import type { DeribitUnexpectedMessage } from "./socket/unexpected.ts";

/** How to connect. Every member has a default but none is read from the environment. */
export interface DeribitSocketOptions {
	/**
	 * Address of the WebSocket. Default production, `wss://www.deribit.com/ws/api/v2`; test is
	 * `wss://test.deribit.com/ws/api/v2`. Without TLS (`ws:`) only to this machine: the client secret would travel in
	 * the clear.
	 */
	url?: string | URL;
	/** The WebSocket class. Default the global one, read when connecting. */
	WebSocket?: typeof WebSocket;
	/** Deadline for opening the socket, in milliseconds, 1 to 600 000. Default 10 000. */
	connectTimeoutMs?: number;
	/** Deadline for each call, in milliseconds, 1 to 600 000. Default 10 000. */
	callTimeoutMs?: number;
	/** How long a close is waited for before the connection is given up, in milliseconds, 1 to 600 000. Default 3 000. */
	closeTimeoutMs?: number;
	/**
	 * Called with each notification of a subscribed channel, in order, after the frame has been dealt with. It may throw
	 * or reject: that goes to `onUnexpected`. While it computes, nothing else of the program runs, heartbeats included.
	 */
	onNotification?: (notification: DeribitNotification) => unknown;
	/**
	 * The credits of the account. Default: some for this connection alone. The venue counts by account, so hand the same
	 * ones to all its connections, and to the next connection when this one has ended.
	 */
	credits?: DeribitCredits;
	/**
	 * What becomes of a call that the credits do not cover. `wait` (the default) sends it as soon as they do, within its
	 * deadline; `refuse` fails it at once. Either way the error of kind `credits` says in `waitMs` how long it would take.
	 */
	whenCreditsAreSpent?: "wait" | "refuse";
	/** Which session names are in use. Default: one registry for the whole program, `deribitSessionNames`. */
	sessionNames?: DeribitSessionNames;
	/** For the grant `client_signature`. Default the global one. */
	crypto?: Pick<typeof globalThis.crypto, "subtle" | "getRandomValues">;
	/** Called with everything that is out of the ordinary but ends nothing. What it throws is ignored. */
	onUnexpected?: (strange: DeribitUnexpectedMessage) => unknown;
}

/** How to call over HTTP. */
export interface DeribitHttpOptions {
	/** Base address. Default `https://www.deribit.com/api/v2`. Without TLS only to this machine. */
	url?: string | URL;
	/** Default the global one, read at each call. */
	fetch?: typeof fetch;
	/** Deadline for each call with its body, in milliseconds, 1 to 600 000. Default 10 000. */
	callTimeoutMs?: number;
	/** Sent as `Authorization: Bearer`. A function is asked at each call, so that a token can be replaced. */
	accessToken?: string | (() => string | undefined);
}

/** What is used where an option is left out. */
export const deribitDefaults = Object.freeze({
	url: "wss://www.deribit.com/ws/api/v2",
	httpUrl: "https://www.deribit.com/api/v2",
	connectTimeoutMs: 10_000,
	callTimeoutMs: 10_000,
	closeTimeoutMs: 3_000,
	whenCreditsAreSpent: "wait" as "wait" | "refuse",
});

type Settled = Exclude<keyof DeribitSocketOptions, "onNotification" | "onUnexpected">;

/** Checked options with every default filled in. */
export interface ResolvedOptions extends Required<Pick<DeribitSocketOptions, Exclude<Settled, "url">>> {
	url: URL;
	onNotification: DeribitSocketOptions["onNotification"];
	onUnexpected: DeribitSocketOptions["onUnexpected"];
}

/** @throws {DeribitError} of kind `options`, which names the option, what was given and what is allowed. */
export function resolveOptions(options: DeribitSocketOptions): ResolvedOptions {
	return knowing(options, () => ({
		url: address("url", options.url ?? deribitDefaults.url, ["wss:", "ws:"]),
		WebSocket: optional("WebSocket", options.WebSocket ?? globalThis.WebSocket, true),
		connectTimeoutMs: milliseconds("connectTimeoutMs", options.connectTimeoutMs ?? deribitDefaults.connectTimeoutMs),
		callTimeoutMs: milliseconds("callTimeoutMs", options.callTimeoutMs ?? deribitDefaults.callTimeoutMs),
		closeTimeoutMs: milliseconds("closeTimeoutMs", options.closeTimeoutMs ?? deribitDefaults.closeTimeoutMs),
		credits: instance("credits", options.credits ?? new DeribitCredits(), "waitMs"),
		whenCreditsAreSpent: spentChoice(options.whenCreditsAreSpent ?? deribitDefaults.whenCreditsAreSpent),
		sessionNames: instance("sessionNames", options.sessionNames ?? deribitSessionNames, "claim"),
		crypto: instance("crypto", options.crypto ?? globalThis.crypto, "getRandomValues"),
		onNotification: optional("onNotification", options.onNotification),
		onUnexpected: optional("onUnexpected", options.onUnexpected),
	}));
}

/** Checked HTTP options with every default filled in. */
export interface ResolvedHttpOptions {
	url: URL;
	fetch(): typeof fetch;
	callTimeoutMs: number;
	accessToken(): string | undefined;
}

/** @throws {DeribitError} of kind `options`. */
export function resolveHttpOptions(options: DeribitHttpOptions): ResolvedHttpOptions {
	return knowing(options, () => {
		const { accessToken, fetch } = options;
		if (accessToken !== undefined && typeof accessToken !== "string" && typeof accessToken !== "function") {
			throw refused("accessToken", "a string or a function", accessToken);
		}
		optional("fetch", fetch);
		return {
			url: address("url", options.url ?? deribitDefaults.httpUrl, ["https:", "http:"]),
			fetch: () => fetch ?? globalThis.fetch,
			callTimeoutMs: milliseconds("callTimeoutMs", options.callTimeoutMs ?? deribitDefaults.callTimeoutMs),
			accessToken: () => (typeof accessToken === "function" ? accessToken() : accessToken),
		};
	});
}

/** @throws {DeribitError} of kind `options` unless the value is a usable deadline. */
export function milliseconds(option: string, value: number): number {
	if (typeof value === "number" && value >= 1 && value <= 600_000) return value;
	const shown = typeof value === "number" ? `the number ${value}` : `a ${typeof value}`;
	throw new DeribitError(`option ${option} must be a number of milliseconds from 1 to 600000, not ${shown}`, {
		kind: "options",
	});
}

const thisMachine = new Set(["127.0.0.1", "[::1]", "localhost"]);

function address(option: string, value: string | URL, [secure, plain]: [string, string]): URL {
	const url = URL.parse(String(value));
	// The address itself is not shown: it may carry credentials.
	if (!url) throw refused(option, `a ${secure} address`, value);
	if (url.username || url.password) throw refused(option, "an address without credentials", value);
	if (url.protocol === secure || (url.protocol === plain && thisMachine.has(url.hostname))) return url;
	throw new DeribitError(
		`option ${option} must be a ${secure} address (${plain} only to this machine), not one with ${url.protocol}`,
		{ kind: "options" },
	);
}

function optional<T>(option: string, value: T, required = false): T {
	if (typeof value === "function" || (value === undefined && !required)) return value;
	throw refused(option, "a function or class", value);
}

/** By a method that it must have, not by its class: two copies of this package may be installed. */
function instance<T extends object>(option: string, value: T, method: keyof T & string): T {
	if (typeof value === "object" && value !== null && typeof value[method] === "function") return value;
	throw refused(option, `an object with a ${method} function`, value);
}

function spentChoice(value: "wait" | "refuse"): "wait" | "refuse" {
	if (value === "wait" || value === "refuse") return value;
	throw refused("whenCreditsAreSpent", "wait or refuse", value);
}

function refused(option: string, allowed: string, value: unknown): DeribitError {
	return new DeribitError(`option ${option} must be ${allowed}, not a value of type ${typeof value}`, {
		kind: "options",
	});
}
