import type { BybitError } from "../errors.ts";

/** For each kind of refusal, its `retCode`s and its HTTP status. */
const codes: readonly (readonly [kind: BybitError["kind"], retCodes: readonly number[], status?: number])[] = [
	["clock", [-1, 10002]],
	["key", [-2015, 10007, 33004]],
	["overload", [429], 429],
	["unknown-outcome", [10000, 10014, 10016]],
	["parameter", [10001]],
	["environment", [10003, 10032], 401],
	["signature", [10004]],
	["permission", [10005]],
	["rate", [10006]],
	["account", [10008, 10009, 10024, 10027, 10028]],
	["address", [10010]],
	["route", [10017], 404],
	["banned", [10018], 403],
];

/**
 * The kind of a refusal by its `retCode`. The venue's text is not used, because it differs between calls and changes
 * over time.
 */
export function kindOfRetCode(retCode: number): BybitError["kind"] {
	return codes.find(([, retCodes]) => retCodes.includes(retCode))?.[0] ?? "venue";
}

/** The kind of an HTTP status other than 200. @param isPage - whether the body is a web page with a text. */
export function kindOfStatus(status: number, isPage: boolean): BybitError["kind"] {
	// If the venue itself answers 403, the body is JSON or a short text. A web page comes from the network in front of the
	// venue.
	if (status === 403 && isPage) return "blocked";
	if (status >= 500) return "unknown-outcome";
	if (status >= 300 && status < 400) return "route";
	return codes.find((code) => code[2] === status)?.[0] ?? "http";
}

const todos: Readonly<Partial<Record<BybitError["kind"], string>>> = {
	reply: "Check that the host is Bybit's and no proxy.",
	"unknown-outcome": "The venue may have acted: read back with queryDcp, then repeat.",
	parameter: "Correct the parameter.",
	environment: "Use a key and a host of one environment (mainnet or testnet).",
	signature: "Check the API secret and any proxy.",
	permission: "Give the API key the permission, or ask Bybit to enable DCP for the account.",
	address: "Add this machine's IP address to the API key.",
	key: "Make a new key: one without an IP address expires after 90 days.",
	account: "Ask Bybit why the account may not make this call.",
	route: "Check host and path of restUrl.",
	overload: "Try again more slowly.",
	banned: "Make no call from this IP address for ten minutes.",
	blocked:
		"Waiting does not help: check from where the calls are made (country, proxy, hosting) and that restUrl is right.",
	venue: "See Bybit's list of error codes.",
};

/** What to do about an error, as a human-readable text. */
export function todoFor(kind: BybitError["kind"], url: string): string | undefined {
	return kind === "environment" ? `${todos[kind]} The host was ${new URL(url).hostname}.` : todos[kind];
}
