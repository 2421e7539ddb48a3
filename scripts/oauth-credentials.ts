import { generateKeyPair, getDiffieHellman } from "node:crypto";
import { promisify } from "node:util";
import type { IbkrSimClient, IbkrSimConsumer } from "@x/venue-sims";

/** What a consumer of OAuth 1.0a needs. Keys are PEM texts. */
export interface OAuth1Credentials {
	readonly consumerKey: string;
	readonly realm: string;
	/** The private signature key. */
	readonly signatureKey: string;
	/** The private encryption key. */
	readonly encryptionKey: string;
	/** In hexadecimal. The generator is 2. */
	readonly dhPrime: string;
	readonly accessToken: string;
	readonly accessTokenSecret: string;
}

/** What a client of OAuth 2.0 needs. */
export interface OAuth2Credentials {
	readonly clientId: string;
	readonly keyId: string;
	/** The private key, a PEM text. */
	readonly privateKey: string;
	/** The user name. */
	readonly credential: string;
}

const generate = promisify(generateKeyPair);

/** Makes the keys of both ways to log in: what the venue knows, and what the client needs. */
export async function makeOAuthKeys() {
	const pair = () =>
		generate("rsa", {
			modulusLength: 2_048,
			publicKeyEncoding: { type: "spki", format: "pem" },
			privateKeyEncoding: { type: "pkcs8", format: "pem" },
		});
	const [signature, encryption, client] = await Promise.all([pair(), pair(), pair()]);
	const dhPrime = getDiffieHellman("modp14").getPrime("hex");
	const realm = "limited_poa";
	const [consumerKey, clientId, keyId, credential] = ["SIMSCONSU", "sims-client", "main", "sim-user"];
	const consumer: IbkrSimConsumer = {
		key: consumerKey,
		realm,
		signatureKey: signature.publicKey,
		encryptionKey: encryption.publicKey,
		dhPrime,
	};
	const oauth2Client: IbkrSimClient = { id: clientId, keyId, publicKey: client.publicKey, credential };
	return {
		consumer,
		oauth2Client,
		/** @param issued - the access token, as the venue issued it. */
		oauth1: (issued: { token: string; secret: string }): OAuth1Credentials => ({
			consumerKey,
			realm,
			signatureKey: signature.privateKey,
			encryptionKey: encryption.privateKey,
			dhPrime,
			accessToken: issued.token,
			accessTokenSecret: issued.secret,
		}),
		oauth2: { clientId, keyId, privateKey: client.privateKey, credential } satisfies OAuth2Credentials,
	};
}
