import { DeribitError } from "../errors.ts";
import type { components } from "../generated/schema.ts";
import { knowing } from "../known-options.ts";

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

/** @throws {DeribitError} of kind `options`, which names the member at fault and quotes none. */
export function checkedCredentials(
	given: DeribitCredentials,
): DeribitCredentials & Required<Pick<DeribitCredentials, "grant">> {
	const resolve = () => {
		const { clientId, clientSecret, grant = "client_credentials", scope } = given;
		return { clientId, clientSecret, grant, scope };
	};
	const { grant, scope, ...key } = knowing(given, resolve, "", "public/auth");
	for (const [name, value] of Object.entries({ ...key, scope: scope ?? "-" })) {
		if (typeof value !== "string" || value === "") throw refused(name, "a text that is not empty");
	}
	if (grant !== "client_credentials" && grant !== "client_signature") {
		throw refused("grant", "client_credentials or client_signature");
	}
	return { ...key, grant, ...(scope !== undefined && { scope }) };
}

function refused(name: string, allowed: string): DeribitError {
	return new DeribitError(`option ${name} must be ${allowed}; nothing was sent`, {
		kind: "options",
		method: "public/auth",
	});
}
