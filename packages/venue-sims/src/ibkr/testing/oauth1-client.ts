import {
	constants,
	createDiffieHellmanGroup,
	createHmac,
	createSign,
	generateKeyPairSync,
	type KeyObject,
	privateDecrypt,
	randomBytes,
} from "node:crypto";
import type { IbkrSimConsumer } from "../options.ts";

const dhPrime = createDiffieHellmanGroup("modp14").getPrime("hex");
const pem = (key: KeyObject): string => key.export({ type: "spki", format: "pem" }).toString();
const encode = (text: string): string =>
	encodeURIComponent(text).replace(/[!'()*]/g, (found) => `%${found.charCodeAt(0).toString(16).toUpperCase()}`);

/** A client of OAuth 1.0a that works like third-party clients: it signs the address that it was configured with. */
export class OAuth1Client {
	readonly consumer: IbkrSimConsumer;
	readonly #signatureKey: KeyObject;
	readonly #encryptionKey: KeyObject;
	#token = "";
	#liveKey: Buffer = Buffer.alloc(0);

	constructor() {
		const signature = generateKeyPairSync("rsa", { modulusLength: 2048 });
		const encryption = generateKeyPairSync("rsa", { modulusLength: 2048 });
		this.#signatureKey = signature.privateKey;
		this.#encryptionKey = encryption.privateKey;
		const keys = { signatureKey: pem(signature.publicKey), encryptionKey: pem(encryption.publicKey), dhPrime };
		this.consumer = { key: "SIMSCONSU", ...keys };
	}

	/** Exchanges an access token for a live session token. */
	async logIn(
		base: string,
		issued: { token: string; secret: string },
		send: (path: string, authorization: string) => Promise<{ diffie_hellman_response: string }>,
	): Promise<void> {
		// The block is decrypted without padding, because Node.js refuses the padding that the venue uses. The padding is removed below.
		const block = privateDecrypt(
			{ key: this.#encryptionKey, padding: constants.RSA_NO_PADDING },
			Buffer.from(issued.secret, "base64"),
		);
		const secret = block.subarray(block.indexOf(0, 2) + 1);
		this.#token = issued.token;
		const a = BigInt(`0x${randomBytes(32).toString("hex")}`);
		const challenge = modPow(2n, a).toString(16);
		const params = { ...this.#params("RSA-SHA256"), diffie_hellman_challenge: challenge };
		const url = `${base}/oauth/live_session_token`;
		const text = secret.toString("hex") + this.#base("POST", url, params);
		const signature = createSign("RSA-SHA256").update(text).sign(this.#signatureKey, "base64");
		const reply = await send("/oauth/live_session_token", this.#header(params, signature));
		const shared = modPow(BigInt(`0x${reply.diffie_hellman_response}`), a).toString(16);
		const bytes = Buffer.from(shared.length % 2 === 0 ? shared : `0${shared}`, "hex");
		const key = bytes.readUInt8(0) > 127 ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes;
		this.#liveKey = createHmac("sha1", key).update(secret).digest();
	}

	/** The `Authorization` header of a call. The signature also covers `signedQuery`. */
	authorize(method: string, url: string, signedQuery: Readonly<Record<string, string>> = {}): string {
		const params = this.#params("HMAC-SHA256");
		const text = this.#base(method, url, { ...params, ...signedQuery });
		return this.#header(params, createHmac("sha256", this.#liveKey).update(text).digest("base64"));
	}

	#params(method: string): Record<string, string> {
		return {
			oauth_consumer_key: this.consumer.key,
			oauth_nonce: randomBytes(16).toString("hex"),
			oauth_signature_method: method,
			oauth_timestamp: String(Math.floor(Date.now() / 1_000)),
			oauth_token: this.#token,
		};
	}

	#base(method: string, url: string, params: Readonly<Record<string, string>>): string {
		const text = Object.entries(params)
			.sort(([one], [other]) => (one < other ? -1 : 1))
			.map((pair) => pair.join("="))
			.join("&");
		return [method, encode(url), encode(text)].join("&");
	}

	#header(params: Readonly<Record<string, string>>, signature: string): string {
		const all = { realm: "limited_poa", ...params, oauth_signature: encode(signature) };
		return `OAuth ${Object.entries(all)
			.map(([name, value]) => `${name}="${value}"`)
			.join(", ")}`;
	}
}

function modPow(base: bigint, exponent: bigint): bigint {
	const modulus = BigInt(`0x${dhPrime}`);
	let result = 1n;
	let factor = base % modulus;
	for (let left = exponent; left > 0n; left >>= 1n) {
		if (left & 1n) result = (result * factor) % modulus;
		factor = (factor * factor) % modulus;
	}
	return result;
}
