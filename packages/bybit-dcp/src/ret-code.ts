import type { BybitErrorKind } from "./errors.ts";

const byRetCode: Readonly<Record<string, BybitErrorKind>> = {
	"-1": "clock",
	"-2015": "key",
	"429": "overload",
	"10000": "unknown-outcome",
	"10001": "parameter",
	"10002": "clock",
	"10003": "environment",
	"10004": "signature",
	"10005": "permission",
	"10006": "rate",
	"10007": "key",
	"10008": "account",
	"10009": "account",
	"10010": "address",
	"10014": "unknown-outcome",
	"10016": "unknown-outcome",
	"10017": "route",
	"10018": "banned",
	"10024": "account",
	"10027": "account",
	"10028": "account",
	"10032": "environment",
	"33004": "key",
};

const byStatus: Readonly<Record<string, BybitErrorKind>> = {
	"401": "environment",
	"403": "banned",
	"404": "route",
	"429": "overload",
};

/** The class of a refusal by the venue's code. The text never decides: it changes, and it is not the same everywhere. */
export function kindOfRetCode(retCode: number): BybitErrorKind {
	return byRetCode[String(retCode)] ?? "venue";
}

/** The class of an HTTP status other than 200 when the body says nothing. */
export function kindOfStatus(status: number): BybitErrorKind {
	if (status >= 500) return "unknown-outcome";
	if (status >= 300 && status < 400) return "route";
	return byStatus[String(status)] ?? "venue";
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
	rate: "Wait for the reset.",
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
