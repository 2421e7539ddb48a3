import { monotonicMs } from "@x/base/clock";
import { checkOptions, nonEmptyString, type OptionSchema, oneOf, optional, secret } from "@x/base/option-schema";
import { packageName } from "../errors.ts";
import type { components } from "../generated/schema.ts";

/** What the venue granted. Holds no token. */
export interface DeribitAuthorization {
	/** The granted scope, split at its spaces, such as `account:read_write`. It may be narrower than the one requested. */
	readonly authScope: readonly string[];
	/** Lifetime in seconds, as granted by the venue. */
	readonly expiresInSeconds: number;
	/** When it ends, in epoch milliseconds on this machine's clock. */
	readonly expiresAt: number;
}

/** The tokens of a connection. Secret: they allow any call for the account. */
export interface DeribitTokens {
	readonly accessToken: string;
	readonly refreshToken: string;
}

/** The credentials of an API key, and what to request with them. */
export interface DeribitCredentials {
	readonly clientId: string;
	readonly clientSecret: string;
	/**
	 * `client_credentials` (the default) sends the secret; `client_signature` sends a signature made with it, which requires
	 * a clock that is right to the minute and an HMAC key.
	 */
	readonly grant?: "client_credentials" | "client_signature";
	/** The scope to request, space separated, see `public/auth`. Default: all that the key may do, for this connection. */
	readonly authScope?: string;
}

const text = /* @__PURE__ */ (() => secret(nonEmptyString()))();
const schema: OptionSchema<DeribitCredentials> = /* @__PURE__ */ (() => ({
	clientId: text,
	clientSecret: text,
	grant: optional(secret(oneOf("client_credentials", "client_signature"))),
	authScope: optional(text),
}))();

/**
 * Checks credentials without sending them.
 *
 * @param path - where they stand in the options of the caller, such as `client.credentials`.
 * @throws {OptionError} that names the member and never shows its value.
 */
export function checkDeribitCredentials(credentials: DeribitCredentials, path?: string): void {
	checkOptions(packageName, schema, credentials, path);
}

/** Tokens are renewed after this share of their lifetime. */
const renewalShare = 0.8;

/** What a login was granted, with its tokens. */
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
	 * Milliseconds until the tokens should be renewed, negative once overdue. By the clock that says less, because the
	 * monotonic clock may stop during suspend. No timer: a lifetime of a year exceeds the longest timer.
	 */
	get renewInMs(): number {
		const { expiresInSeconds, expiresAt } = this.authorization;
		const lifetimeMs = expiresInSeconds * 1_000;
		const renewAt = this.#grantedAt + lifetimeMs * renewalShare;
		return Math.min(renewAt - monotonicMs(), expiresAt - lifetimeMs * (1 - renewalShare) - Date.now());
	}
}
