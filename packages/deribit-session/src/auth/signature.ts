/**
 * The `signature` parameter of `public/auth` with the grant `client_signature`: the lower-case hexadecimal of the
 * HMAC-SHA256 of timestamp, nonce and data, joined by line feeds. The line feed before the data is required even if the
 * data is empty.
 *
 * @param subtle - the Web Crypto implementation. Default: `globalThis.crypto.subtle`.
 * @see https://docs.deribit.com/articles/authentication
 */
export async function deribitSignature(
	input: {
		/** The secret of an HMAC key. */
		readonly clientSecret: string;
		/** The current time in epoch milliseconds. The venue accepts the signature for 60 s. */
		readonly timestamp: number;
		/** Any string that was not used as a nonce before. */
		readonly nonce: string;
		/** More data to sign, sent as the parameter `data`. Default: an empty string. */
		readonly data?: string;
	},
	subtle: typeof globalThis.crypto.subtle = globalThis.crypto.subtle,
): Promise<string> {
	const { clientSecret, timestamp, nonce, data = "" } = input;
	const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
	const algorithm = { name: "HMAC", hash: "SHA-256" };
	const key = await subtle.importKey("raw", bytes(clientSecret), algorithm, false, ["sign"]);
	return hex(await subtle.sign("HMAC", key, bytes(`${timestamp}\n${nonce}\n${data}`)));
}

/** A nonce of 128 random bits. */
export function randomNonce(crypto: Pick<typeof globalThis.crypto, "getRandomValues">): string {
	return hex(crypto.getRandomValues(new Uint8Array(16)).buffer);
}

function hex(buffer: ArrayBuffer): string {
	return Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
