import type { BybitErrorKind } from "../errors.ts";

/** The `retCode`s and the HTTP status of each kind of refusal. */
const codes: readonly (readonly [kind: BybitErrorKind, retCodes: readonly number[], status?: number])[] = [
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

/** The kind of a refusal by its `retCode`. The venue's text does not decide: it differs from call to call, and it changes. */
export function kindOfRetCode(retCode: number): BybitErrorKind {
	return codes.find(([, retCodes]) => retCodes.includes(retCode))?.[0] ?? "venue";
}

/** The kind of an HTTP status other than 200, for a body that is not an envelope. */
export function kindOfStatus(status: number): BybitErrorKind {
	if (status >= 500) return "unknown-outcome";
	if (status >= 300 && status < 400) return "route";
	return codes.find((code) => code[2] === status)?.[0] ?? "http";
}

const todos: Readonly<Partial<Record<BybitErrorKind, string>>> = {
	reply: "Check that the host is Bybit's and that no proxy answers in its place.",
	"unknown-outcome": "It is unknown whether the venue acted: read back with queryDcp, then repeat.",
	parameter: "Correct the parameter: repeating the same call does not help.",
	environment: "Use the key and the host of one environment (mainnet or testnet; demo trading has no DCP).",
	signature: "Check the secret, and that no proxy changes the request.",
	permission: "Give the key the permission it lacks, or ask Bybit to enable Disconnection Protect for the account.",
	address: "Add this machine's IP address to the key, or call from one that is listed.",
	key: "Make a new key: without a bound IP address a key expires after 90 days.",
	account: "Ask Bybit: the account, its mode or its region may not make this call.",
	route: "Check the host and its path.",
	overload: "Try again more slowly.",
	banned: "Stop all calls from this IP address for ten minutes: the ban then ends.",
	venue: "Look the code up in the venue's list of error codes.",
	http: "Check the host and its path.",
};

/** What to do about an error, for people. */
export function todoFor(kind: BybitErrorKind, url: string): string | undefined {
	return kind === "environment" ? `${todos[kind]} ${environmentOf(url)}` : todos[kind];
}

/** The environment of a host by its name. A hint only: a proxy may have any name. */
function environmentOf(url: string): string {
	const { hostname } = new URL(url);
	if (["127.0.0.1", "localhost", "[::1]"].includes(hostname)) return `The host was ${hostname}.`;
	return `The host was ${hostname}, which by its name is ${hostname.includes("testnet") ? "testnet" : "mainnet"}.`;
}
