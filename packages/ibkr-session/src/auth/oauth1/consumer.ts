import { createHmac, randomBytes } from "node:crypto";
import { OptionError } from "@x/base/errors";
import { packageName } from "../../errors.ts";
import type { IbkrAuthorize, IbkrCallOptions } from "../../options.ts";
import { oauthCalls } from "../oauth2/oauth-calls.ts";
import { resolveOAuthOptions } from "../oauth2/options.ts";
import { RenewedToken } from "../oauth2/renewed-token.ts";
import type { IbkrOAuthReplies } from "../oauth2/token-replies.ts";
import { VenueClock } from "../oauth2/venue-clock.ts";
import { createLiveSession, type IbkrLiveSession } from "./live-session-token.ts";
import {
	checkHeaderValue,
	ciphertextOf,
	type IbkrConsumerOptions,
	type IbkrUserCredentials,
	resolveConsumer,
} from "./options.ts";
import { decryptPkcs1, signRsa } from "./rsa.ts";
import { authorizationHeader, baseString } from "./signature.ts";

/**
 * An OAuth 1.0a consumer. A program that trades its owner's account (first party) needs only `user`. A program for other users (third
 * party) first gets the credentials of each user with `requestToken` and `accessToken`.
 */
export interface IbkrConsumer {
	/** For a third party: requests the token with which to send a user to the venue's consent page. */
	requestToken(options?: IbkrCallOptions): Promise<IbkrOAuthReplies["requestToken"]>;
	/**
	 * For a third party: requests the credentials of a user who consented. The venue's consent page returned the
	 * `verifier`.
	 */
	accessToken(
		consent: { readonly token: string; readonly verifier: string },
		options?: IbkrCallOptions,
	): Promise<IbkrOAuthReplies["accessToken"]>;
	/**
	 * Creates an object that signs the calls of one user. Nothing is sent before the object is used.
	 *
	 * @throws OptionError for wrong credentials, or when the secret was not encrypted for this consumer's encryption key.
	 */
	user(credentials: IbkrUserCredentials): IbkrUser;
}

/** An object that signs the calls of one user. Pass its `authorize` and its `fetch` to `createIbkrHttp`. */
export interface IbkrUser {
	/**
	 * Pass this function as the option `authorize` of `createIbkrHttp`. It creates the live session token when there is none, and renews
	 * the token before it ends.
	 */
	readonly authorize: IbkrAuthorize;
	/**
	 * Pass this function as the option `fetch` of `createIbkrHttp`. It measures the venue's clock, because the venue refuses signatures
	 * with a wrong time.
	 */
	readonly fetch: typeof fetch;
	/** Returns the current live session token, or creates one when there is none. */
	liveSession(): Promise<IbkrLiveSession>;
	/** Creates a new live session token after the venue said that the old token has ended. Concurrent calls share one new token. */
	renew(): Promise<IbkrLiveSession>;
	/** How far the venue's clock is ahead of this machine's clock, in milliseconds; negative when it is behind. */
	readonly clockOffsetMs: number;
}

/**
 * Creates an OAuth 1.0a consumer from its keys.
 *
 * @throws OptionError.
 * @see https://www.interactivebrokers.com/campus/ibkr-api-page/oauth-1-0a-extended/
 */
export function createIbkrConsumer(options: IbkrConsumerOptions): IbkrConsumer {
	const consumer = resolveConsumer(options);
	const settings = resolveOAuthOptions(options);
	const clock = new VenueClock();
	const fetch = clock.measuredBy(settings.fetch);
	const oauth = oauthCalls({ ...settings, fetch });
	const urlOf = (path: string): string => `${settings.baseUrl}/v1/api/oauth/${path}`;
	const commonParameters = () => ({
		oauth_consumer_key: consumer.consumerKey,
		oauth_nonce: randomBytes(16).toString("hex"),
		oauth_timestamp: String(clock.seconds()),
	});
	const signedByKey = (path: string, own: Readonly<Record<string, string>>) => {
		const parameters = { ...commonParameters(), oauth_signature_method: "RSA-SHA256", ...own };
		const signature = signRsa(consumer.signatureKey, baseString("POST", urlOf(path), parameters));
		return { authorization: authorizationHeader(consumer.realm, parameters, signature) };
	};
	return Object.freeze<IbkrConsumer>({
		requestToken: async (callOptions) =>
			oauth.requestToken(signedByKey("request_token", { oauth_callback: "oob" }), callOptions),
		accessToken: async ({ token, verifier }, callOptions) => {
			const own = {
				oauth_token: checkHeaderValue("token", token),
				oauth_verifier: checkHeaderValue("verifier", verifier),
			};
			return oauth.accessToken(signedByKey("access_token", own), callOptions);
		},
		user: (credentials) => {
			const accessToken = checkHeaderValue("accessToken", credentials.accessToken);
			const prepend = decryptPkcs1(consumer.encryptionKey, ciphertextOf(credentials.accessTokenSecret));
			if (!prepend) {
				const problem =
					"must be encrypted for encryptionKey. Check that signatureKey and encryptionKey are not swapped.";
				throw new OptionError(packageName, "accessTokenSecret", problem);
			}
			const exchange = { consumer, oauth, clock, url: urlOf("live_session_token"), accessToken, prepend };
			const liveSession = new RenewedToken(
				() => createLiveSession(exchange),
				() => clock.now(),
				consumer.renewBeforeMs,
			);
			const authorize: IbkrAuthorize = async ({ method, url }) => {
				const key = Buffer.from((await liveSession.get()).token.reveal(), "base64");
				const parameters = { ...commonParameters(), oauth_signature_method: "HMAC-SHA256", oauth_token: accessToken };
				const signature = createHmac("sha256", key)
					.update(baseString(method, url, parameters))
					.digest("base64");
				return { authorization: authorizationHeader(consumer.realm, parameters, signature) };
			};
			return Object.freeze<IbkrUser>({
				authorize,
				fetch,
				liveSession: () => liveSession.get(),
				renew: () => liveSession.renew(),
				get clockOffsetMs() {
					return clock.offsetMs;
				},
			});
		},
	});
}
