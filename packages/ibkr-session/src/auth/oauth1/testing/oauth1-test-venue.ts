import { generateKeyPairSync, getDiffieHellman } from "node:crypto";
import { type IbkrFault, IbkrVenue, type IbkrVenueOptions, Link, memoryFetch } from "@x/venue-sims";
import { createIbkrHttp, type IbkrHttp } from "../../../index.ts";
import { createIbkrConsumer, type IbkrConsumerOptions, type IbkrUser, type IbkrUserCredentials } from "../index.ts";

export const baseUrl = "https://api.ibkr.com/v1/api";

/** An RSA key pair of 2 048 bits as two PEM texts. */
export const rsa = () =>
	generateKeyPairSync("rsa", {
		modulusLength: 2_048,
		publicKeyEncoding: { type: "spki", format: "pem" },
		privateKeyEncoding: { type: "pkcs8", format: "pem" },
	});

/** A simulated venue that knows one consumer, with the keys and users of this consumer. */
export class OAuth1Harness {
	static readonly signature = rsa();
	static readonly encryption = rsa();
	static readonly dhPrime = getDiffieHellman("modp14").getPrime("hex");
	static readonly keys: IbkrConsumerOptions = {
		consumerKey: "PLANTEDCK",
		signatureKey: OAuth1Harness.signature.privateKey,
		encryptionKey: OAuth1Harness.encryption.privateKey,
		dhParameters: OAuth1Harness.dhPrime,
	};
	readonly venue: IbkrVenue;
	readonly fetch: typeof fetch;
	readonly #link: Link;

	constructor(options: Partial<IbkrVenueOptions> = {}, realm?: string) {
		this.venue = new IbkrVenue({
			mode: "oauth1",
			loadMs: 0,
			pacing: false,
			consumer: {
				key: OAuth1Harness.keys.consumerKey,
				signatureKey: OAuth1Harness.signature.publicKey,
				encryptionKey: OAuth1Harness.encryption.publicKey,
				dhPrime: OAuth1Harness.dhPrime,
				...(realm === undefined ? {} : { realm }),
			},
			...options,
		});
		this.#link = new Link(this.venue);
		this.fetch = memoryFetch(this.#link);
	}

	pull(fault: IbkrFault, args: Record<string, unknown> = {}): unknown {
		return this.venue.faults[fault](args);
	}

	/** Creates an access token, as the venue's self-service page does. */
	issued(): IbkrUserCredentials {
		const { token, secret } = this.pull("issue") as { token: string; secret: string };
		return { accessToken: token, accessTokenSecret: secret };
	}

	user(options: Partial<IbkrConsumerOptions> = {}, credentials: IbkrUserCredentials = this.issued()): IbkrUser {
		return createIbkrConsumer({ ...OAuth1Harness.keys, fetch: this.fetch, ...options }).user(credentials);
	}

	/** The requests for a live session token that the simulator has received. */
	exchanges(): IbkrVenue["received"] {
		return this.venue.received.filter(({ path }) => path.endsWith("/live_session_token"));
	}

	close(): void {
		this.#link.close();
	}
}

/** A client whose calls are signed for the given user. */
export function clientOf({ fetch, authorize }: IbkrUser): IbkrHttp {
	return createIbkrHttp({ baseUrl, fetch, authorize });
}
