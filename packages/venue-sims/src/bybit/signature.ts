import { createHmac, createVerify, timingSafeEqual } from "node:crypto";
import type { WireRequest } from "../venue.ts";
import type { BybitSimKey } from "./options.ts";

/** A refusal in the venue's envelope, or by status alone. */
export type Refusal = { status: number } | { retCode: number; retMsg: string };

/** The key of this name, if the venue has it. */
export type FindKey = (apiKey: unknown) => BybitSimKey | undefined;

/** Judges the key, the time and the signature of a request, over the bytes as they came. */
export function refuseSignature(request: WireRequest, find: FindKey, serverTime: number): Refusal | undefined {
	const apiKey = request.headers["x-bapi-api-key"];
	const timestamp = request.headers["x-bapi-timestamp"];
	const signature = request.headers["x-bapi-sign"];
	const window = request.headers["x-bapi-recv-window"] ?? "5000";
	if (!apiKey || !timestamp || !signature) return { status: 401 };
	const key = find(apiKey);
	if (!key) return { retCode: 10003, retMsg: "API key is invalid." };
	if (!/^\d{1,15}$/.test(timestamp) || !/^\d{1,9}$/.test(window)) {
		return { retCode: 10001, retMsg: "params error: timestamp or recv_window is not a number" };
	}
	const sent = Number(timestamp);
	if (sent < serverTime - Number(window) || sent >= serverTime + 1_000) {
		const values = `req_timestamp[${timestamp}],server_timestamp[${serverTime}],recv_window[${window}]`;
		const retMsg = `invalid request, please check your server timestamp or recv_window param. ${values}`;
		return { retCode: 10002, retMsg };
	}
	const payload = request.method === "GET" ? queryOf(request) : request.body;
	const origin = timestamp + apiKey + window + payload;
	if (!signed(origin, signature, key)) {
		return { retCode: 10004, retMsg: `error sign! origin_string[${origin}]` };
	}
	return undefined;
}

/** What follows the first question mark, as it came where that is known. */
function queryOf({ target, url }: WireRequest): string {
	const from = target?.indexOf("?") ?? -1;
	return target === undefined ? url.search.slice(1) : from < 0 ? "" : target.slice(from + 1);
}

/** Judges the three arguments of a socket's auth; the venue's text for most faults is the same. */
export function refuseAuth(args: unknown, find: FindKey, serverTime: number): string | undefined {
	if (!Array.isArray(args) || args.length !== 3) return "Params Error";
	const [apiKey, expires, signature] = args as unknown[];
	const key = find(apiKey);
	if (!key) return "API key is invalid.";
	// A number in the documentation; a text is taken as well.
	if (typeof expires !== "number" && typeof expires !== "string") return "Params Error";
	if (!/^\d{1,15}$/.test(String(expires)) || Number(expires) <= serverTime) return "Params Error";
	if (typeof signature !== "string" || !signed(`GET/realtime${expires}`, signature, key)) return "Params Error";
	return undefined;
}

function signed(text: string, signature: string, { apiSecret, rsaPublicKey }: BybitSimKey): boolean {
	if (rsaPublicKey) return createVerify("RSA-SHA256").update(text, "utf8").verify(rsaPublicKey, signature, "base64");
	const right = Buffer.from(createHmac("sha256", apiSecret).update(text, "utf8").digest("hex"));
	const given = Buffer.from(signature);
	return right.length === given.length && timingSafeEqual(right, given);
}
