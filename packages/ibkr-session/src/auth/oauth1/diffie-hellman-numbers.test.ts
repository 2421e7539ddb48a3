import { constants, generateKeyPairSync, getDiffieHellman, publicEncrypt, randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { javaBytes, modPow, randomExponent, readDhParameters } from "./diffie-hellman-numbers.ts";
import { endOf } from "./live-session-token.ts";
import { decryptPkcs1, readRsaKey, withoutPadding } from "./rsa.ts";
import { authorizationHeader, baseString, percentEncode } from "./signature.ts";

const prime = BigInt(`0x${getDiffieHellman("modp14").getPrime("hex")}`);

describe("javaBytes", () => {
	it.each([
		[0x7fn, "7f"],
		[0xffn, "00ff"],
		[0x100n, "0100"],
		[0x80n, "0080"],
		[0x7fffn, "7fff"],
		[0n, "00"],
	])("javaBytes returns Java BigInteger bytes, with a leading 0 byte if the first bit is set: %s", (number, hex) => {
		expect(javaBytes(number).toString("hex")).toBe(hex);
	});

	it("javaBytes adds a leading zero byte only when the sign bit is set", () => {
		expect(javaBytes((1n << 2_039n) - 1n)).toHaveLength(255);
		expect(javaBytes(1n << 2_047n)).toHaveLength(257);
	});
});

it("modPow computes the same power as OpenSSL", () => {
	const secret = randomExponent();
	const other = getDiffieHellman("modp14");
	const theirs = other.generateKeys();
	const shared = modPow(BigInt(`0x${theirs.toString("hex")}`), secret, prime);
	const mine = modPow(2n, secret, prime).toString(16).padStart(512, "0");
	expect(other.computeSecret(Buffer.from(mine, "hex")).toString("hex")).toBe(shared.toString(16).padStart(512, "0"));
});

it("randomExponent returns 256 bits", () => {
	const drawn = Array.from({ length: 50 }, randomExponent);
	expect(new Set(drawn).size).toBe(50);
	expect(drawn.every((number) => number > 1n << 200n)).toBe(true);
});

it("readDhParameters reads PEM text and returns undefined for anything else", () => {
	const pem = (bytes: Buffer) =>
		`-----BEGIN DH PARAMETERS-----\n${bytes.toString("base64")}\n-----END DH PARAMETERS-----\n`;
	const number = javaBytes(prime);
	const body = Buffer.concat([Buffer.from("02820101", "hex"), number, Buffer.from("020102", "hex")]);
	const whole = Buffer.concat([Buffer.from("30820108", "hex"), body]);
	expect(readDhParameters(pem(whole))).toEqual({ prime, generator: 2n });
	for (let cut = 0; cut < whole.length; cut += 7) expect(readDhParameters(pem(whole.subarray(0, cut)))).toBeUndefined();
	expect(readDhParameters("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----")).toBeUndefined();
});

describe("decryptPkcs1", () => {
	const pair = generateKeyPairSync("rsa", {
		modulusLength: 2_048,
		publicKeyEncoding: { type: "spki", format: "pem" },
		privateKeyEncoding: { type: "pkcs1", format: "pem" },
	});
	const key = readRsaKey(pair.privateKey);
	if (!key) throw new Error("no key");
	const encrypt = (bytes: Buffer) =>
		publicEncrypt({ key: pair.publicKey, padding: constants.RSA_PKCS1_PADDING }, bytes);

	it.each([1, 20, 32, 245])("decryptPkcs1 decrypts a secret of %i bytes", (length) => {
		const secret = randomBytes(length);
		expect(decryptPkcs1(key, encrypt(secret))).toEqual(secret);
	});

	it("decryptPkcs1 keeps the leading zero bytes of a secret", () => {
		const secret = Buffer.from("0000ff00", "hex");
		expect(decryptPkcs1(key, encrypt(secret))).toEqual(secret);
	});

	it("decryptPkcs1 returns undefined when the padding is wrong", () => {
		const block = (hex: string) => withoutPadding(Buffer.from(hex, "hex"));
		expect(block("0002010203040506070800aa")).toEqual(Buffer.from("aa", "hex"));
		expect(block("00020102030405060700aaaa")).toBeUndefined();
		expect(block("0001010203040506070800aa")).toBeUndefined();
		expect(block("0102010203040506070800aa")).toBeUndefined();
		expect(block("000201020304050607080900")).toBeUndefined();
		expect(block("0002010203040506070809aa")).toBeUndefined();
		expect(block("")).toBeUndefined();
		expect(decryptPkcs1(key, Buffer.alloc(17))).toBeUndefined();
	});

	it("readRsaKey returns a key only for an RSA key of at least 2048 bits", () => {
		const short = generateKeyPairSync("rsa", {
			modulusLength: 1_024,
			publicKeyEncoding: { type: "spki", format: "pem" },
			privateKeyEncoding: { type: "pkcs8", format: "pem" },
		});
		const curve = generateKeyPairSync("ed25519", {
			publicKeyEncoding: { type: "spki", format: "pem" },
			privateKeyEncoding: { type: "pkcs8", format: "pem" },
		});
		for (const pem of [short.privateKey, curve.privateKey, pair.publicKey, "", 7]) {
			expect(readRsaKey(pem)).toBeUndefined();
		}
	});
});

describe("the OAuth 1.0a signature", () => {
	it("baseString sorts and joins the parameters, and then percent-encodes the joined text once", () => {
		const text = baseString("POST", "https://api.ibkr.com/v1/api/oauth/request_token", {
			oauth_token: "t",
			oauth_callback: "oob",
		});
		expect(text).toBe(
			"POST&https%3A%2F%2Fapi.ibkr.com%2Fv1%2Fapi%2Foauth%2Frequest_token&oauth_callback%3Doob%26oauth_token%3Dt",
		);
	});

	it("baseString moves the query of the URL into the parameters", () => {
		expect(baseString("GET", "https://h/a?z=1&b=2", { c: "3" })).toBe("GET&https%3A%2F%2Fh%2Fa&b%3D2%26c%3D3%26z%3D1");
	});

	it("percentEncode encodes every character except letters, digits and - . _ ~, while encodeURIComponent keeps more characters", () => {
		expect(percentEncode("!'()* +/=")).toBe("%21%27%28%29%2A%20%2B%2F%3D");
		expect(percentEncode("aZ09-._~")).toBe("aZ09-._~");
	});

	it("authorizationHeader puts the realm first, and encodes only the signature", () => {
		expect(authorizationHeader("limited_poa", { oauth_token: "a" }, "x+/=")).toBe(
			'OAuth realm="limited_poa", oauth_token="a", oauth_signature="x%2B%2F%3D"',
		);
	});
});

it("endOf treats an expiration less than an hour before or after now as the token's creation time, and a later expiration as the token's end", () => {
	const now = 1_795_000_000_000;
	const dayMs = 86_400_000;
	expect(endOf(now + 3_599_999, now)).toEqual({ expiresAt: now + 3_599_999 + dayMs, expiresForm: "start" });
	expect(endOf(now - 3_599_999, now)).toEqual({ expiresAt: now - 3_599_999 + dayMs, expiresForm: "start" });
	expect(endOf(now + 3_600_000, now)).toEqual({ expiresAt: now + 3_600_000, expiresForm: "end" });
	expect(endOf(now + dayMs, now)).toEqual({ expiresAt: now + dayMs, expiresForm: "end" });
});

it.each([
	0,
	-1,
	1,
	1_795_086_400,
	Number.MAX_SAFE_INTEGER,
	1_795_000_000_000 - 3_600_000,
	1_795_000_000_000 + 172_800_001,
])(
	"endOf returns an end a day from now when the venue's number can be neither the token's end nor its creation: %i",
	(expiration) => {
		const now = 1_795_000_000_000;
		expect(endOf(expiration, now)).toEqual({ expiresAt: now + 86_400_000, expiresForm: "assumed" });
	},
);
