import { createHmac, randomBytes } from "node:crypto";
import { IbkrError } from "../../errors.ts";
import type { IbkrAuthorize } from "../../options.ts";
import { oauthOver } from "../oauth2/client.ts";
import { resolveOAuthOptions } from "../oauth2/options.ts";
import { Renewing } from "../oauth2/renewing.ts";
import type { AccessToken, RequestToken } from "../oauth2/replies.ts";
import { VenueClock } from "../oauth2/venue-clock.ts";
import { type LiveSession, makeLiveSession } from "./live-session.ts";
import {
	ciphertextOf,
	headerValue,
	type IbkrConsumerOptions,
	resolveConsumer,
	type UserCredentials,
} from "./options.ts";
import { decryptPkcs1, signRsa } from "./rsa.ts";
import { authorizationHeader, baseString } from "./signature.ts";

/** A consumer of OAuth 1.0a. A first party needs `user` alone, a third party gets its user's credentials here first. */
export interface IbkrConsumer {
	/** Third party: the token with which a user is sent to the venue's page of consent. */
	requestToken(signal?: AbortSignal): Promise<RequestToken>;
	/** Third party: the credentials of a user who consented. `verifier` came back from the page of consent. */
	accessToken(
		consent: { readonly token: string; readonly verifier: string },
		signal?: AbortSignal,
	): Promise<AccessToken>;
	/**
	 * The session of one user. Nothing is sent before it is used.
	 *
	 * @throws IbkrError of kind `options`, also when the secret was not encrypted for this consumer's encryption key.
	 */
	user(credentials: UserCredentials): IbkrUser;
}

/** What signs the calls of one user. Hand `authorize` and `fetch` to `createIbkrHttp`. */
export interface IbkrUser {
	/** Signs one request. Makes the live session token when there is none, and again before its end. */
	readonly authorize: IbkrAuthorize;
	/** The `fetch` option, which measures the venue's clock on the way: a wrong time is refused. */
	readonly fetch: typeof fetch;
	/** The live session token in use, made when there is none. */
	liveSession(): Promise<LiveSession>;
	/** Makes a new live session token, because the venue said that the old one is gone. Calls at the same time share one. */
	renew(): Promise<LiveSession>;
	/** Milliseconds by which the venue's clock is ahead of this machine's, as far as measured. */
	readonly clockOffsetMs: number;
}

/**
 * Makes the consumer that has these keys.
 *
 * @throws IbkrError of kind `options`.
 * @see https://www.interactivebrokers.com/campus/ibkr-api-page/oauth-1-0a-extended/
 */
export function createIbkrConsumer(options: IbkrConsumerOptions): IbkrConsumer {
	const consumer = resolveConsumer(options);
	const settings = resolveOAuthOptions(options);
	const clock = new VenueClock();
	const watched = clock.watching(settings.fetch);
	const oauth = oauthOver({ ...settings, fetch: watched });
	const address = (path: string): string => `${settings.baseUrl}/v1/api/oauth/${path}`;
	const common = () => ({
		oauth_consumer_key: consumer.consumerKey,
		oauth_nonce: randomBytes(16).toString("hex"),
		oauth_timestamp: String(clock.seconds()),
	});
	const signedByKey = (path: string, own: Readonly<Record<string, string>>) => {
		const parameters = { ...common(), oauth_signature_method: "RSA-SHA256", ...own };
		const signature = signRsa(consumer.signatureKey, baseString("POST", address(path), parameters));
		return { authorization: authorizationHeader(consumer.realm, parameters, signature) };
	};
	return Object.freeze<IbkrConsumer>({
		requestToken: async (signal) => oauth.requestToken(signedByKey("request_token", { oauth_callback: "oob" }), signal),
		accessToken: async ({ token, verifier }, signal) => {
			const own = { oauth_token: headerValue("token", token), oauth_verifier: headerValue("verifier", verifier) };
			return oauth.accessToken(signedByKey("access_token", own), signal);
		},
		user: (credentials) => {
			const accessToken = headerValue("accessToken", credentials.accessToken);
			const prepend = decryptPkcs1(consumer.encryptionKey, ciphertextOf(credentials.accessTokenSecret));
			if (!prepend) {
				const message =
					"the option accessTokenSecret is not encrypted for encryptionKey; are the two RSA keys exchanged?";
				throw new IbkrError(message, { kind: "options" });
			}
			const exchange = { consumer, oauth, clock, url: address("live_session_token"), accessToken, prepend };
			const live = new Renewing(
				() => makeLiveSession(exchange),
				() => clock.now(),
				consumer.renewBeforeMs,
			);
			const authorize: IbkrAuthorize = async ({ method, url }) => {
				const key = Buffer.from((await live.get()).token.reveal(), "base64");
				const parameters = { ...common(), oauth_signature_method: "HMAC-SHA256", oauth_token: accessToken };
				const signature = createHmac("sha256", key)
					.update(baseString(method, url, parameters))
					.digest("base64");
				return { authorization: authorizationHeader(consumer.realm, parameters, signature) };
			};
			return Object.freeze<IbkrUser>({
				authorize,
				fetch: watched,
				liveSession: () => live.get(),
				renew: () => live.renew(),
				get clockOffsetMs() {
					return clock.offsetMs;
				},
			});
		},
	});
}
