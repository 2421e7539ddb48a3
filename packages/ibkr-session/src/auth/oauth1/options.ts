import type { KeyObject } from "node:crypto";
import { IbkrError } from "../../errors.ts";
import { type Names, onlyKnown } from "../../known.ts";
import { type IbkrOAuthOptions, oauthNames, secretText } from "../oauth2/options.ts";
import { readDhParameters } from "./numbers.ts";
import { readRsaKey } from "./rsa.ts";

/** A consumer of OAuth 1.0a: the application that IBKR knows by its keys. */
export interface IbkrConsumerOptions extends IbkrOAuthOptions {
	/** As given by the venue, letters and digits. */
	readonly consumerKey: string;
	/** PEM text of the private RSA **signature** key. */
	readonly signatureKey: string;
	/** PEM text of the private RSA **encryption** key. It signs nothing. */
	readonly encryptionKey: string;
	/** The Diffie-Hellman prime of 2048 bits: PEM text `DH PARAMETERS`, or hexadecimal with generator 2. */
	readonly dhParameters: string;
	/** Default `limited_poa`, and `test_realm` for the consumer TESTCONS. */
	readonly realm?: string;
	/** How long before its end a live session token is made again, 0 to 43 200 000. Default 3 600 000. */
	readonly renewBeforeMs?: number;
}

/** What a user's consent gave, or the self-service page: lasts until it is revoked. */
export interface UserCredentials {
	/** As the venue gave it, 20 hexadecimal digits. A secret: it names the user. */
	readonly accessToken: string;
	/** Base64, encrypted for the encryption key. */
	readonly accessTokenSecret: string;
}

/** The keys of a consumer, checked. */
export interface Consumer {
	readonly consumerKey: string;
	readonly signatureKey: KeyObject;
	readonly encryptionKey: KeyObject;
	readonly prime: bigint;
	readonly generator: bigint;
	readonly realm: string;
	readonly renewBeforeMs: number;
}

const names: Names<IbkrConsumerOptions> = {
	...oauthNames,
	consumerKey: 1,
	signatureKey: 1,
	encryptionKey: 1,
	dhParameters: 1,
	realm: 1,
	renewBeforeMs: 1,
};

/** @throws IbkrError of kind `options` that names the option and quotes none. */
export function resolveConsumer(options: IbkrConsumerOptions): Consumer {
	onlyKnown(options, names);
	const { consumerKey, renewBeforeMs = 3_600_000 } = options;
	if (typeof consumerKey !== "string" || !/^[A-Za-z0-9]{1,64}$/.test(consumerKey)) {
		throw wrong("consumerKey", "1 to 64 letters and digits", consumerKey);
	}
	const { realm = consumerKey === "TESTCONS" ? "test_realm" : "limited_poa" } = options;
	if (typeof realm !== "string" || !/^\w{1,64}$/.test(realm)) throw wrong("realm", "a word", realm);
	if (typeof renewBeforeMs !== "number" || !(renewBeforeMs >= 0 && renewBeforeMs <= 43_200_000)) {
		throw wrong("renewBeforeMs", "a number of milliseconds from 0 to 43200000", renewBeforeMs);
	}
	return {
		consumerKey,
		signatureKey: rsaKeyOf("signatureKey", options.signatureKey),
		encryptionKey: rsaKeyOf("encryptionKey", options.encryptionKey),
		...dhOf(options.dhParameters),
		realm,
		renewBeforeMs,
	};
}

/** A text that stands in quotes in the header. Not quoted in errors. */
export function headerValue(name: string, value: unknown): string {
	const text = secretText(name, value);
	if (/["\\\s]/.test(text)) throw wrong(name, "a text without quotes and blanks", value);
	return text;
}

/** @throws IbkrError of kind `options`. */
export function ciphertextOf(value: unknown): Buffer {
	const text = typeof value === "string" ? value.trim() : "";
	if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) throw wrong("accessTokenSecret", "base64", value);
	return Buffer.from(text, "base64");
}

function rsaKeyOf(name: string, value: unknown): KeyObject {
	const key = readRsaKey(value);
	if (!key) throw wrong(name, "the PEM text of an RSA private key of 2048 bits or more", value);
	return key;
}

function dhOf(value: unknown): { prime: bigint; generator: bigint } {
	const text = typeof value === "string" ? value.trim() : "";
	const hex = text.replace(/^0x/i, "").replace(/[:\s]/g, "");
	const found = /^[0-9a-f]+$/i.test(hex) ? { prime: BigInt(`0x${hex}`), generator: 2n } : readDhParameters(text);
	const fits = found && found.prime.toString(2).length === 2_048 && (found.prime & 1n) === 1n && found.generator > 1n;
	if (!fits) throw wrong("dhParameters", "PEM text of DH PARAMETERS or a hexadecimal prime, of 2048 bits", value);
	return found;
}

function wrong(name: string, expected: string, value: unknown): IbkrError {
	const type = value === null ? "null" : typeof value;
	const message = `the option ${name} must be ${expected}, and a value of type ${type} was given that is not`;
	return new IbkrError(message, { kind: "options" });
}
