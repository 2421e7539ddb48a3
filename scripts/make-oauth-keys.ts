import { generateKeyPair, getDiffieHellman } from "node:crypto";
import { promisify } from "node:util";
import type { IbkrSimClient, IbkrSimConsumer } from "@x/venue-sims";

const generate = promisify(generateKeyPair);

/** Creates the keys for OAuth 1.0a and OAuth 2.0. Each key pair has a part that the venue knows and a part that the client needs. */
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
		/**
		 * The credentials of a client with OAuth 1.0a. Keys are PEM texts; the Diffie-Hellman prime is in hexadecimal, with the generator 2.
		 *
		 * @param issued - the access token, as the venue issued it.
		 */
		oauth1: (issued: { token: string; secret: string }) => ({
			consumerKey,
			realm,
			signatureKey: signature.privateKey,
			encryptionKey: encryption.privateKey,
			dhPrime,
			accessToken: issued.token,
			accessTokenSecret: issued.secret,
		}),
		/** The credentials of a client with OAuth 2.0. The key is a PEM text, and `credential` is the name of the user. */
		oauth2: { clientId, keyId, privateKey: client.privateKey, credential },
	};
}
