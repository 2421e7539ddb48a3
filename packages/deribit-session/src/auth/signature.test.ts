import { createHmac } from "node:crypto";
import { expect, it } from "vitest";
import { deribitSignature, randomNonce } from "./signature.ts";

it("deribitSignature returns the signature of Deribit's published example, which has no line feed after the data", async () => {
	const published = { clientSecret: "ABCD", timestamp: 1554883365000, nonce: "fdbmmz79" };
	const digest = "e20c9cd5639d41f8bbc88f4d699c4baf94a4f0ee320e9a116b72743c449eb994";
	expect(await deribitSignature(published)).toBe(digest);
	expect(await deribitSignature({ ...published, data: "" })).toBe(digest);
});

it.each(["x", "two\nlines", "ünï"])(
	"deribitSignature returns the same signature as node:crypto when the data is %j",
	async (data) => {
		const input = { clientSecret: "sécret", timestamp: 5, nonce: "n", data };
		const expected = createHmac("sha256", "sécret").update(`5\nn\n${data}`).digest("hex");
		expect(await deribitSignature(input, globalThis.crypto.subtle)).toBe(expected);
	},
);

it("randomNonce returns distinct nonces of 32 hexadecimal digits", () => {
	const nonces = Array.from({ length: 1_000 }, () => randomNonce(globalThis.crypto));
	expect(new Set(nonces).size).toBe(1_000);
	expect(nonces.every((nonce) => /^[0-9a-f]{32}$/.test(nonce))).toBe(true);
});
