import { IbkrError } from "../../errors.ts";

/** What signs JWTs: made by {@link importSigner}. */
export type Signer = (claims: Readonly<Record<string, string | number>>) => Promise<string>;

/**
 * Signs with RS256.
 *
 * @throws IbkrError of kind `options` when the text is no private key in PKCS#8.
 */
export async function importSigner(privateKey: string, keyId: string): Promise<Signer> {
	const key = await importKey(privateKey);
	const head = encoded(JSON.stringify({ alg: "RS256", typ: "JWT", kid: keyId }));
	return async (claims) => {
		const text = `${head}.${encoded(JSON.stringify(claims))}`;
		const signature = await crypto.subtle.sign("RSASSA-PKCS1-v1_5", key, new TextEncoder().encode(text));
		return `${text}.${base64Url(String.fromCharCode(...new Uint8Array(signature)))}`;
	};
}

/** True for a text that has the form of a private key in PKCS#8. */
export function looksLikePkcs8(value: unknown): value is string {
	return typeof value === "string" && pkcs8.test(value);
}

const pkcs8 = /-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END PRIVATE KEY-----/;

async function importKey(pem: string) {
	const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
	try {
		const bytes = Uint8Array.from(atob(pkcs8.exec(pem)?.[1]?.replace(/\s/g, "") ?? ""), (one) => one.charCodeAt(0));
		return await crypto.subtle.importKey("pkcs8", bytes, algorithm, false, ["sign"]);
	} catch {
		throw new IbkrError("the option privateKey is not an RSA private key in PKCS#8", { kind: "options" });
	}
}

/** Claims can hold a name outside ASCII, which btoa does not take. */
function encoded(text: string): string {
	return base64Url(String.fromCharCode(...new TextEncoder().encode(text)));
}

function base64Url(bytes: string): string {
	return btoa(bytes).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
