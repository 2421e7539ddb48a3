import { constants, createPrivateKey, type KeyObject, privateDecrypt, sign } from "node:crypto";

/** Reads an RSA private key of 2048 bits or more from PEM text; undefined for any other value. */
export function readRsaKey(pem: unknown): KeyObject | undefined {
	if (typeof pem !== "string") return undefined;
	try {
		const key = createPrivateKey(pem);
		const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
		return key.asymmetricKeyType === "rsa" && bits >= 2_048 ? key : undefined;
	} catch {
		return undefined;
	}
}

/**
 * Decrypts a text that was encrypted with PKCS#1 v1.5; returns undefined if the text was not encrypted for this key.
 *
 * This function removes the padding itself, because Node's result for a wrong key depends on its version: an error or, since the fix of
 * CVE-2023-46809, random bytes.
 */
export function decryptPkcs1(key: KeyObject, ciphertext: Buffer): Buffer | undefined {
	let block: Buffer;
	try {
		block = privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, ciphertext);
	} catch {
		return undefined;
	}
	return withoutPadding(block);
}

/**
 * Returns the content of `00 02 <eight or more bytes that are not 0> 00 <content>`; undefined for any other block.
 * Reads every byte of the block, so that the run time does not depend on the content.
 */
export function withoutPadding(block: Buffer): Buffer | undefined {
	let wrong = (block[0] ?? 1) | ((block[1] ?? 0) ^ 2);
	let end = 0;
	for (let at = 2; at < block.length; at++) {
		const isEnd = Number(block[at] === 0 && end === 0);
		end |= isEnd * at;
	}
	wrong |= Number(end < 10) | Number(end === block.length - 1);
	return wrong === 0 ? block.subarray(end + 1) : undefined;
}

/** Signs a text by RSASSA-PKCS1-v1_5 with SHA-256; returns the signature in base64. */
export function signRsa(key: KeyObject, text: string): string {
	return sign("sha256", Buffer.from(text, "utf8"), { key, padding: constants.RSA_PKCS1_PADDING }).toString("base64");
}
