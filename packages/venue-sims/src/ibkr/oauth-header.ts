import { createHmac, createVerify, timingSafeEqual } from "node:crypto";
import type { WireRequest } from "../venue.ts";

/** The parameters of an `Authorization: OAuth` header, as sent, or undefined when it is not one. */
export function readHeader(header: string | undefined): Map<string, string> | undefined {
	if (!header?.startsWith("OAuth ")) return undefined;
	const found = new Map<string, string>();
	for (const part of header.slice("OAuth ".length).split(", ")) {
		const [, name, value] = /^(\w+)="([^"]*)"$/.exec(part) ?? [];
		if (name === undefined || value === undefined || found.has(name)) return undefined;
		found.set(name, value);
	}
	return found;
}

/** What the client must have signed, built from what was received. */
export function signedText(request: Pick<WireRequest, "method" | "url">, sent: ReadonlyMap<string, string>): string {
	const pairs = [...sent].filter(([name]) => name !== "realm" && name !== "oauth_signature");
	pairs.push(...request.url.searchParams);
	pairs.sort((one, other) => (one[0] < other[0] ? -1 : 1));
	const address = `${request.url.protocol}//${request.url.host}${request.url.pathname}`;
	const parts = [request.method, address, pairs.map((pair) => pair.join("=")).join("&")];
	return parts.map((part, at) => (at === 0 ? part : escaped(part))).join("&");
}

export function isRsaSigned(text: string, signature: string | undefined, publicKey: string): boolean {
	return createVerify("RSA-SHA256").update(text).verify(publicKey, unescaped(signature), "base64");
}

export function isHmacSigned(text: string, signature: string | undefined, key: Buffer): boolean {
	const due = createHmac("sha256", key).update(text).digest();
	const given = Buffer.from(unescaped(signature), "base64");
	return given.length === due.length && timingSafeEqual(given, due);
}

/** Everything but letters, digits and `-._~` as `%XX`, byte by byte. */
function escaped(text: string): string {
	let out = "";
	for (const byte of Buffer.from(text, "utf8")) {
		const character = String.fromCharCode(byte);
		out += /[\w.~-]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
	}
	return out;
}

/** Empty when the signature was not percent-encoded: then it cannot have been sent as documented. */
function unescaped(signature = ""): string {
	if (/[+/=]/.test(signature)) return "";
	try {
		return decodeURIComponent(signature);
	} catch {
		return "";
	}
}
