import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { javaBytes, modPow } from "./diffie-hellman-numbers.ts";
import { baseString, percentEncode } from "./signature.ts";

/** The values of sections 7.4 and 7.5 of the venue's document "OAuth at Interactive Brokers", for its test consumer. */
describe("the venue's published example", () => {
	const token = Buffer.from("YBWbLw+9RYP2nWrPQHxHZkBb1aM=", "base64");

	it("the token signature in the venue's published example is the HMAC of the consumer key, with the live session token as the HMAC's key", () => {
		const proof = createHmac("sha1", token).update("TESTCONS", "utf8").digest("hex");
		expect(proof).toBe("543c55477d6cbb0e792d1e4f8111cec7305ba3f4");
	});

	it("baseString returns a text whose HMAC is the published signature, for the example call that has a query in its URL", () => {
		const text = baseString("GET", "http://localhost:12345/tradingapi/v1/marketdata/snapshot?conid=8314", {
			oauth_consumer_key: "TESTCONS",
			oauth_nonce: "aecef17086308940e861",
			oauth_signature_method: "HMAC-SHA256",
			oauth_timestamp: "1473795686",
			oauth_token: "6f531f8fd316915af53f",
		});
		const signature = createHmac("sha256", token).update(text).digest("base64");
		expect(signature).toBe("+BdIuZDNooYZAbO9RZUCTC5F/3HjFOb04Tu4crpi0v8=");
		expect(percentEncode(signature)).toBe("%2BBdIuZDNooYZAbO9RZUCTC5F%2F3HjFOb04Tu4crpi0v8%3D");
	});

	it("baseString returns the published base string of the first example request", () => {
		const text = baseString("POST", "http://localhost:12345/tradingapi/v1/oauth/request_token", {
			oauth_nonce: "fcbc9c08d69ac269f7f1",
			oauth_callback: "oob",
			oauth_timestamp: "1473793701",
			oauth_consumer_key: "TESTCONS",
			oauth_signature_method: "RSA-SHA256",
		});
		expect(text).toBe(
			"POST&http%3A%2F%2Flocalhost%3A12345%2Ftradingapi%2Fv1%2Foauth%2Frequest_token&oauth_callback%3Doob%26oauth_consumer_key%3DTESTCONS%26oauth_nonce%3Dfcbc9c08d69ac269f7f1%26oauth_signature_method%3DRSA-SHA256%26oauth_timestamp%3D1473793701",
		);
	});
});

/**
 * Test vectors for the whole key exchange, from the exponents to the token, with the prime of the venue's test consumer. Nobody has
 * published such vectors, so a program in another programming language computed these. `b` is the venue's exponent; `prepend` is the value
 * in the venue's document.
 */
describe("the key exchange with the prime of the venue's test consumer", () => {
	const prime = BigInt(
		"0xf51d7ab737a452668fd8b5eec12fcdc3c01a0744d93db2e9b1dc335bd2551ec67e11becc60c33a73497a0f7c086d87e45781ada35b7af72708f31ae221347a1c6517575a347df83a321d05450547ee13a8182280ed81423002aa6337b48a251d840bfdabe8d41b8109284933a6c33bc6652ea9c7a5fd6b4945b7b39f1d951ae19b9192061e2f9de84768b67c425258724cdb96975917cabdea87e7e0bc72b01a331d06f2f34229a5ec742b399fcffa510bf6b8f9b5bf9858f058371a49aa4f950f7fbfb3f47710af34baa83fff1b467d38d0e6b1b0a2d117f178cf930d7dfdcc8f6755a2229d48492a967f493041121e382b9e87ca1368c09f54e6352d909f2b",
	);
	const prepend = Buffer.from("901c5e47fc1abec4ae9b4747024ff4d3ba186f16522eaf823238f4cadbef9cdc", "hex");

	it.each([
		{
			what: "a key whose first bit is set",
			a: "f55ff16f66f43360266b95db6f8fec01d76031054306ae4a4b380598f6cfd114",
			b: "7dc96f776c8423e57a2785489a3f9c43fb6e756876d6ad9a9cac4aa4e72ec193",
			digits: 512,
			bytes: 257,
			token: "NIiMeaJx1OKp4ZwHqP7v11SW7dg=",
			proof: "0bcfd31b73864040999c905c8dd218b2070c5145",
		},
		{
			what: "a key whose first bit is not set",
			a: "4e1195df020de59e0d65a33a4279f1183e7ae4e5d980e309f8b55adff2e61c3e",
			b: "c02c0b965e023abee808f2b548d8d5193a8b5229be6f3121a6f16e2d41a449b3",
			digits: 512,
			bytes: 256,
			token: "xjD3/XgoUxqqXwhpo+vEQ8j87j0=",
			proof: "d173ada2a757a5e028d0ecfafacb7de243caf8d1",
		},
		{
			what: "a challenge of 511 digits",
			a: "305370681065d9971a93f2276ab367f20244091295ee5b0bec615fc2f57658db",
			b: "76bdb563530c997e6fdf55cc894b3c8d454b14f052427b5e26487816f20643fb",
			digits: 511,
			bytes: 257,
			token: "1z3JjgTRJn9eJvDldvhj6GNHq/k=",
			proof: "737c0287443c6ea14f5b29b22913f6e2428a5448",
		},
		{
			what: "a key that is a byte shorter than the prime, with its first bit set",
			a: "fc34649b1ac368c23a7b82525a1d368b879c2c354307681b7407a631dd511dfb",
			b: "5dd1c8792191def1b36ed78bad668e789b0dad701125e85f9e9abaeff790232e",
			digits: 512,
			bytes: 256,
			token: "vjpEgbVql7GzS+gSm1LldpK4n88=",
			proof: "014c4b97ef8cf7fadb9af6c531fba8e27901e2d1",
		},
	])(
		"the key exchange with the test consumer's prime gives the expected token and proof with $what",
		({ a, b, digits, bytes, token, proof }) => {
			const exponent = BigInt(`0x${a}`);
			expect(modPow(2n, exponent, prime).toString(16)).toHaveLength(digits);
			const key = javaBytes(modPow(modPow(2n, BigInt(`0x${b}`), prime), exponent, prime));
			expect(key).toHaveLength(bytes);
			const made = createHmac("sha1", key).update(prepend).digest();
			expect(made.toString("base64")).toBe(token);
			expect(createHmac("sha1", made).update("TESTCONS").digest("hex")).toBe(proof);
		},
	);
});
