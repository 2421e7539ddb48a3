import type { OkxTimerOptions } from "../options.ts";

/** The headers that authenticate a POST with this path and body. */
export async function signedHeaders(
	{ apiKey, apiSecret, passphrase }: OkxTimerOptions,
	path: string,
	body: string,
): Promise<Record<string, string>> {
	const timestamp = new Date().toISOString();
	const bytes = (text: string) => new TextEncoder().encode(text);
	const algorithm = { name: "HMAC", hash: "SHA-256" };
	const key = await crypto.subtle.importKey("raw", bytes(apiSecret), algorithm, false, ["sign"]);
	const signature = await crypto.subtle.sign("HMAC", key, bytes(`${timestamp}POST${path}${body}`));
	return {
		"Content-Type": "application/json",
		"OK-ACCESS-KEY": apiKey,
		"OK-ACCESS-PASSPHRASE": passphrase,
		"OK-ACCESS-TIMESTAMP": timestamp,
		"OK-ACCESS-SIGN": btoa(String.fromCharCode(...new Uint8Array(signature))),
	};
}
