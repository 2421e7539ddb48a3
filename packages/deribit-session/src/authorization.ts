import type { components } from "./generated/schema.ts";

/** What the venue granted. Holds no token. */
export interface DeribitAuthorization {
	/** The granted scope cut at its spaces, such as `account:read_write`; the venue narrows what was asked for. */
	readonly scope: readonly string[];
	/** Lifetime in seconds, as the venue said. */
	readonly expiresInSeconds: number;
	/** When it ends, in epoch milliseconds on this machine's clock. */
	readonly expiresAt: number;
}

/** The tokens of a connection. Secrets: whoever holds them acts for the account. */
export interface DeribitTokens {
	readonly accessToken: string;
	readonly refreshToken: string;
}

/** The credentials of an API key and what to ask for. */
export interface DeribitCredentials {
	clientId: string;
	clientSecret: string;
	/**
	 * How to prove it: `client_credentials` (the default) sends the secret, `client_signature` sends a signature made
	 * with it. A signature needs a clock that is right to the minute and a key that signs by HMAC.
	 */
	grant?: "client_credentials" | "client_signature";
	/** Space separated, see `public/auth`. Default: all that the key may do, tied to this connection. */
	scope?: string;
}

/** Splits the venue's answer into what may be shown and what may not. */
export function readTokens(tokens: components["schemas"]["Tokens"]): {
	authorization: DeribitAuthorization;
	tokens: DeribitTokens;
} {
	const scope = tokens.scope.split(" ").filter((token) => token !== "");
	return {
		authorization: Object.freeze({
			scope: Object.freeze(scope),
			expiresInSeconds: tokens.expires_in,
			expiresAt: Date.now() + tokens.expires_in * 1_000,
		}),
		tokens: { accessToken: tokens.access_token, refreshToken: tokens.refresh_token },
	};
}
