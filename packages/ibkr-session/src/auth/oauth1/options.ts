import type { KeyObject } from "node:crypto";
import {
	checkOptions,
	milliseconds,
	type OptionSchema,
	optional,
	type Rule,
	rule,
	secret,
} from "@x/base/option-schema";
import { packageName } from "../../errors.ts";
import { checkArgument } from "../../options.ts";
import { type IbkrOAuthOptions, oauthRules } from "../oauth2/options.ts";
import { type DhParameters, readDhParameters } from "./diffie-hellman-numbers.ts";
import { readRsaKey } from "./rsa.ts";

/**
 * The options of {@link createIbkrConsumer}. An OAuth 1.0a consumer is an application whose keys are registered at
 * IBKR.
 */
export interface IbkrConsumerOptions extends IbkrOAuthOptions {
	/** The consumer key from IBKR, letters and digits. */
	readonly consumerKey: string;
	/** PEM text of the private RSA **signature** key. */
	readonly signatureKey: string;
	/** PEM text of the private RSA **encryption** key. This key signs nothing. */
	readonly encryptionKey: string;
	/**
	 * The Diffie-Hellman prime of 2048 bits: PEM text `DH PARAMETERS`, or the prime in hexadecimal. With a hexadecimal prime, the
	 * generator is 2.
	 */
	readonly dhParameters: string;
	/** The OAuth realm. Default `limited_poa`, or `test_realm` for the consumer TESTCONS. */
	readonly realm?: string;
	/** A live session token is renewed this many milliseconds before it ends, 0 to 43 200 000. Default 3 600 000. */
	readonly renewBeforeMs?: number;
}

/**
 * The access token of a user, from the user's consent or from the venue's self-service page. The token is valid until
 * it is revoked.
 */
export interface IbkrUserCredentials {
	/** The access token as IBKR gave it, 20 hexadecimal digits. It is a secret, because it names the user. */
	readonly accessToken: string;
	/** The secret of the access token, encrypted for the consumer's encryption key, in base64. */
	readonly accessTokenSecret: string;
}

/** The keys of a consumer, checked. */
export interface Consumer extends DhParameters {
	readonly consumerKey: string;
	readonly signatureKey: KeyObject;
	readonly encryptionKey: KeyObject;
	readonly realm: string;
	readonly renewBeforeMs: number;
}

const consumerSchema: OptionSchema<IbkrConsumerOptions> = {
	...oauthRules(),
	consumerKey: secret(textRule("1 to 64 letters and digits", /^[A-Za-z0-9]{1,64}$/)),
	signatureKey: rsaKeyRule(),
	encryptionKey: rsaKeyRule(),
	dhParameters: secret(
		rule("PEM text of DH PARAMETERS or a hexadecimal prime, of 2048 bits", (value) => dhOf(value) !== undefined),
	),
	realm: optional(textRule("1 to 64 letters, digits or underscores", /^\w{1,64}$/)),
	renewBeforeMs: optional(milliseconds({ min: 0, max: 43_200_000 })),
};

/** The options with their defaults, checked. @throws OptionError. */
export function resolveConsumer(options: IbkrConsumerOptions): Consumer {
	checkOptions(packageName, consumerSchema, options);
	const { consumerKey, renewBeforeMs = 3_600_000 } = options;
	const { realm = consumerKey === "TESTCONS" ? "test_realm" : "limited_poa" } = options;
	// The casts are safe: the check above has already parsed the same keys and parameters without an error.
	return {
		consumerKey,
		signatureKey: readRsaKey(options.signatureKey) as KeyObject,
		encryptionKey: readRsaKey(options.encryptionKey) as KeyObject,
		...(dhOf(options.dhParameters) as DhParameters),
		realm,
		renewBeforeMs,
	};
}

/** Checks and returns a secret that is sent as a quoted value in a header. @throws OptionError. */
export function checkHeaderValue(name: string, value: string): string {
	// The pattern allows the characters from ! to ~ except the double quote and the backslash.
	checkArgument(
		name,
		secret(textRule("printable ASCII without quotes, backslashes and spaces", /^[!#-[\]-~]+$/)),
		value,
	);
	return value;
}

/** Checks an encrypted secret and returns its bytes. @throws OptionError. */
export function ciphertextOf(accessTokenSecret: string): Buffer {
	checkArgument("accessTokenSecret", secret(textRule("base64", /^\s*[A-Za-z0-9+/]+={0,2}\s*$/)), accessTokenSecret);
	return Buffer.from(accessTokenSecret.trim(), "base64");
}

function textRule(allowed: string, pattern: RegExp): Rule<string> {
	return rule(allowed, (value) => typeof value === "string" && pattern.test(value));
}

function rsaKeyRule(): Rule<string> {
	return secret(
		rule("the PEM text of an RSA private key of 2048 bits or more", (value) => readRsaKey(value) !== undefined),
	);
}

function dhOf(value: unknown): DhParameters | undefined {
	const text = typeof value === "string" ? value.trim() : "";
	const hex = text.replace(/^0x/i, "").replace(/[:\s]/g, "");
	const found = /^[0-9a-f]+$/i.test(hex) ? { prime: BigInt(`0x${hex}`), generator: 2n } : readDhParameters(text);
	const fits = found && found.prime.toString(2).length === 2_048 && (found.prime & 1n) === 1n && found.generator > 1n;
	return fits ? found : undefined;
}
