import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { IbkrError, isIbkrError } from "../../errors.ts";
import { IbkrHidden } from "../../hidden-value.ts";
import type { IbkrOAuth } from "../oauth2/oauth-calls.ts";
import type { IbkrOAuthReplies } from "../oauth2/token-replies.ts";
import type { VenueClock } from "../oauth2/venue-clock.ts";
import { javaBytes, randomExponent } from "./diffie-hellman-numbers.ts";
import { createKeyExchange } from "./key-exchange.ts";
import type { Consumer } from "./options.ts";
import { signRsa } from "./rsa.ts";
import { authorizationHeader, baseString } from "./signature.ts";

/** A live session token, verified by the venue's signature of the token. Every later call is signed with the token. */
export interface IbkrLiveSession {
	/** The token in base64. */
	readonly token: IbkrHidden<string>;
	/** When the token ends, in epoch milliseconds of the venue's clock. */
	readonly expiresAt: number;
	/**
	 * How `expiresAt` was derived from the number that the venue sent. `end`: the number is the end of the token. `start`:
	 * the number is the time of creation, and `expiresAt` is a day later. `assumed`: the number can be neither of the two,
	 * and `expiresAt` is a day after the key exchange.
	 */
	readonly expiresForm: "end" | "start" | "assumed";
}

/** The inputs for the creation of a live session token. */
export interface LiveSessionExchange {
	readonly consumer: Consumer;
	readonly oauth: IbkrOAuth;
	readonly clock: VenueClock;
	/** URL of the call, exactly as it is signed. */
	readonly url: string;
	readonly accessToken: string;
	/** The decrypted secret of the access token, which the venue's documents call "prepend". */
	readonly prepend: Buffer;
}

const hourMs = 3_600_000;
const dayMs = 86_400_000;

/**
 * Creates a live session token. Makes a second and last attempt in three cases:
 * - The venue's number for the key exchange was unusable or unsafe.
 * - The venue's proof (its signature of the token) was wrong.
 * - The venue refused the request, and its `Date` header shows that the request was signed with a wrong time.
 *
 * @throws IbkrError, with `venueCode` `wrong-proof` if the number or the proof was wrong in both attempts. A token with a wrong proof is
 * never used.
 */
export async function createLiveSession(exchange: LiveSessionExchange): Promise<IbkrLiveSession> {
	return (await attempt(exchange)) ?? (await attempt(exchange)) ?? throwWrongProof();
}

/** Makes one attempt. Returns undefined when another attempt may succeed. */
async function attempt(exchange: LiveSessionExchange): Promise<IbkrLiveSession | undefined> {
	const { consumer, oauth, clock } = exchange;
	const { challenge, sharedKey } = createKeyExchange(consumer, randomExponent());
	const { steps } = clock;
	let reply: IbkrOAuthReplies["liveSessionToken"];
	try {
		reply = await oauth.liveSessionToken({ authorization: challengeHeader(exchange, challenge) });
	} catch (error) {
		const isRefusal = isIbkrError(error) && (error.kind === "venue" || error.kind === "http");
		if (isRefusal && clock.steps > steps) return undefined;
		throw error;
	}
	const theirs = reply.diffieHellmanResponse.reveal();
	const number = /^[0-9a-f]{1,1024}$/i.test(theirs) ? BigInt(`0x${theirs}`) : 0n;
	// If the venue's number is not between 1 and the prime minus 1, anybody could compute the key.
	const shared = number > 1n && number < consumer.prime - 1n ? sharedKey(number) : undefined;
	if (shared === undefined) return undefined;
	const key = javaBytes(shared);
	const token = createHmac("sha1", key).update(exchange.prepend).digest();
	if (!isProof(token, consumer.consumerKey, reply.signature.reveal())) return undefined;
	return { token: new IbkrHidden(token.toString("base64")), ...endOf(reply.expiration, clock.now()) };
}

function challengeHeader(
	{ consumer, clock, url, accessToken, prepend }: LiveSessionExchange,
	challenge: bigint,
): string {
	const parameters = {
		// The number is sent without leading zeros, as the venue requires.
		diffie_hellman_challenge: challenge.toString(16),
		oauth_consumer_key: consumer.consumerKey,
		oauth_nonce: randomBytes(16).toString("hex"),
		oauth_signature_method: "RSA-SHA256",
		oauth_timestamp: String(clock.seconds()),
		oauth_token: accessToken,
	};
	const signed = prepend.toString("hex") + baseString("POST", url, parameters);
	return authorizationHeader(consumer.realm, parameters, signRsa(consumer.signatureKey, signed));
}

function isProof(token: Buffer, consumerKey: string, signature: string): boolean {
	const expected = createHmac("sha1", token).update(consumerKey, "utf8").digest();
	const given = Buffer.from(signature, "hex");
	return given.length === expected.length && timingSafeEqual(given, expected);
}

/**
 * Returns when a token ends, from the number that the venue sent with the token. The number's name says that the token ends at
 * this time. One document of the venue says that the token was created at this time.
 *
 * - A number within an hour of now is the time of creation, because a new token does not end so soon. The token ends a day
 *   later.
 * - A number from one hour to two days ahead is the end.
 * - For any other number, the token is assumed to end a day from now: a new token must neither count as expired nor live
 *   forever.
 */
export function endOf(expiration: number, now: number): Pick<IbkrLiveSession, "expiresAt" | "expiresForm"> {
	if (Math.abs(expiration - now) < hourMs) return { expiresAt: expiration + dayMs, expiresForm: "start" };
	if (expiration > now && expiration <= now + 2 * dayMs) return { expiresAt: expiration, expiresForm: "end" };
	return { expiresAt: now + dayMs, expiresForm: "assumed" };
}

function throwWrongProof(): never {
	throw new IbkrError("venue", "live_session_token_signature did not match the computed token, in two attempts", {
		call: "POST /oauth/live_session_token",
		venueCode: "wrong-proof",
		todo: "Check encryptionKey, dhParameters and accessTokenSecret.",
	});
}
