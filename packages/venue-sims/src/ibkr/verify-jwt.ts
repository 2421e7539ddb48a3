import { verify } from "node:crypto";
import type { IbkrSimClient } from "./options.ts";

/**
 * Verifies a JWT. Returns the name of the invalid part, or undefined if the JWT is valid.
 *
 * @param expectedClaims - the claims that the JWT must have, with their values.
 * @param now - epoch seconds.
 */
export function findInvalidPart(
	jwt: string,
	client: IbkrSimClient,
	expectedClaims: Readonly<Record<string, string>>,
	now: number,
): string | undefined {
	const [head = "", body = "", signature = ""] = jwt.split(".");
	let header: Record<string, unknown>;
	let claims: Record<string, unknown>;
	try {
		// The casts are safe: each member is checked before it is used.
		header = JSON.parse(Buffer.from(head, "base64url").toString()) as Record<string, unknown>;
		claims = JSON.parse(Buffer.from(body, "base64url").toString()) as Record<string, unknown>;
	} catch {
		return "not JSON";
	}
	if (header["alg"] !== "RS256" || header["typ"] !== "JWT") return "alg or typ";
	if (header["kid"] !== client.keyId) return "kid";
	const bytes = Buffer.from(signature, "base64url");
	if (!verify("RSA-SHA256", Buffer.from(`${head}.${body}`), client.publicKey, bytes)) return "signature";
	for (const [name, value] of Object.entries(expectedClaims)) if (claims[name] !== value) return name;
	const { iat, exp } = claims;
	if (typeof iat !== "number" || iat > now) return "iat";
	if (typeof exp !== "number" || exp <= now || exp - now > 86_400) return "exp";
	return undefined;
}
