import {
	constants,
	createDiffieHellman,
	createHmac,
	type DiffieHellman,
	publicEncrypt,
	randomBytes,
} from "node:crypto";
import type { components } from "../generated/ibkr-session.ts";
import type { SimFault, WireReply, WireRequest } from "../venue.ts";
import { isHmacSigned, isRsaSigned, readHeader, signedText } from "./oauth-header.ts";
import type { IbkrSettings, IbkrSimConsumer } from "./options.ts";
import { fault, json } from "./replies.ts";

type Schemas = components["schemas"];

const dayMs = 86_400_000;

/** The venue's side of OAuth 1.0a for one consumer: every signature, nonce and time is verified. */
export class IbkrConsumerDesk {
	readonly faults: Readonly<Record<string, SimFault>>;
	readonly #consumer: IbkrSimConsumer;
	readonly #settings: IbkrSettings;
	readonly #login: () => void;
	/** Verifiers by request token, empty before the user agreed. */
	readonly #requests = new Map<string, string>();
	/** Secrets by access token. */
	readonly #secrets = new Map<string, Buffer>();
	readonly #nonces = new Set<string>();
	#lastSeconds = 0;
	#live: { readonly token: string; readonly key: Buffer; readonly endsAt: number } | undefined;
	#wrongProofs = 0;
	/** Made once: OpenSSL looks at the prime each time, which takes a tenth of a second. */
	#exchange: DiffieHellman | undefined;

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

	knows(accessToken: string): boolean {
		return this.#secrets.has(accessToken);
	}

	forget(): void {
		this.#live = undefined;
	}

	requestToken(request: WireRequest): WireReply {
		const sent = this.#sent(request, "RSA-SHA256");
		if ("kind" in sent) return sent;
		if (!this.#isKeySigned(request, sent, "")) return invalid();
		if (sent.get("oauth_callback") !== "oob") return fault(400, "Bad Request: oauth_callback");
		this.#accept(sent);
		const token = randomBytes(10).toString("hex");
		this.#requests.set(token, "");
		return json({ oauth_token: token } satisfies Schemas["OAuthRequestToken"]);
	}

	accessToken(request: WireRequest): WireReply {
		const sent = this.#sent(request, "RSA-SHA256");
		if ("kind" in sent) return sent;
		if (!this.#isKeySigned(request, sent, "") || sent.has("oauth_callback")) return invalid();
		const token = sent.get("oauth_token") ?? "";
		const verifier = this.#requests.get(token);
		if (!verifier || verifier !== sent.get("oauth_verifier")) return fault(401, "id: 3, error: invalid verifier");
		this.#accept(sent);
		this.#requests.delete(token);
		const { token: oauth_token, secret: oauth_token_secret } = this.#issue();
		return json({ is_paper: true, oauth_token, oauth_token_secret } satisfies Schemas["OAuthAccessToken"]);
	}

	liveSessionToken(request: WireRequest): WireReply {
		const sent = this.#sent(request, "RSA-SHA256");
		if ("kind" in sent) return sent;
		const token = sent.get("oauth_token") ?? "";
		const secret = this.#secrets.get(token);
		if (!secret) return fault(401, `id: 2, error: LST failed, error: No access secret key found for ${token}`);
		const challenge = sent.get("diffie_hellman_challenge") ?? "";
		// A number with a zero in front is one that was padded, and the venue's text differs from the signed one.
		if (!/^[1-9a-f][0-9a-f]*$/.test(challenge)) return fault(400, "Bad Request: challenge");
		if (!this.#isKeySigned(request, sent, secret.toString("hex"))) return invalid();
		this.#accept(sent);
		this.#exchange ??= createDiffieHellman(this.#consumer.dhPrime, "hex", 2);
		const ours = this.#exchange;
		ours.setPrivateKey(randomBytes(32));
		// As bytes: Deno knows no encoding here.
		const response = BigInt(`0x${ours.generateKeys().toString("hex")}`).toString(16);
		const shared = ours.computeSecret(Buffer.from(challenge.padStart(512, "0"), "hex"));
		const key = createHmac("sha1", javaNumber(shared)).update(secret).digest();
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

	/** Whether a call is signed with the live session token; or the refusal. */
	provesCall({ method, url, header }: Pick<WireRequest, "method" | "url"> & { header: string | undefined }) {
		if (header === undefined) return false;
		const sent = this.#sent({ method, url, headers: { authorization: header } }, "HMAC-SHA256");
		if ("kind" in sent) return sent;
		const live = this.#live;
		if (!live || live.endsAt <= Date.now() + this.#settings.clockOffsetMs) return false;
		if (sent.get("oauth_token") !== live.token) return invalid();
		if (!isHmacSigned(signedText({ method, url }, sent), sent.get("oauth_signature"), live.key)) return invalid();
		this.#accept(sent);
		return true;
	}

	/** The parameters of a header that may be looked at further, or the refusal. */
	#sent(
		{ headers }: Pick<WireRequest, "headers"> & { method: string; url: URL },
		method: string,
	): Map<string, string> | WireReply {
		const sent = readHeader(headers["authorization"]);
		const { key, realm = "limited_poa" } = this.#consumer;
		if (sent?.get("oauth_consumer_key") !== key || sent.get("realm") !== realm) return invalid();
		if (sent.get("oauth_signature_method") !== method) return invalid();
		const [nonce = "", timestamp = ""] = [sent.get("oauth_nonce"), sent.get("oauth_timestamp")];
		const seconds = Number(timestamp);
		const now = (Date.now() + this.#settings.clockOffsetMs) / 1_000;
		if (!/^\d{10}$/.test(timestamp) || Math.abs(seconds - now) * 1_000 > this.#settings.timeToleranceMs) {
			return fault(401, "id: 4, error: invalid timestamp");
		}
		if (seconds < this.#lastSeconds) return fault(401, "id: 4, error: invalid timestamp");
		if (!/^[A-Za-z0-9]{16,}$/.test(nonce) || this.#nonces.has(nonce)) return fault(401, "id: 5, error: invalid nonce");
		return sent;
	}

	/** Of a request that was not signed by its consumer, neither nonce nor time count. */
	#accept(sent: ReadonlyMap<string, string>): void {
		this.#nonces.add(sent.get("oauth_nonce") ?? "");
		this.#lastSeconds = Number(sent.get("oauth_timestamp"));
	}

	#isKeySigned(request: WireRequest, sent: ReadonlyMap<string, string>, prepend: string): boolean {
		const text = prepend + signedText(request, sent);
		return isRsaSigned(text, sent.get("oauth_signature"), this.#consumer.signatureKey);
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
		if (!this.#requests.has(token)) return null;
		const verifier = randomBytes(10).toString("hex");
		this.#requests.set(token, verifier);
		return verifier;
	}
}

function invalid(): WireReply {
	return fault(401, "id: 1, error: invalid consumer");
}

/** Big-endian without zeros in front, then one zero if the sign bit would be set. */
function javaNumber(bytes: Buffer): Buffer {
	const start = bytes.findIndex((byte) => byte !== 0);
	const short = start === -1 ? Buffer.alloc(1) : bytes.subarray(start);
	return short.readUInt8(0) > 127 ? Buffer.concat([Buffer.alloc(1), short]) : short;
}
