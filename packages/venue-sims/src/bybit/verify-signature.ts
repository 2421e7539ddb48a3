import { createHmac, createVerify, timingSafeEqual } from "node:crypto";
import type { WireRequest } from "../venue.ts";
import type { BybitSimKey } from "./options.ts";

/** An error reply: a JSON object with `retCode`, or only an HTTP status. */
export type BybitRefusal = { status: number } | { retCode: number; retMsg: string };

/** Finds the API key with this `apiKey` value; undefined if there is none. */
export type FindKey = (apiKey: unknown) => BybitSimKey | undefined;

/**
 * Checks the API key, timestamp and signature of an HTTP request. Returns the error reply, or undefined if the request
 * is valid.
 */
export function checkSignature(request: WireRequest, find: FindKey, serverTime: number): BybitRefusal | undefined {
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
	const signedText = timestamp + apiKey + window + payload;
	if (!isSigned(signedText, signature, key)) {
		return { retCode: 10004, retMsg: `error sign! origin_string[${signedText}]` };
	}
	return undefined;
}

/** The query string of a request: exactly as sent if the transport has kept it, otherwise as the class `URL` parsed it. */
function queryOf({ target, url }: WireRequest): string {
	const from = target?.indexOf("?") ?? -1;
	return target === undefined ? url.search.slice(1) : from < 0 ? "" : target.slice(from + 1);
}

/**
 * Checks the three arguments of the WebSocket request `auth`: API key, expiry and signature. Returns the error text, or undefined if they
 * are valid.
 */
export function checkAuth(args: unknown, find: FindKey, serverTime: number): string | undefined {
	if (!Array.isArray(args) || args.length !== 3) return "Params Error";
	const [apiKey, expires, signature]: readonly unknown[] = args;
	const key = find(apiKey);
	if (!key) return "API key is invalid.";
	// The argument `expires` is documented as a number; the real venue also accepts a string.
	if (typeof expires !== "number" && typeof expires !== "string") return "Params Error";
	if (!/^\d{1,15}$/.test(String(expires)) || Number(expires) <= serverTime) return "Params Error";
	if (typeof signature !== "string" || !isSigned(`GET/realtime${expires}`, signature, key)) return "Params Error";
	return undefined;
}

function isSigned(text: string, signature: string, { apiSecret, rsaPublicKey }: BybitSimKey): boolean {
	if (rsaPublicKey) return createVerify("RSA-SHA256").update(text, "utf8").verify(rsaPublicKey, signature, "base64");
	const expected = Buffer.from(createHmac("sha256", apiSecret).update(text, "utf8").digest("hex"));
	const given = Buffer.from(signature);
	return expected.length === given.length && timingSafeEqual(expected, given);
}
