import { generateKeyPairSync } from "node:crypto";
import type { IbkrHttpOptions, IbkrPenaltyBox } from "@x/ibkr-session";
import { createIbkrBearer, createIbkrOAuth } from "@x/ibkr-session/oauth";
import type { IbkrSessionOptions } from "@x/keepalive/ibkr";
import type { IbkrVenueOptions } from "@x/venue-sims";

type Mode = NonNullable<IbkrSessionOptions["mode"]>;

/** How the calls of one process are authorized. */
interface Proof extends Pick<IbkrHttpOptions, "fetch" | "authorize">, Pick<IbkrSessionOptions, "renew"> {
	/** Returns the token that the URL of a WebSocket has to contain. */
	readonly token?: () => Promise<string>;
}

/** How a session gets access to the venue: through a gateway where a person logs in, or by OAuth. */
export interface Access {
	readonly mode: Mode;
	readonly venueOptions: Pick<IbkrVenueOptions, "mode" | "client">;
	/** Creates the authorization of a new process, without a token yet. */
	prove(fetch: typeof globalThis.fetch, penaltyBox: IbkrPenaltyBox): Proof;
}

const client = { id: "sim-client", keyId: "main", credential: "sim-user" };
/** The fixed authorization header of OAuth 1.0a in the simulation. Real signatures are tested in the client package. */
const signed = "OAuth sim";

export function accessBy(mode: Mode): Access {
	switch (mode) {
		case "gateway":
			return { mode, venueOptions: {}, prove: (fetch) => ({ fetch }) };
		case "oauth1":
			return {
				mode,
				venueOptions: { mode },
				prove: (fetch, penaltyBox) => {
					const oauth = createIbkrOAuth({ fetch, penaltyBox });
					return {
						fetch,
						authorize: () => ({ authorization: signed }),
						renew: () => oauth.liveSessionToken({ authorization: signed }),
						token: async () => "sim-access-token",
					};
				},
			};
		case "oauth2":
			return {
				mode,
				venueOptions: { mode, client: { ...client, publicKey: keys().publicKey } },
				prove: (fetch, penaltyBox) => {
					const { id: clientId, keyId, credential } = client;
					const { privateKey } = keys();
					const user = { clientId, keyId, privateKey, credential, ip: "127.0.0.1" };
					const bearer = createIbkrBearer({ ...user, fetch, penaltyBox });
					const { authorize, renew } = bearer;
					return {
						fetch: bearer.fetch,
						authorize,
						renew,
						token: async () => (await bearer.session()).token.reveal(),
					};
				},
			};
	}
}

let made: { readonly publicKey: string; readonly privateKey: string } | undefined;

/** Creates one key pair, which all simulations in this Node.js process share, because generating a key pair is slow. */
function keys(): NonNullable<typeof made> {
	made ??= generateKeyPairSync("rsa", {
		modulusLength: 2_048,
		publicKeyEncoding: { type: "spki", format: "pem" },
		privateKeyEncoding: { type: "pkcs8", format: "pem" },
	});
	return made;
}
