import { monotonicMs } from "@x/base/clock";
import {
	checkOptions,
	func,
	nonEmptyString,
	type OptionSchema,
	oneOf,
	optional,
	rule,
	secret,
} from "@x/base/option-schema";
import { packageName } from "../errors.ts";
import type { components } from "../generated/schema.ts";

/** The scope and the lifetime that the venue granted to a login. This object holds no token. */
export interface DeribitAuthorization {
	/**
	 * The granted scope, split at its spaces, such as `account:read_write`. The granted scope may be narrower than the
	 * requested one.
	 */
	readonly authScope: readonly string[];
	/** Lifetime of the tokens in seconds, as granted by the venue. */
	readonly expiresInSeconds: number;
	/** When the tokens expire, in epoch milliseconds on this machine's clock. */
	readonly expiresAt: number;
}

/** The tokens of a connection. The tokens are secret, because they authorize calls for the account. */
export interface DeribitTokens {
	readonly accessToken: string;
	readonly refreshToken: string;
}

/** The credentials of an API key (a client secret, or a signer for any other kind of key) and the scope to request. */
export type DeribitCredentials = {
	readonly clientId: string;
	/**
	 * The scope to request, space separated, see `public/auth`. Default: everything that the key may do, with
	 * tokens that are valid over this connection only.
	 */
	readonly authScope?: string;
} & (
	| {
			/** The secret of an HMAC key. */
			readonly clientSecret: string;
			/**
			 * `client_credentials` (the default) sends the secret. `client_signature` sends a signature made with the secret
			 * instead; it requires that this machine's clock is accurate to within a minute.
			 */
			readonly grant?: "client_credentials" | "client_signature";
			readonly signer?: undefined;
	  }
	| {
			/**
			 * Signs a login with a key that the client does not see, such as an Ed25519 or RSA key. Gets the text to sign:
			 * timestamp, nonce and data, joined by line feeds. Returns the signature as the venue expects it for this kind of
			 * key. The signer is called for each login, and for each renewal whose refresh token is spent. The venue refuses
			 * the signature unless this machine's clock is accurate to within a minute. An error that the signer throws is
			 * not shown, because it may hold a secret.
			 *
			 * @see https://docs.deribit.com/articles/asymmetric-api-keys
			 */
			readonly signer: (text: string) => string | Promise<string>;
			readonly grant?: "client_signature";
			readonly clientSecret?: undefined;
	  }
);

const text = /* @__PURE__ */ (() => secret(nonEmptyString()))();
type Members = { -readonly [Name in keyof DeribitCredentials]: DeribitCredentials[Name] };
const schema = (isSigned: boolean): OptionSchema<Members> => ({
	clientId: text,
	// The casts are safe: types cannot express that the allowed members depend on each other. The rules of this schema
	// check this dependency at run time.
	clientSecret: (isSigned
		? optional(secret(rule("left out when signer is given", () => false)))
		: text) as OptionSchema<Members>["clientSecret"],
	signer: optional(func()) as OptionSchema<Members>["signer"],
	grant: optional(secret(isSigned ? oneOf("client_signature") : oneOf("client_credentials", "client_signature"))),
	authScope: optional(text),
});

/**
 * Checks credentials without sending them.
 *
 * @param path - where the credentials are in the caller's own options, such as `client.credentials`.
 * @throws {OptionError} that names the member and never shows its value.
 */
export function checkDeribitCredentials(credentials: DeribitCredentials, path?: string): void {
	// The cast is safe: the schema rejects a value that is not an object.
	const isSigned = (credentials as DeribitCredentials | null | undefined)?.signer !== undefined;
	checkOptions(packageName, schema(isSigned), credentials, path);
}

/** Tokens are renewed after this share of their lifetime. */
const renewalShare = 0.8;

/** The authorization and the tokens that the venue granted to a login. */
export class Grant {
	readonly authorization: DeribitAuthorization;
	readonly tokens: DeribitTokens;
	readonly #grantedAt = monotonicMs();

	constructor(tokens: components["schemas"]["Tokens"]) {
		this.authorization = Object.freeze({
			authScope: Object.freeze(tokens.scope.split(" ").filter((part) => part !== "")),
			expiresInSeconds: tokens.expires_in,
			expiresAt: Date.now() + tokens.expires_in * 1_000,
		});
		this.tokens = { accessToken: tokens.access_token, refreshToken: tokens.refresh_token };
	}

	/**
	 * Milliseconds until the tokens should be renewed; negative once the renewal is overdue. The time is measured by the
	 * monotonic clock and by the wall clock, and the shorter result is returned, because the monotonic clock may stop
	 * while the machine is suspended. Poll this value: tokens can last a year, which is longer than a timer can run.
	 */
	get renewInMs(): number {
		const { expiresInSeconds, expiresAt } = this.authorization;
		const lifetimeMs = expiresInSeconds * 1_000;
		const renewAt = this.#grantedAt + lifetimeMs * renewalShare;
		return Math.min(renewAt - monotonicMs(), expiresAt - lifetimeMs * (1 - renewalShare) - Date.now());
	}
}
