import { createPublicKey, createSign, createVerify, generateKeyPairSync } from "node:crypto";
import { isOptionError } from "@x/base/errors";
import { describe, expect, it } from "vitest";
import { createBybitSigner } from "./signer.ts";

const stamp = "1700000000000";
const later = "1658385579423";
const query = "category=linear&symbol=BTCUSDT";
const body = '{"category": "linear", "symbol": "BTCUSDT", "orderLinkId": "test-order-1"}';

describe("an HMAC signer", () => {
	it.each([
		[
			"a GET",
			"test_secret",
			`${stamp}test_api_key5000${query}`,
			"fd4f31228a46109dc6673062328693696df9a96c7ff04e6491a45e7f63a0fdd7",
		],
		[
			"a POST with white space",
			"test_secret",
			`${stamp}test_api_key5000${body}`,
			"2df4a0603d69c08d5dea29ba85b46eb7db64ce9e9ebd34a7802a3d69700cb2a1",
		],
		[
			"a WebSocket login",
			"test_secret",
			`GET/realtime${stamp}`,
			"bacffe7500499eb829bb58c45d36d1b3e5ac67c14eaeba91df5e99ccee013925",
		],
		[
			"another GET",
			"bybit_secret",
			`${later}test_api_key5000${query}`,
			"b2197ec3bbe623288c6ffdc2faf555ca13af7ad5e4081c333e0e83d6cd5cf4a1",
		],
		[
			"another WebSocket login",
			"bybit_secret",
			`GET/realtime${later}`,
			"328b6383677d3e16e25e53ba954256c548b7209b04c3a93afd68a2efa685ce1b",
		],
	])("an HMAC signer returns the published signature of %s", async (_, secret, text, signature) => {
		expect(await createBybitSigner(secret)(text)).toBe(signature);
	});
});

describe("createBybitSigner", () => {
	const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
	const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();

	it("createBybitSigner returns a signer that makes the same RSA signatures as node:crypto", async () => {
		const text = `${stamp}test_api_key5000${query}`;
		const signature = await createBybitSigner(pem)(text);
		expect(signature).toBe(createSign("RSA-SHA256").update(text).sign(privateKey, "base64"));
		expect(createVerify("RSA-SHA256").update(text).verify(createPublicKey(privateKey), signature, "base64")).toBe(true);
	});

	it("createBybitSigner refuses a PKCS #1 PEM and says how to convert the PEM", () => {
		const old = privateKey.export({ type: "pkcs1", format: "pem" }).toString();
		expect(() => createBybitSigner(old)).toThrow(/PKCS #8.*openssl pkcs8 -topk8/);
	});

	it.each([undefined, null, "", 7, Buffer.from("planted")])("createBybitSigner refuses the secret %o", (secret) => {
		// The cast allows a wrong secret, which a program in plain JavaScript can pass.
		expect(() => createBybitSigner(secret as string)).toThrow(
			/^@x\/bybit-dcp: option apiSecret must be a non-empty string/,
		);
	});

	it("createBybitSigner refuses a PEM that is not base64, without quoting the PEM", () => {
		const broken = "-----BEGIN PRIVATE KEY-----\n*planted*\n-----END PRIVATE KEY-----";
		expect(() => createBybitSigner(broken)).toThrow(/not base64/);
		expect(() => createBybitSigner(broken)).not.toThrow(/planted/);
	});

	it("a signer fails with OptionError at the first signature when its PEM holds no RSA key", async () => {
		const ec = generateKeyPairSync("ec", { namedCurve: "P-256" })
			.privateKey.export({ type: "pkcs8", format: "pem" })
			.toString();
		const error = await Promise.resolve(createBybitSigner(ec)("text")).catch((reason: unknown) => reason);
		expect(isOptionError(error) && error.option).toBe("apiSecret");
	});
});
