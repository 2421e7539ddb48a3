import { BybitError } from "../errors.ts";

/** Signs a text as the venue wants it: lower-case hexadecimal of an HMAC-SHA256, or base64 of an RSA-SHA256. */
export type BybitSigner = (text: string) => string | Promise<string>;

const pemHead = "-----BEGIN PRIVATE KEY-----";
const pemTail = "-----END PRIVATE KEY-----";

/**
 * A signer from what Bybit's key page gives: the secret of a system-generated key (HMAC-SHA256), or the PKCS #8 PEM text
 * of the private key of a self-generated one (RSA-SHA256, PKCS #1 v1.5).
 *
 * @throws BybitError of kind `options` for what is no text, or a PEM text of another form.
 */
export function createBybitSigner(apiSecret: string): BybitSigner {
	if (typeof apiSecret !== "string" || apiSecret === "")
		throw new BybitError("options", "createBybitSigner: the secret must be a text.");
	return apiSecret.trimStart().startsWith("-----BEGIN") ? rsaSigner(apiSecret) : hmacSigner(apiSecret);
}

function hmacSigner(secret: string): BybitSigner {
	const algorithm = { name: "HMAC", hash: "SHA-256" };
	const key = once(() => crypto.subtle.importKey("raw", utf8(secret), algorithm, false, ["sign"]));
	return async (text) => hex(await crypto.subtle.sign("HMAC", await key(), utf8(text)));
}

function rsaSigner(pem: string): BybitSigner {
	const text = pem.trim();
	if (!text.startsWith(pemHead) || !text.endsWith(pemTail)) throw badPem("its first line must be that of PKCS #8");
	let der: Uint8Array<ArrayBuffer>;
	try {
		const body = text.slice(pemHead.length, -pemTail.length).replace(/\s/g, "");
		der = Uint8Array.from(atob(body), (char) => char.charCodeAt(0));
	} catch {
		// Without the cause: its message may quote the key.
		throw badPem("it is not base64");
	}
	const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
	const key = once(async () => {
		try {
			return await crypto.subtle.importKey("pkcs8", der, algorithm, false, ["sign"]);
		} catch {
			throw badPem("it holds no RSA private key");
		}
	});
	return async (message) => base64(await crypto.subtle.sign(algorithm.name, await key(), utf8(message)));
}

function badPem(why: string): BybitError {
	return new BybitError(
		"options",
		`option apiSecret begins like a PEM text but is not an unencrypted PKCS #8 private key: ${why}. ` +
			"`openssl pkcs8 -topk8 -nocrypt` converts other forms.",
	);
}

/** The key is imported at the first signature and then kept. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
	let made: Promise<T> | undefined;
	return () => {
		made ??= make();
		return made;
	};
}

function utf8(text: string): Uint8Array<ArrayBuffer> {
	return new TextEncoder().encode(text);
}

function hex(bytes: ArrayBuffer): string {
	return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function base64(bytes: ArrayBuffer): string {
	return btoa(String.fromCharCode(...new Uint8Array(bytes)));
}
