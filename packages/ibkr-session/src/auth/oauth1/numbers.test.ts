import { constants, generateKeyPairSync, getDiffieHellman, publicEncrypt, randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { endOf } from "./live-session.ts";
import { javaBytes, modPow, randomExponent, readDhParameters } from "./numbers.ts";
import { decryptPkcs1, readRsaKey, withoutPadding } from "./rsa.ts";
import { authorizationHeader, baseString, percentEncode } from "./signature.ts";

const prime = BigInt(`0x${getDiffieHellman("modp14").getPrime("hex")}`);

describe("the bytes of a number", () => {
	it.each([
		[0x7fn, "7f"],
		[0xffn, "00ff"],
		[0x100n, "0100"],
		[0x80n, "0080"],
		[0x7fffn, "7fff"],
		[0n, "00"],
	])("are those of a Java BigInteger, with a zero in front when the first bit is set: %s", (number, hex) => {
		expect(javaBytes(number).toString("hex")).toBe(hex);
	});

	it("keep no zeros in front that the sign does not need", () => {
		expect(javaBytes((1n << 2_039n) - 1n)).toHaveLength(255);
		expect(javaBytes(1n << 2_047n)).toHaveLength(257);
	});
});

it("a power in a modulus is the one that OpenSSL computes", () => {
	const secret = randomExponent();
	const other = getDiffieHellman("modp14");
	const theirs = other.generateKeys();
	const shared = modPow(BigInt(`0x${theirs.toString("hex")}`), secret, prime);
	const mine = modPow(2n, secret, prime).toString(16).padStart(512, "0");
	expect(other.computeSecret(Buffer.from(mine, "hex")).toString("hex")).toBe(shared.toString(16).padStart(512, "0"));
});

it("exponents have 256 bits, not 31", () => {
	const drawn = Array.from({ length: 50 }, randomExponent);
	expect(new Set(drawn).size).toBe(50);
	expect(drawn.every((number) => number > 1n << 200n)).toBe(true);
});

it("DH PARAMETERS are read from their PEM text, and nothing else is", () => {
	const pem = (bytes: Buffer) =>
		`-----BEGIN DH PARAMETERS-----\n${bytes.toString("base64")}\n-----END DH PARAMETERS-----\n`;
	const number = javaBytes(prime);
	const body = Buffer.concat([Buffer.from("02820101", "hex"), number, Buffer.from("020102", "hex")]);
	const whole = Buffer.concat([Buffer.from("30820108", "hex"), body]);
	expect(readDhParameters(pem(whole))).toEqual({ prime, generator: 2n });
	for (let cut = 0; cut < whole.length; cut += 7) expect(readDhParameters(pem(whole.subarray(0, cut)))).toBeUndefined();
	expect(readDhParameters("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----")).toBeUndefined();
});

describe("the secret of an access token", () => {
	const pair = generateKeyPairSync("rsa", {
		modulusLength: 2_048,
		publicKeyEncoding: { type: "spki", format: "pem" },
		privateKeyEncoding: { type: "pkcs1", format: "pem" },
	});
	const key = readRsaKey(pair.privateKey);
	if (!key) throw new Error("no key");
	const encrypt = (bytes: Buffer) =>
		publicEncrypt({ key: pair.publicKey, padding: constants.RSA_PKCS1_PADDING }, bytes);

	it.each([1, 20, 32, 245])("is decrypted without Node's own removal of the padding: %i bytes", (length) => {
		const secret = randomBytes(length);
		expect(decryptPkcs1(key, encrypt(secret))).toEqual(secret);
	});

	it("keeps zeros at its beginning", () => {
		const secret = Buffer.from("0000ff00", "hex");
		expect(decryptPkcs1(key, encrypt(secret))).toEqual(secret);
	});

	it("is refused when its padding is not there", () => {
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

	it("keys that are not RSA of 2048 bits are not read", () => {
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

describe("what is signed", () => {
	it("has its parameters sorted and encoded as one text", () => {
		const text = baseString("POST", "https://api.ibkr.com/v1/api/oauth/request_token", {
			oauth_token: "t",
			oauth_callback: "oob",
		});
		expect(text).toBe(
			"POST&https%3A%2F%2Fapi.ibkr.com%2Fv1%2Fapi%2Foauth%2Frequest_token&oauth_callback%3Doob%26oauth_token%3Dt",
		);
	});

	it("has a query among the parameters and not in the address", () => {
		expect(baseString("GET", "https://h/a?z=1&b=2", { c: "3" })).toBe("GET&https%3A%2F%2Fh%2Fa&b%3D2%26c%3D3%26z%3D1");
	});

	it("escapes what encodeURIComponent leaves, and leaves what OAuth does not escape", () => {
		expect(percentEncode("!'()* +/=")).toBe("%21%27%28%29%2A%20%2B%2F%3D");
		expect(percentEncode("aZ09-._~")).toBe("aZ09-._~");
	});

	it("is sent with the realm in front and the signature alone encoded", () => {
		expect(authorizationHeader("limited_poa", { oauth_token: "a" }, "x+/=")).toBe(
			'OAuth realm="limited_poa", oauth_token="a", oauth_signature="x%2B%2F%3D"',
		);
	});
});

it("an expiration under an hour away is the making, and anything later the end", () => {
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
	"an expiration that can be neither is a day from now and says so, not a token that is made for each call: %i",
	(expiration) => {
		const now = 1_795_000_000_000;
		expect(endOf(expiration, now)).toEqual({ expiresAt: now + 86_400_000, expiresForm: "assumed" });
	},
);
