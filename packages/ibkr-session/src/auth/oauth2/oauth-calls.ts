import { createHttp } from "../../http/http-client.ts";
import type { RequestSettings } from "../../http/send-request.ts";
import type { IbkrCallOptions } from "../../options.ts";
import { checkOAuthOptions, checkSecret, type IbkrOAuthOptions, resolveOAuthOptions } from "./options.ts";
import {
	type IbkrOAuthReplies,
	readAccessToken,
	readBearerToken,
	readLiveSessionToken,
	readRequestToken,
	readSsoSession,
} from "./token-replies.ts";

/**
 * The calls that create a Web API session without a gateway. These calls sign nothing: the caller passes the finished
 * headers and JWTs. `authorization` is the whole `Authorization` header, such as `OAuth realm="…", …`.
 *
 * Each call throws an `IbkrError` when it fails. An error of kind `venue` has the venue's reason for the refusal in
 * `venueCode`, such as `invalid-consumer`.
 *
 * @see https://www.interactivebrokers.com/campus/ibkr-api-page/oauth-1-0a-extended/
 */
export interface IbkrOAuth {
	/** OAuth 1.0a: requests the token with which to ask a user for consent. */
	requestToken(
		signature: { readonly authorization: string },
		options?: IbkrCallOptions,
	): Promise<IbkrOAuthReplies["requestToken"]>;
	/** OAuth 1.0a: requests the access token, which is valid until it is revoked. */
	accessToken(
		signature: { readonly authorization: string },
		options?: IbkrCallOptions,
	): Promise<IbkrOAuthReplies["accessToken"]>;
	/** OAuth 1.0a: requests the venue's half of the key exchange that creates the live session token. */
	liveSessionToken(
		signature: { readonly authorization: string },
		options?: IbkrCallOptions,
	): Promise<IbkrOAuthReplies["liveSessionToken"]>;
	/** OAuth 2.0: requests a bearer token for {@link IbkrOAuth.ssoSession}. `clientAssertion` is a signed JWT. */
	oauth2Token(
		proof: { readonly clientAssertion: string },
		options?: IbkrCallOptions,
	): Promise<IbkrOAuthReplies["oauth2Token"]>;
	/** OAuth 2.0: opens the session. `bearer` is the token from `oauth2Token`, `assertion` is a signed JWT. */
	ssoSession(
		proof: { readonly bearer: string; readonly assertion: string },
		options?: IbkrCallOptions,
	): Promise<IbkrOAuthReplies["ssoSession"]>;
}

/**
 * Creates the OAuth calls. Nothing is sent before the first call.
 *
 * @throws OptionError.
 */
export function createIbkrOAuth(options: IbkrOAuthOptions = {}): IbkrOAuth {
	checkOAuthOptions(options);
	return oauthCalls(resolveOAuthOptions(options));
}

/** Creates the calls from checked settings, whose `baseUrl` is the venue's origin. */
export function oauthCalls(settings: RequestSettings & { readonly baseUrl: string }): IbkrOAuth {
	const { baseUrl: origin } = settings;
	const api = `${origin}/v1/api`;
	return Object.freeze<IbkrOAuth>({
		requestToken: async (signature, options) =>
			readRequestToken(
				await signedHttp(api, settings, signature).ask((it) => it.POST("/oauth/request_token"), options),
			),
		accessToken: async (signature, options) =>
			readAccessToken(await signedHttp(api, settings, signature).ask((it) => it.POST("/oauth/access_token"), options)),
		liveSessionToken: async (signature, options) =>
			readLiveSessionToken(
				await signedHttp(api, settings, signature).ask((it) => it.POST("/oauth/live_session_token"), options),
			),
		oauth2Token: async ({ clientAssertion }, options) => {
			const body = {
				grant_type: "client_credentials",
				scope: "sso-sessions.write",
				client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
				client_assertion: checkSecret("clientAssertion", clientAssertion),
			} as const;
			const headers = { "content-type": "application/x-www-form-urlencoded" };
			const { ask } = createHttp(origin, settings);
			return readBearerToken(await ask((it) => it.POST("/oauth2/api/v1/token", { body, headers }), options));
		},
		ssoSession: async ({ bearer, assertion }, options) => {
			const authorization = `Bearer ${checkSecret("bearer", bearer)}`;
			const jwt = {
				body: checkSecret("assertion", assertion),
				headers: { "content-type": "application/jwt" },
				bodySerializer: (text: string) => text,
			};
			const { ask } = signedHttp(origin, settings, { authorization });
			return readSsoSession(await ask((it) => it.POST("/gw/api/v1/sso-sessions", jwt), options));
		},
	});
}

function signedHttp(baseUrl: string, settings: RequestSettings, { authorization }: { readonly authorization: string }) {
	const header = checkSecret("authorization", authorization);
	return createHttp(baseUrl, { ...settings, authorize: () => ({ authorization: header }) });
}
