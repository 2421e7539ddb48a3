import { createHmac, createPublicKey, timingSafeEqual, verify } from "node:crypto";
import type { DeribitSettings } from "./options.ts";

/** Whether a signature of a text was made with the API key. */
export type SignatureCheck = (text: string, signature: string) => boolean;

/** Creates the signature check of the only API key: by its public key if it has one, otherwise by its secret. */
export function signatureCheck({ clientSecret, publicKey }: DeribitSettings): SignatureCheck {
	if (publicKey !== undefined) return asymmetricCheck(publicKey);
	return (text, signature) => {
		const expected = createHmac("sha256", clientSecret).update(text).digest();
		const given = Buffer.from(signature, "hex");
		return given.length === expected.length && timingSafeEqual(given, expected);
	};
}

const minRsaBits = 2_048;

function asymmetricCheck(pem: string): SignatureCheck {
	const key = readPublicKey(pem);
	const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key ?? {};
	const isLongRsa = type === "rsa" && (details?.modulusLength ?? 0) >= minRsaBits;
	if (!key || (type !== "ed25519" && !isLongRsa)) {
		const found = type === "rsa" ? `an RSA key of ${details?.modulusLength} bits` : (type ?? "other text");
		throw new Error(
			`@x/venue-sims: option publicKey must be an Ed25519 key, or an RSA key of at least ${minRsaBits} bits, in PEM format, ` +
				`got ${found}.`,
		);
	}
	// Ed25519 needs no separate hash. For RSA, PKCS #1 v1.5 with SHA-256 is an assumption, because the venue does not document the scheme.
	const hash = type === "rsa" ? "sha256" : null;
	// Clients send the signature as base64 or as base64url. `Buffer.from` decodes both with the encoding "base64".
	return (text, signature) => verify(hash, Buffer.from(text), key, Buffer.from(signature, "base64"));
}

function readPublicKey(pem: string): ReturnType<typeof createPublicKey> | undefined {
	try {
		return createPublicKey(pem);
	} catch {
		return undefined;
	}
}
