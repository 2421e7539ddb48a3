import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { IbkrError, isIbkrError } from "../../errors.ts";
import { IbkrHidden } from "../../hidden.ts";
import type { IbkrOAuth } from "../oauth2/client.ts";
import type { LiveSessionToken } from "../oauth2/replies.ts";
import type { VenueClock } from "../oauth2/venue-clock.ts";
import { javaBytes, modPow, randomExponent } from "./numbers.ts";
import type { Consumer } from "./options.ts";
import { signRsa } from "./rsa.ts";
import { authorizationHeader, baseString } from "./signature.ts";

/** A live session token, proved to be the one the venue has. It signs every later call. */
export interface LiveSession {
	/** Base64. */
	readonly token: IbkrHidden<string>;
	/** When it ends, in epoch milliseconds of the venue's clock. */
	readonly expiresAt: number;
	/**
	 * How the venue's number was read: as the `end`, as the `start` with a day from there, or, where it can be neither, not
	 * at all: then a day from the exchange is `assumed`.
	 */
	readonly expiresForm: "end" | "start" | "assumed";
}

/** What the exchange works with. */
export interface LiveSessionExchange {
	readonly consumer: Consumer;
	readonly oauth: IbkrOAuth;
	readonly clock: VenueClock;
	/** Address of the call, as it is signed. */
	readonly url: string;
	readonly accessToken: string;
	/** The decrypted secret of the access token. */
	readonly prepend: Buffer;
}

const hourMs = 3_600_000;
const dayMs = 86_400_000;

/**
 * Makes a live session token. A second attempt follows a wrong proof, and a refusal in which the venue's clock turned out
 * to be another than ours; there is no third.
 *
 * @throws IbkrError; with `because: "wrong-proof"` when the venue's proof was wrong twice. Such a token is never used.
 */
export async function makeLiveSession(exchange: LiveSessionExchange, signal?: AbortSignal): Promise<LiveSession> {
	return (await attempt(exchange, signal)) ?? (await attempt(exchange, signal)) ?? wrongProof();
}

/** Undefined when another attempt is worth it. */
async function attempt(exchange: LiveSessionExchange, signal?: AbortSignal): Promise<LiveSession | undefined> {
	const { consumer, oauth, clock } = exchange;
	const secret = randomExponent();
	const { steps } = clock;
	let reply: LiveSessionToken;
	try {
		reply = await oauth.liveSessionToken({ authorization: challengeHeader(exchange, secret) }, signal);
	} catch (error) {
		if (isIbkrError(error) && error.kind === "refused" && clock.steps > steps) return undefined;
		throw error;
	}
	const theirs = reply.diffieHellmanResponse.reveal();
	const number = /^[0-9a-f]{1,1024}$/i.test(theirs) ? BigInt(`0x${theirs}`) : 0n;
	// Numbers outside give a key that anybody knows.
	if (number <= 1n || number >= consumer.prime - 1n) return undefined;
	const key = javaBytes(modPow(number, secret, consumer.prime));
	const token = createHmac("sha1", key).update(exchange.prepend).digest();
	if (!isProof(token, consumer.consumerKey, reply.signature.reveal())) return undefined;
	return { token: new IbkrHidden(token.toString("base64")), ...endOf(reply.expiration, clock.now()) };
}

function challengeHeader({ consumer, clock, url, accessToken, prepend }: LiveSessionExchange, secret: bigint): string {
	const parameters = {
		// BigInt writes no leading zeros, as the venue wants it.
		diffie_hellman_challenge: modPow(consumer.generator, secret, consumer.prime).toString(16),
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
	const due = createHmac("sha1", token).update(consumerKey, "utf8").digest();
	const given = Buffer.from(signature, "hex");
	return given.length === due.length && timingSafeEqual(given, due);
}

/**
 * The end of a token. The number is the end by its name, and the instant of its making by one version of the venue's
 * own description: less than an hour from now it can only be the latter. A number that is neither must not make a token
 * that has ended before it is used, or one that never does.
 */
export function endOf(expiration: number, now: number): Pick<LiveSession, "expiresAt" | "expiresForm"> {
	if (Math.abs(expiration - now) < hourMs) return { expiresAt: expiration + dayMs, expiresForm: "start" };
	if (expiration > now && expiration <= now + 2 * dayMs) return { expiresAt: expiration, expiresForm: "end" };
	return { expiresAt: now + dayMs, expiresForm: "assumed" };
}

function wrongProof(): never {
	const call = "POST /oauth/live_session_token";
	const message = `${call}: the venue did not prove that it has the same token, twice; check encryptionKey, dhParameters and accessTokenSecret`;
	throw new IbkrError(message, { kind: "refused", call, because: "wrong-proof" });
}
