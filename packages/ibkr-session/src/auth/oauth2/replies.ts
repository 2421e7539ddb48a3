import { IbkrError } from "../../errors.ts";
import {
	type Check,
	postGwApiV1SsoSessions200,
	postOauth2ApiV1Token200,
	postOauthAccessToken200,
	postOauthLiveSessionToken200,
	postOauthRequestToken200,
} from "../../generated/check.ts";
import { IbkrHidden } from "../../hidden.ts";
import { type Answer, saidIn } from "../../http/answer.ts";
import { type CheckedCall, type ReplyOf, readReply } from "../../http/http.ts";
import { failureOf } from "../../http/refusal.ts";

/** The reply of `requestToken`. */
export interface RequestToken {
	/** Goes into the address at which the user gives consent. */
	readonly token: IbkrHidden<string>;
}

/** The reply of `accessToken`. */
export interface AccessToken {
	/** Names the user in every later header. It lasts until it is revoked. */
	readonly token: IbkrHidden<string>;
	/** Base64 of the secret, encrypted for the consumer's encryption key. */
	readonly encryptedSecret: IbkrHidden<string>;
	/** Whether it is for paper trading, where that was sent. */
	readonly paper?: boolean;
}

/** The reply of `liveSessionToken`: the venue's half of the exchange. Do not use a token whose signature is not proved. */
export interface LiveSessionToken {
	/** The number B, hexadecimal. */
	readonly diffieHellmanResponse: IbkrHidden<string>;
	/** Hexadecimal. */
	readonly signature: IbkrHidden<string>;
	/**
	 * Epoch milliseconds as sent: the end of the token by its name, its making by another reading. An instant that is less
	 * than an hour away is safer read as the making, with 24 hours from there.
	 */
	readonly expiration: number;
}

/** The reply of `token`. */
export interface BearerToken {
	/** For `ssoSession` alone: the bearer of later calls is that of the session. */
	readonly accessToken: IbkrHidden<string>;
	/** Milliseconds from the reply, about a day, where it was sent. */
	readonly expiresInMs?: number;
	/** What it is good for, `sso-sessions.write`, where it was sent. */
	readonly scope?: string;
}

/** The reply of `ssoSession`. */
export interface SsoSession {
	/** The bearer of every later call. */
	readonly accessToken: IbkrHidden<string>;
	/** False: the session is not to be used. Missing where it was not sent. */
	readonly active?: boolean;
}

export function readRequestToken(answer: Answer): RequestToken {
	return { token: new IbkrHidden(bodyOf("POST /oauth/request_token", postOauthRequestToken200, answer).oauth_token) };
}

export function readAccessToken(answer: Answer): AccessToken {
	const { oauth_token, oauth_token_secret, is_paper } = bodyOf(
		"POST /oauth/access_token",
		postOauthAccessToken200,
		answer,
	);
	return {
		token: new IbkrHidden(oauth_token),
		encryptedSecret: new IbkrHidden(oauth_token_secret),
		...(typeof is_paper === "boolean" ? { paper: is_paper } : {}),
	};
}

export function readLiveSessionToken(answer: Answer): LiveSessionToken {
	const body = bodyOf("POST /oauth/live_session_token", postOauthLiveSessionToken200, answer);
	return {
		diffieHellmanResponse: new IbkrHidden(body.diffie_hellman_response),
		signature: new IbkrHidden(body.live_session_token_signature),
		expiration: body.live_session_token_expiration,
	};
}

export function readBearerToken(answer: Answer): BearerToken {
	const { access_token, expires_in, scope } = bodyOf("POST /oauth2/api/v1/token", postOauth2ApiV1Token200, answer);
	return {
		accessToken: new IbkrHidden(access_token),
		...(typeof expires_in === "number" ? { expiresInMs: expires_in * 1_000 } : {}),
		...(scope ? { scope } : {}),
	};
}

export function readSsoSession(answer: Answer): SsoSession {
	const { access_token, active } = bodyOf("POST /gw/api/v1/sso-sessions", postGwApiV1SsoSessions200, answer);
	return { accessToken: new IbkrHidden(access_token), ...(typeof active === "boolean" ? { active } : {}) };
}

/** Before there is a token there is no session to speak of: a refusal is an error here, with its reason. */
function bodyOf<Call extends CheckedCall>(call: Call, check: Check, answer: Answer): ReplyOf<Call> {
	const reply = readReply(call, check, answer);
	if (reply.kind === "reply") return reply.body;
	if (reply.kind === "no-brokerage" || answer.kind === "redirect") throw failureOf(call, answer);
	const { because } = reply;
	const hint = hints.get(because) ?? (/signature/i.test(saidIn(answer)) ? "the signature is wrong" : "access denied");
	throw new IbkrError(`${call} was answered ${reply.status}: ${hint}`, {
		kind: "refused",
		call,
		status: reply.status,
		because,
	});
}

const hints = new Map<string, string>([
	["invalid-consumer", "the consumer key starts working after the venue's next reset, or the signature is wrong"],
	["token-refused", "make the access token again in the self-service page"],
	["token-expired", "the token is too old, ask for a new one"],
]);
