import {
	constants,
	createDiffieHellman,
	createHmac,
	type DiffieHellman,
	publicEncrypt,
	randomBytes,
} from "node:crypto";
import type { components } from "../generated/ibkr-session.ts";
import type { SimFaults, WireReply, WireRequest } from "../venue.ts";
import { errorReply, json } from "./build-replies.ts";
import { isHmacSigned, isRsaSigned, readHeader, type SignedRequest, signatureBases } from "./oauth1-header.ts";
import type { IbkrSettings, IbkrSimConsumer } from "./options.ts";

type Schemas = components["schemas"];

const dayMs = 86_400_000;

/** The names of the faults that exist only with OAuth 1.0a. */
export type IbkrOAuthFault = "issue" | "consent" | "revoke" | "wrongProof" | "liveSessionToken";

const needsConsumer = (fault: IbkrOAuthFault) => (): never => {
	throw new Error(`@x/venue-sims: fault ${fault} requires the option consumer of IbkrVenue.`);
};

/** The OAuth 1.0a faults of a venue without the option `consumer`: each of them throws. */
export const withoutConsumer: SimFaults<IbkrOAuthFault> = {
	issue: needsConsumer("issue"),
	consent: needsConsumer("consent"),
	revoke: needsConsumer("revoke"),
	wrongProof: needsConsumer("wrongProof"),
	liveSessionToken: needsConsumer("liveSessionToken"),
};

/** The server side of OAuth 1.0a for one consumer, which verifies every signature, nonce and timestamp. */
export class IbkrOAuth1 {
	readonly faults: SimFaults<IbkrOAuthFault>;
	readonly #consumer: IbkrSimConsumer;
	readonly #settings: IbkrSettings;
	readonly #login: () => void;
	/** The verifier of each request token; an empty string until the user consents. */
	readonly #verifiers = new Map<string, string>();
	/** The secret of each access token. */
	readonly #secrets = new Map<string, Buffer>();
	readonly #nonces = new Set<string>();
	#lastSeconds = 0;
	#live: { readonly token: string; readonly key: Buffer; readonly endsAt: number } | undefined;
	#wrongProofs = 0;
	/** Created only once, because OpenSSL checks the prime for each new `DiffieHellman` object, which takes 0.1 s. */
	#diffieHellman: DiffieHellman | undefined;

	constructor(consumer: IbkrSimConsumer, settings: IbkrSettings, login: () => void) {
		this.#consumer = consumer;
		this.#settings = settings;
		this.#login = login;
		this.faults = {
			issue: () => this.#issue(),
			consent: ({ token }) => this.#consent(String(token)),
			revoke: ({ token }) => this.#secrets.delete(String(token)),
			wrongProof: ({ times }) => {
				this.#wrongProofs = typeof times === "number" ? times : 1;
				return this.#wrongProofs;
			},
			liveSessionToken: () => this.#live?.key.toString("base64") ?? null,
		};
	}

	hasAccessToken(accessToken: string): boolean {
		return this.#secrets.has(accessToken);
	}

	endLogin(): void {
		this.#live = undefined;
	}

	requestToken(request: WireRequest): WireReply {
		const params = this.#verifyHeader(request, "RSA-SHA256");
		if ("kind" in params) return params;
		if (!this.#isSignedByConsumer(request, params, "")) return invalidConsumer();
		if (params.get("oauth_callback") !== "oob") return errorReply(400, "Bad Request: oauth_callback");
		this.#recordNonce(params);
		const token = randomBytes(10).toString("hex");
		this.#verifiers.set(token, "");
		return json({ oauth_token: token } satisfies Schemas["OAuthRequestToken"]);
	}

	accessToken(request: WireRequest): WireReply {
		const params = this.#verifyHeader(request, "RSA-SHA256");
		if ("kind" in params) return params;
		if (!this.#isSignedByConsumer(request, params, "") || params.has("oauth_callback")) return invalidConsumer();
		const token = params.get("oauth_token") ?? "";
		const verifier = this.#verifiers.get(token);
		if (!verifier || verifier !== params.get("oauth_verifier"))
			return errorReply(401, "id: 3, error: invalid verifier");
		this.#recordNonce(params);
		this.#verifiers.delete(token);
		const { token: oauth_token, secret: oauth_token_secret } = this.#issue();
		return json({ is_paper: true, oauth_token, oauth_token_secret } satisfies Schemas["OAuthAccessToken"]);
	}

	liveSessionToken(request: WireRequest): WireReply {
		const params = this.#verifyHeader(request, "RSA-SHA256");
		if ("kind" in params) return params;
		const token = params.get("oauth_token") ?? "";
		const secret = this.#secrets.get(token);
		if (!secret) return errorReply(401, `id: 2, error: LST failed, error: No access secret key found for ${token}`);
		const challenge = params.get("diffie_hellman_challenge") ?? "";
		// A challenge that is padded with a leading zero is refused, because the real venue would verify another text than the one that the
		// client signed.
		if (!/^[1-9a-f][0-9a-f]*$/.test(challenge)) return errorReply(400, "Bad Request: challenge");
		if (!this.#isSignedByConsumer(request, params, secret.toString("hex"))) return invalidConsumer();
		this.#recordNonce(params);
		this.#diffieHellman ??= createDiffieHellman(this.#consumer.dhPrime, "hex", 2);
		const diffieHellman = this.#diffieHellman;
		diffieHellman.setPrivateKey(randomBytes(32));
		// `generateKeys` is called without an encoding, because Deno does not support that argument.
		const response = BigInt(`0x${diffieHellman.generateKeys().toString("hex")}`).toString(16);
		const shared = diffieHellman.computeSecret(Buffer.from(challenge.padStart(512, "0"), "hex"));
		const key = createHmac("sha1", javaBigInteger(shared)).update(secret).digest();
		const now = Date.now() + this.#settings.clockOffsetMs;
		this.#live = { token, key, endsAt: now + dayMs };
		this.#login();
		const proof = createHmac("sha1", key).update(this.#consumer.key).digest();
		if (this.#wrongProofs > 0) {
			this.#wrongProofs -= 1;
			proof.writeUInt8(proof.readUInt8(0) ^ 1, 0);
		}
		return json({
			diffie_hellman_response: response,
			live_session_token_signature: proof.toString("hex"),
			live_session_token_expiration: this.#settings.lstExpiration === "end" ? now + dayMs : now,
		} satisfies Schemas["OAuthLiveSessionToken"]);
	}

	/**
	 * Whether a call is signed with the current live session token, or an error reply for an invalid header or signature.
	 */
	authorize(request: SignedRequest): boolean | WireReply {
		if (request.headers["authorization"] === undefined) return false;
		const params = this.#verifyHeader(request, "HMAC-SHA256");
		if ("kind" in params) return params;
		const live = this.#live;
		if (!live || live.endsAt <= Date.now() + this.#settings.clockOffsetMs) return false;
		if (params.get("oauth_token") !== live.token) return invalidConsumer();
		const signature = params.get("oauth_signature");
		if (!signatureBases(request, params).some((text) => isHmacSigned(text, signature, live.key)))
			return invalidConsumer();
		this.#recordNonce(params);
		return true;
	}

	/**
	 * Checks everything in the `Authorization` header but the signature. Returns the parameters of the header, or an
	 * error reply.
	 */
	#verifyHeader({ headers }: Pick<WireRequest, "headers">, method: string): Map<string, string> | WireReply {
		const params = readHeader(headers["authorization"]);
		const { key, realm = "limited_poa" } = this.#consumer;
		if (params?.get("oauth_consumer_key") !== key || params.get("realm") !== realm) return invalidConsumer();
		if (params.get("oauth_signature_method") !== method) return invalidConsumer();
		const [nonce = "", timestamp = ""] = [params.get("oauth_nonce"), params.get("oauth_timestamp")];
		const seconds = Number(timestamp);
		const now = (Date.now() + this.#settings.clockOffsetMs) / 1_000;
		if (!/^\d{10}$/.test(timestamp) || Math.abs(seconds - now) * 1_000 > this.#settings.timeToleranceMs) {
			return errorReply(401, "id: 4, error: invalid timestamp");
		}
		if (seconds < this.#lastSeconds) return errorReply(401, "id: 4, error: invalid timestamp");
		if (!/^[A-Za-z0-9]{16,}$/.test(nonce) || this.#nonces.has(nonce))
			return errorReply(401, "id: 5, error: invalid nonce");
		return params;
	}

	/** Records nonce and timestamp as used. To be called only for requests with a valid signature. */
	#recordNonce(params: ReadonlyMap<string, string>): void {
		this.#nonces.add(params.get("oauth_nonce") ?? "");
		this.#lastSeconds = Number(params.get("oauth_timestamp"));
	}

	#isSignedByConsumer(request: WireRequest, params: ReadonlyMap<string, string>, prepend: string): boolean {
		const { signatureKey } = this.#consumer;
		const signature = params.get("oauth_signature");
		return signatureBases(request, params).some((text) => isRsaSigned(prepend + text, signature, signatureKey));
	}

	#issue(): { token: string; secret: string } {
		const token = randomBytes(10).toString("hex");
		const secret = randomBytes(32);
		this.#secrets.set(token, secret);
		const { encryptionKey: key } = this.#consumer;
		const ciphertext = publicEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, secret);
		return { token, secret: ciphertext.toString("base64") };
	}

	#consent(token: string): string | null {
		if (!this.#verifiers.has(token)) return null;
		const verifier = randomBytes(10).toString("hex");
		this.#verifiers.set(token, verifier);
		return verifier;
	}
}

function invalidConsumer(): WireReply {
	return errorReply(401, "id: 1, error: invalid consumer");
}

/** The bytes of a number in the format of Java's class BigInteger: no leading zero bytes, except one zero byte if the first bit is set. */
function javaBigInteger(bytes: Buffer): Buffer {
	const start = bytes.findIndex((byte) => byte !== 0);
	const short = start === -1 ? Buffer.alloc(1) : bytes.subarray(start);
	return short.readUInt8(0) > 127 ? Buffer.concat([Buffer.alloc(1), short]) : short;
}
