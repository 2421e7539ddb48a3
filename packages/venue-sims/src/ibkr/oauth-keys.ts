import { generateKeyPair, getDiffieHellman } from "node:crypto";
import { promisify } from "node:util";
import type { IbkrSimClient, IbkrSimConsumer } from "./options.ts";

const generate = promisify(generateKeyPair);

/** What a client needs to log in by OAuth 1.0a. Keys are in PEM format; the Diffie-Hellman prime is in hexadecimal, its generator is 2. */
export interface IbkrSimOAuth1 {
	readonly consumerKey: string;
	readonly realm: string;
	readonly signatureKey: string;
	readonly encryptionKey: string;
	readonly dhPrime: string;
	readonly accessToken: string;
	readonly accessTokenSecret: string;
}

/** What a client needs to log in by OAuth 2.0. The key is in PEM format; `credential` is the name of the user. */
export interface IbkrSimOAuth2 {
	readonly clientId: string;
	readonly keyId: string;
	readonly privateKey: string;
	readonly credential: string;
}

/** Keys for OAuth at a simulated IBKR: of each key pair, one half for the venue and one half for the client. */
export interface IbkrSimKeys {
	/** The venue's half for OAuth 1.0a: the option `consumer` of `IbkrVenue`. */
	readonly consumer: IbkrSimConsumer;
	/** The venue's half for OAuth 2.0: the option `client` of `IbkrVenue`. */
	readonly client: IbkrSimClient;
	/**
	 * The client's half for OAuth 1.0a.
	 *
	 * @param issued - the access token, which the venue's fault `issue` returns.
	 */
	oauth1(issued: { readonly token: string; readonly secret: string }): IbkrSimOAuth1;
	/** The client's half for OAuth 2.0. */
	readonly oauth2: IbkrSimOAuth2;
}

/** Creates new keys for OAuth 1.0a and OAuth 2.0 at a simulated IBKR: three RSA key pairs of 2 048 bits. */
export async function createIbkrSimKeys(): Promise<IbkrSimKeys> {
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
	return {
		consumer: {
			key: consumerKey,
			realm,
			signatureKey: signature.publicKey,
			encryptionKey: encryption.publicKey,
			dhPrime,
		},
		client: { id: clientId, keyId, publicKey: client.publicKey, credential },
		oauth1: ({ token, secret }) => ({
			consumerKey,
			realm,
			signatureKey: signature.privateKey,
			encryptionKey: encryption.privateKey,
			dhPrime,
			accessToken: token,
			accessTokenSecret: secret,
		}),
		oauth2: { clientId, keyId, privateKey: client.privateKey, credential },
	};
}
