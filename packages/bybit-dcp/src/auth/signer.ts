import { isOptionError, OptionError } from "@x/base/errors";
import { checkOptions, nonEmptyString, secret } from "@x/base/option-schema";
import { BybitError, packageName } from "../errors.ts";

type Signer = ReturnType<typeof createBybitSigner>;

const pemHead = "-----BEGIN PRIVATE KEY-----";
const pemTail = "-----END PRIVATE KEY-----";

/**
 * Creates a function that signs texts. If `apiSecret` is the secret of a system-generated key, as Bybit's key page
 * shows it, the function uses HMAC-SHA256. If `apiSecret` is the PKCS #8 PEM of the private key of a self-generated
 * key, the function uses RSA-SHA256 (PKCS #1 v1.5).
 *
 * @throws OptionError for an empty secret or a PEM that is not PKCS #8. A PEM without an RSA key fails at the first
 * signature.
 */
export function createBybitSigner(apiSecret: string): (text: string) => string | Promise<string> {
	checkOptions<{ apiSecret: string }>(packageName, { apiSecret: secret(nonEmptyString()) }, { apiSecret });
	return apiSecret.trimStart().startsWith("-----BEGIN") ? rsaSigner(apiSecret) : hmacSigner(apiSecret);
}

function hmacSigner(secret: string): Signer {
	const algorithm = { name: "HMAC", hash: "SHA-256" };
	return subtleSigner("HMAC", () => crypto.subtle.importKey("raw", utf8(secret), algorithm, false, ["sign"]), hex);
}

function rsaSigner(pem: string): Signer {
	const text = pem.trim();
	if (!text.startsWith(pemHead) || !text.endsWith(pemTail))
		throw pemError(`it must begin with ${pemHead} and end with ${pemTail}`);
	let der: Uint8Array<ArrayBuffer>;
	try {
		const body = text.slice(pemHead.length, -pemTail.length).replace(/\s/g, "");
		der = Uint8Array.from(atob(body), (char) => char.charCodeAt(0));
	} catch {
		// The error has no cause, because the message of the cause may quote the key.
		throw pemError("it is not base64");
	}
	const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
	const importKey = () =>
		crypto.subtle.importKey("pkcs8", der, algorithm, false, ["sign"]).catch(() => {
			throw pemError("it holds no RSA private key");
		});
	return subtleSigner(algorithm.name, importKey, base64);
}

type ImportedKey = ReturnType<typeof crypto.subtle.importKey>;

/** Creates a signer that imports the key at the first signature and keeps the imported key. */
function subtleSigner(algorithm: string, importKey: () => ImportedKey, encode: (bytes: ArrayBuffer) => string): Signer {
	let key: ImportedKey | undefined;
	return async (text) => {
		key ??= importKey();
		return encode(await crypto.subtle.sign(algorithm, await key, utf8(text)));
	};
}

function pemError(found: string): OptionError {
	const problem = `must be an unencrypted PKCS #8 private key if it is PEM: ${found}. Convert it with openssl pkcs8 -topk8 -nocrypt.`;
	return new OptionError(packageName, "apiSecret", problem);
}

/**
 * Calls the signer of a client.
 *
 * @throws BybitError of kind `signer` if the signer failed. The BybitError shows nothing of the signer's own error,
 * which may hold a secret that this package does not know. An OptionError of {@link createBybitSigner} is thrown
 * unchanged.
 * @internal
 */
export async function createSignature(sign: Signer, text: string, call: string): Promise<string> {
	let signature: unknown;
	try {
		signature = await sign(text);
	} catch (error) {
		if (isOptionError(error) && error.package === packageName) throw error;
		const todo = "The signer's error is not shown, because it may hold a secret: log it in the signer.";
		throw new BybitError("signer", "not sent, because the signer failed", { call, todo });
	}
	// Without this check, the text "undefined" could be sent as a signature, and the venue's refusal would wrongly say
	// that the secret is wrong.
	if (typeof signature === "string" && signature !== "") return signature;
	throw new BybitError("signer", "not sent, because the signer did not return a non-empty string", { call });
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
