import { OptionError } from "@x/base/errors";
import { packageName } from "../../errors.ts";

/** Signs the claims of a JWT. */
export type Signer = (claims: Readonly<Record<string, string | number>>) => Promise<string>;

/**
 * Creates a signer for RS256.
 *
 * @throws OptionError when the text is not a PKCS#8 private key.
 */
export async function importSigner(privateKey: string, keyId: string): Promise<Signer> {
	const key = await importKey(privateKey);
	const head = base64UrlOf(JSON.stringify({ alg: "RS256", typ: "JWT", kid: keyId }));
	return async (claims) => {
		const text = `${head}.${base64UrlOf(JSON.stringify(claims))}`;
		const signature = await crypto.subtle.sign("RSASSA-PKCS1-v1_5", key, new TextEncoder().encode(text));
		return `${text}.${base64Url(String.fromCharCode(...new Uint8Array(signature)))}`;
	};
}

/** Whether the text has the form of a PKCS#8 private key. */
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
		throw new OptionError(packageName, "privateKey", "must be an RSA private key in PKCS#8");
	}
}

/**
 * The text in base64url. The text is first encoded as UTF-8, because `btoa` refuses characters outside ASCII, which a
 * name in a claim can have.
 */
function base64UrlOf(text: string): string {
	return base64Url(String.fromCharCode(...new TextEncoder().encode(text)));
}

function base64Url(bytes: string): string {
	return btoa(bytes).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
