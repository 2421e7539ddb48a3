import type { Check } from "@x/base/reply-check";
import { IbkrError } from "../../errors.ts";
import {
	postGwApiV1SsoSessions200,
	postOauth2ApiV1Token200,
	postOauthAccessToken200,
	postOauthLiveSessionToken200,
	postOauthRequestToken200,
} from "../../generated/check.ts";
import { IbkrHidden } from "../../hidden-value.ts";
import { type Answer, saidIn } from "../../http/classified-reply.ts";
import { type CheckedCall, type ReplyOf, readReply } from "../../http/http-client.ts";
import { statusError } from "../../http/no-session-replies.ts";

/** The replies of the calls of an `IbkrOAuth`. */
export interface IbkrOAuthReplies {
	/** The reply of `requestToken()`. */
	readonly requestToken: {
		/** The token, which is part of the URL at which the user gives consent. */
		readonly token: IbkrHidden<string>;
	};
	/** The reply of `accessToken()`. */
	readonly accessToken: {
		/** The access token, which names the user in every later header. The token is valid until it is revoked. */
		readonly token: IbkrHidden<string>;
		/** The secret of the token, encrypted for the consumer's encryption key, in base64. */
		readonly encryptedSecret: IbkrHidden<string>;
		/** Whether the token is for paper trading; absent if the venue did not say. */
		readonly isPaper?: boolean;
	};
	/** The reply of `liveSessionToken()`: the venue's half of the key exchange. Verify the signature before you use the token. */
	readonly liveSessionToken: {
		/** The venue's Diffie-Hellman number B, in hexadecimal. */
		readonly diffieHellmanResponse: IbkrHidden<string>;
		/** The venue's proof that it computed the same token, in hexadecimal. */
		readonly signature: IbkrHidden<string>;
		/**
		 * A time in epoch milliseconds, as the venue sent it. The member's name says that the token ends at this time. One document
		 * of the venue says that the token was created at this time. If the time is within an hour of now, take it as the time of
		 * creation, because a new token does not end so soon: the token then ends 24 hours after this time.
		 */
		readonly expiration: number;
	};
	/** The reply of `oauth2Token()`. */
	readonly oauth2Token: {
		/** The access token, for `ssoSession` only. Later calls use the bearer token of the session. */
		readonly accessToken: IbkrHidden<string>;
		/**
		 * Milliseconds from the reply until the token expires (about a day); absent if the venue did not send this number.
		 */
		readonly expiresInMs?: number;
		/** The scope that was granted to the token, `sso-sessions.write`; absent if the venue did not send the scope. */
		readonly authScope?: string;
	};
	/** The reply of `ssoSession()`. */
	readonly ssoSession: {
		/** The bearer token of every later call. */
		readonly accessToken: IbkrHidden<string>;
		/** Whether the session is active. If false, do not use the session. Absent if the venue did not send this member. */
		readonly isActive?: boolean;
	};
}

export function readRequestToken(answer: Answer): IbkrOAuthReplies["requestToken"] {
	return { token: new IbkrHidden(bodyOf("POST /oauth/request_token", postOauthRequestToken200, answer).oauth_token) };
}

export function readAccessToken(answer: Answer): IbkrOAuthReplies["accessToken"] {
	const { oauth_token, oauth_token_secret, is_paper } = bodyOf(
		"POST /oauth/access_token",
		postOauthAccessToken200,
		answer,
	);
	return {
		token: new IbkrHidden(oauth_token),
		encryptedSecret: new IbkrHidden(oauth_token_secret),
		...(typeof is_paper === "boolean" ? { isPaper: is_paper } : {}),
	};
}

export function readLiveSessionToken(answer: Answer): IbkrOAuthReplies["liveSessionToken"] {
	const body = bodyOf("POST /oauth/live_session_token", postOauthLiveSessionToken200, answer);
	return {
		diffieHellmanResponse: new IbkrHidden(body.diffie_hellman_response),
		signature: new IbkrHidden(body.live_session_token_signature),
		expiration: body.live_session_token_expiration,
	};
}

export function readBearerToken(answer: Answer): IbkrOAuthReplies["oauth2Token"] {
	const { access_token, expires_in, scope } = bodyOf("POST /oauth2/api/v1/token", postOauth2ApiV1Token200, answer);
	return {
		accessToken: new IbkrHidden(access_token),
		...(typeof expires_in === "number" ? { expiresInMs: expires_in * 1_000 } : {}),
		...(scope ? { authScope: scope } : {}),
	};
}

export function readSsoSession(answer: Answer): IbkrOAuthReplies["ssoSession"] {
	const { access_token, active } = bodyOf("POST /gw/api/v1/sso-sessions", postGwApiV1SsoSessions200, answer);
	return { accessToken: new IbkrHidden(access_token), ...(typeof active === "boolean" ? { isActive: active } : {}) };
}

/**
 * Returns the body of a reply. Throws an error when the venue refused the call. A reply that says `no-session` counts as a
 * refusal, because the token is requested before there is a session.
 */
function bodyOf<Call extends CheckedCall>(call: Call, check: Check, answer: Answer): ReplyOf<Call> {
	const reply = readReply(call, check, answer);
	if (reply.kind === "reply") return reply.body;
	if (reply.kind === "no-brokerage" || answer.kind === "redirect") throw statusError(call, answer);
	const { because: venueCode, status, venueMessage } = reply;
	const isSignature = /signature/i.test(saidIn(answer));
	throw new IbkrError("venue", `status ${status}, ${isSignature ? "the signature is wrong" : venueCode}`, {
		call,
		status,
		venueCode,
		venueMessage,
		todo: advice.get(venueCode),
	});
}

const advice: ReadonlyMap<string, string> = new Map([
	["invalid-consumer", "Check the signature; a new consumer key starts working after the venue's next reset."],
	["token-refused", "Create the access token again on the self-service page."],
	["token-expired", "Request a new token."],
]);
