import { type DeribitConnection, DeribitCredits, type DeribitSocketOptions } from "@x/deribit-session";
import type { Budget } from "../../budget.ts";
import type { DeribitLoss } from "./recovery.ts";

/** How to keep a Deribit session. Plain data, except for functions, `WebSocket`, `credits`, `connectionBudget`, `sessionNames` and `crypto`. */
export interface DeribitSessionOptions {
	/** Unique among the sessions of one keeper. Default `deribit`. */
	name?: string;
	/** Address of the WebSocket. Default production; test is `wss://test.deribit.com/ws/api/v2`. */
	url?: string | URL;
	/** Id of an API key with the right `account:read_write`: a key for trading alone cannot arm anything. */
	clientId: string;
	/** Its secret. */
	clientSecret: string;
	/** How to prove the key: by its secret (`client_credentials`, the default) or by a signature made with it. */
	authGrant?: "client_credentials" | "client_signature";
	/**
	 * Scope to ask for in `public/auth`. Default: all that the key may do, tied to the connection. With `expires:N` leave
	 * the tokens a minute at least: they are renewed by beats.
	 */
	authScope?: string;
	/** The granted right that arming needs. Default `account:read_write`; gateways with scope names of their own differ. */
	armingRight?: string;
	/** Heartbeat interval in seconds, 10 or more. Default 30. It decides how long orders outlive a dead network. */
	intervalSeconds?: number;
	/**
	 * What to arm. `connection` (the default): this connection. `account`: this and every later connection of the
	 * account, also those of other programs. Either way the venue cancels only the orders of the connection that ended.
	 */
	scope?: "connection" | "account";
	/** A beat asks the venue whether it is still armed when the last proof is older than this, in ms. Default 60 000. */
	verifyEveryMs?: number;
	/**
	 * Called by an `open` after connections were lost, over the new connection, armed and read back, before the session
	 * counts as alive: the place to find out which orders are gone. When it throws or rejects, the open has failed and is
	 * tried again. It has as long as the keeper gives an open (`openTimeoutMs`); the signal says when to give up.
	 */
	reconcile?: (losses: readonly DeribitLoss[], connection: DeribitConnection, signal: AbortSignal) => unknown;
	/** Called with every notification of the channels that were subscribed over the handle, and of `platform_state`. */
	onNotification?: DeribitSocketOptions["onNotification"];
	/** Called with what is out of the ordinary but ends nothing. */
	onUnexpected?: DeribitSocketOptions["onUnexpected"];
	/**
	 * The credits of the account. Default: some for this session, through all its connections. Hand the same ones to
	 * every session and connection of the account.
	 */
	credits?: DeribitCredits;
	/** What becomes of a call over the handle that the credits do not cover. Default `wait`. */
	whenCreditsAreSpent?: "wait" | "refuse";
	/**
	 * Attempts to connect, counted by host: a `rollingBudget` of this package. Default: 320 in five minutes for all sessions of
	 * the process with the same `WebSocket`. Hand one to each group of sessions that leaves by an address of its own.
	 */
	connectionBudget?: Budget;
	/** Which session names are in use. Default: those of the whole program. */
	sessionNames?: DeribitSocketOptions["sessionNames"];
	/** For `client_signature`. Default the global one. */
	crypto?: DeribitSocketOptions["crypto"];
	/** Deadlines of the client, in milliseconds. Defaults 10 000, 10 000, 3 000. */
	connectTimeoutMs?: number;
	callTimeoutMs?: number;
	closeTimeoutMs?: number;
	/** The WebSocket class. Default the global one. */
	WebSocket?: typeof WebSocket;
}

export const deribitSessionDefaults = Object.freeze({
	name: "deribit",
	armingRight: "account:read_write",
	intervalSeconds: 30,
	scope: "connection" as "connection" | "account",
	verifyEveryMs: 60_000,
	closeTimeoutMs: 3_000,
});

type Defaulted = keyof typeof deribitSessionDefaults;

export type ResolvedDeribitOptions = Required<Pick<DeribitSessionOptions, Defaulted | "credits">> &
	Omit<DeribitSessionOptions, Defaulted | "credits">;

/** Every option there is: a misspelt one must not fall back to a default, which for the address is production. */
const known: Readonly<Record<keyof DeribitSessionOptions, true>> = {
	name: true,
	url: true,
	clientId: true,
	clientSecret: true,
	authGrant: true,
	authScope: true,
	armingRight: true,
	intervalSeconds: true,
	scope: true,
	verifyEveryMs: true,
	reconcile: true,
	onNotification: true,
	onUnexpected: true,
	credits: true,
	whenCreditsAreSpent: true,
	connectionBudget: true,
	sessionNames: true,
	crypto: true,
	connectTimeoutMs: true,
	callTimeoutMs: true,
	closeTimeoutMs: true,
	WebSocket: true,
};

/** The smallest interval that the venue takes. */
const leastIntervalSeconds = 10;

/** @throws TypeError that names the option, what was given and what is allowed; never the value of a secret. */
export function resolveDeribitOptions(options: DeribitSessionOptions): ResolvedDeribitOptions {
	if (typeof options !== "object" || options === null) {
		throw new TypeError(`@x/keepalive/deribit: the options must be an object, not a ${typeof options}`);
	}
	for (const option of Object.keys(options)) {
		if (Object.hasOwn(known, option)) continue;
		const all = Object.keys(known).join(", ");
		throw new TypeError(`@x/keepalive/deribit: option ${option} is not known; there are ${all}`);
	}
	for (const option of ["clientId", "clientSecret"] as const) {
		const value: unknown = options[option];
		if (typeof value !== "string" || value === "") {
			throw refused(option, "a text that is not empty", value === "" ? "an empty text" : `a ${typeof value}`);
		}
	}
	const given = Object.entries(options).filter(([, value]) => value !== undefined);
	// Only members of the interface are read from here on; those left out or undefined are the defaults.
	const resolved = {
		...deribitSessionDefaults,
		credits: new DeribitCredits(),
		...Object.fromEntries(given),
	} as ResolvedDeribitOptions;
	atLeast("intervalSeconds", resolved.intervalSeconds, leastIntervalSeconds, "; the venue refuses less");
	atLeast("verifyEveryMs", resolved.verifyEveryMs, 0);
	for (const option of ["reconcile", "onNotification", "onUnexpected"] as const) {
		const handler: unknown = resolved[option];
		if (handler !== undefined && typeof handler !== "function") {
			throw refused(option, "a function", `a ${typeof handler}`);
		}
	}
	const spend: unknown = resolved.connectionBudget?.spend;
	if (resolved.connectionBudget !== undefined && typeof spend !== "function") {
		throw refused("connectionBudget", "a rollingBudget", `a ${typeof resolved.connectionBudget}`);
	}
	if (resolved.scope !== "connection" && resolved.scope !== "account") {
		throw refused("scope", "connection or account", `a ${typeof resolved.scope}`);
	}
	for (const option of ["name", "armingRight"] as const) {
		if (typeof resolved[option] !== "string" || resolved[option] === "") {
			throw refused(option, "a text that is not empty", `a ${typeof resolved[option]}`);
		}
	}
	return resolved;
}

/** Settings that work and are unwise, in words for people. Nothing is printed by this package. */
export function deribitWarnings(options: Pick<DeribitSessionOptions, "intervalSeconds">): string[] {
	const interval = options.intervalSeconds ?? deribitSessionDefaults.intervalSeconds;
	if (interval < 15) {
		return [
			`intervalSeconds ${interval} is under 15: a pause of the program that long ends the session, and with it the orders`,
		];
	}
	if (interval > 60) {
		return [`intervalSeconds ${interval} is over 60: orders outlive a dead network by more than two minutes`];
	}
	return [];
}

function atLeast(option: string, value: unknown, least: number, why = ""): void {
	if (typeof value === "number" && Number.isFinite(value) && value >= least) return;
	const given = typeof value === "number" ? `${value}` : `a ${typeof value}`;
	throw refused(option, `a number of ${least} or more`, `${given}${why}`);
}

function refused(option: string, allowed: string, given: string): TypeError {
	return new TypeError(`@x/keepalive/deribit: option ${option} must be ${allowed}, not ${given}`);
}
