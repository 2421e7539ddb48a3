import type { BybitErrorKind } from "../errors.ts";

/** The kinds that the venue's codes and the HTTP statuses make, with those that make them. */
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

/** The class of a refusal by the venue's code. The text never decides: it changes, and it is not the same everywhere. */
export function kindOfRetCode(retCode: number): BybitErrorKind {
	return codes.find(([, retCodes]) => retCodes.includes(retCode))?.[0] ?? "venue";
}

/** The class of an HTTP status other than 200 when the body says nothing. */
export function kindOfStatus(status: number): BybitErrorKind {
	if (status >= 500) return "unknown-outcome";
	if (status >= 300 && status < 400) return "route";
	return codes.find((code) => code[2] === status)?.[0] ?? "venue";
}

const advice: Readonly<Partial<Record<BybitErrorKind, string>>> = {
	"unknown-outcome": "The venue does not say whether it acted: read back with queryDcp, then repeat.",
	parameter: "Repeating the same call does not help.",
	environment:
		"A key works in its own environment only (mainnet, testnet; demo trading has no DCP): check that key and host belong together.",
	signature: "The secret is not that of the key, or something on the way changed the request.",
	permission: "Give the key the permission it lacks; if it has it, the account may not have Disconnection Protect.",
	address: "Add this machine's address to the key, or call from one that is listed.",
	key: "The key has expired (without an address binding it does after 90 days) or is not accepted: make a new one.",
	account: "The account, its mode or its region may not make this call.",
	route: "Check the host and the path before it.",
	overload: "Try again, more slowly.",
	banned: "Stop all calls from this address and wait ten minutes; the ban then lifts by itself.",
	venue: "This code is not known here; see the venue's list of error codes.",
};

/** What to do now, for people. A key that does not fit its host is told which host that was. */
export function adviceFor(kind: BybitErrorKind, baseUrl?: string): string {
	const text = advice[kind] ?? "";
	return kind === "environment" && baseUrl !== undefined ? `${text} ${environmentOf(baseUrl)}` : text;
}

/** The environment of a host, by its name: a mirror or a gateway may have any name, so it is a hint. */
export function environmentOf(url: string): string {
	const { hostname } = new URL(url);
	if (["127.0.0.1", "localhost", "[::1]"].includes(hostname)) return `The host asked was ${hostname}.`;
	return `The host asked was ${hostname}, which by its name is ${hostname.includes("testnet") ? "testnet" : "mainnet"}.`;
}
