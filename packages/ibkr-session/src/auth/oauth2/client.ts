import type { ExchangeSettings } from "../../http/exchange.ts";
import { type BodyOf, createHttp } from "../../http/http.ts";
import { onlyKnown } from "../../known.ts";
import { type IbkrOAuthOptions, oauthNames, resolveOAuthOptions, secretText } from "./options.ts";
import {
	type AccessToken,
	type BearerToken,
	type LiveSessionToken,
	type RequestToken,
	readAccessToken,
	readBearerToken,
	readLiveSessionToken,
	readRequestToken,
	readSsoSession,
	type SsoSession,
} from "./replies.ts";

/** A request that the caller has signed. */
export interface Signed {
	/** The whole `Authorization` header, such as `OAuth realm="…", …`. */
	readonly authorization: string;
}

/**
 * The calls that make a Web API session without a gateway. They sign nothing: headers and JWTs come from the caller.
 *
 * Each throws an {@link IbkrError}; one of kind `refused` has the reason in `because`, such as `invalid-consumer`.
 *
 * @see https://www.interactivebrokers.com/campus/ibkr-api-page/oauth-1-0a-extended/
 */
export interface IbkrOAuth {
	/** OAuth 1.0a: the token to ask a user's consent for. */
	requestToken(signed: Signed, signal?: AbortSignal): Promise<RequestToken>;
	/** OAuth 1.0a: the token that lasts until it is revoked. */
	accessToken(signed: Signed, signal?: AbortSignal): Promise<AccessToken>;
	/** OAuth 1.0a: the venue's half of the exchange that makes the live session token. */
	liveSessionToken(signed: Signed, signal?: AbortSignal): Promise<LiveSessionToken>;
	/** OAuth 2.0: a bearer token for {@link IbkrOAuth.ssoSession}. `clientAssertion` is a signed JWT. */
	oauth2Token(proof: { readonly clientAssertion: string }, signal?: AbortSignal): Promise<BearerToken>;
	/** OAuth 2.0: opens the session. `bearer` is the token of `oauth2Token`, `assertion` a signed JWT. */
	ssoSession(proof: { readonly bearer: string; readonly assertion: string }, signal?: AbortSignal): Promise<SsoSession>;
}

/**
 * Makes the calls of one OAuth user. Nothing is sent before the first call.
 *
 * @throws IbkrError of kind `options`.
 */
export function createIbkrOAuth(options: IbkrOAuthOptions = {}): IbkrOAuth {
	onlyKnown(options, oauthNames);
	return oauthOver(resolveOAuthOptions(options));
}

/** The calls with settings that are checked; `baseUrl` is the origin. */
export function oauthOver(settings: ExchangeSettings & { readonly baseUrl: string }): IbkrOAuth {
	const { baseUrl: origin } = settings;
	const first = `${origin}/v1/api`;
	return Object.freeze<IbkrOAuth>({
		requestToken: async (signed, signal) =>
			readRequestToken(await signedBy(first, settings, signed).ask("POST /oauth/request_token", signal)),
		accessToken: async (signed, signal) =>
			readAccessToken(await signedBy(first, settings, signed).ask("POST /oauth/access_token", signal)),
		liveSessionToken: async (signed, signal) =>
			readLiveSessionToken(await signedBy(first, settings, signed).ask("POST /oauth/live_session_token", signal)),
		oauth2Token: async ({ clientAssertion }, signal) => {
			const call = "POST /oauth2/api/v1/token";
			const type = "application/x-www-form-urlencoded";
			const body = {
				grant_type: "client_credentials",
				scope: "sso-sessions.write",
				client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
				client_assertion: secretText("oauth2Token: clientAssertion", clientAssertion),
			} as const satisfies BodyOf<typeof call, typeof type>;
			const content = { type, text: new URLSearchParams(body).toString() };
			return readBearerToken(await createHttp(origin, settings).ask(call, signal, content));
		},
		ssoSession: async ({ bearer, assertion }, signal) => {
			const call = "POST /gw/api/v1/sso-sessions";
			const authorization = `Bearer ${secretText("ssoSession: bearer", bearer)}`;
			const type = "application/jwt";
			const text: BodyOf<typeof call, typeof type> = secretText("ssoSession: assertion", assertion);
			const { ask } = signedBy(origin, settings, { authorization });
			return readSsoSession(await ask(call, signal, { type, text }));
		},
	});
}

function signedBy(baseUrl: string, settings: ExchangeSettings, { authorization }: Signed) {
	const header = secretText("authorization", authorization);
	return createHttp(baseUrl, { ...settings, authorize: () => ({ authorization: header }) });
}
