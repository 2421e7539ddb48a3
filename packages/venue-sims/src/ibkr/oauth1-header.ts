import { createHmac, createVerify, timingSafeEqual } from "node:crypto";
import type { WireRequest } from "../venue.ts";

/** The parts of a request that a signature covers. */
export type SignedRequest = Pick<WireRequest, "method" | "url" | "headers" | "localAddress">;

/** Parses the parameters of an `Authorization: OAuth` header, still encoded as sent; undefined for any other header. */
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

/**
 * The signature base strings from which a client may have made the signature of a request. Clients differ in two ways: they sign the host
 * of the `Host` header or the host that they connected to, and they sign the query or leave it out.
 */
export function signatureBases(request: SignedRequest, params: ReadonlyMap<string, string>): string[] {
	const { method, url, headers, localAddress } = request;
	const port = localAddress?.split(":").at(-1);
	const hosts = [url.host, headers["host"], localAddress, port === undefined ? undefined : `localhost:${port}`];
	const known = new Set(hosts.filter((host) => host !== undefined));
	const own = [...params].filter(([name]) => name !== "realm" && name !== "oauth_signature");
	return [...known].flatMap((host) =>
		[[...own, ...url.searchParams], own].map((pairs) => {
			const text = pairs
				.sort((one, other) => (one[0] < other[0] ? -1 : 1))
				.map((pair) => pair.join("="))
				.join("&");
			return [method, percentEncode(`${url.protocol}//${host}${url.pathname}`), percentEncode(text)].join("&");
		}),
	);
}

export function isRsaSigned(text: string, signature: string | undefined, publicKey: string): boolean {
	return createVerify("RSA-SHA256").update(text).verify(publicKey, percentDecode(signature), "base64");
}

export function isHmacSigned(text: string, signature: string | undefined, key: Buffer): boolean {
	const expected = createHmac("sha256", key).update(text).digest();
	const given = Buffer.from(percentDecode(signature), "base64");
	return given.length === expected.length && timingSafeEqual(given, expected);
}

/** Percent-encodes every byte except letters, digits and `-._~`. */
function percentEncode(text: string): string {
	let out = "";
	for (const byte of Buffer.from(text, "utf8")) {
		const character = String.fromCharCode(byte);
		out += /[\w.~-]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
	}
	return out;
}

/**
 * Decodes a percent-encoded signature. Returns an empty string if the signature was not percent-encoded as documented.
 */
function percentDecode(signature = ""): string {
	if (/[+/=]/.test(signature)) return "";
	try {
		return decodeURIComponent(signature);
	} catch {
		return "";
	}
}
