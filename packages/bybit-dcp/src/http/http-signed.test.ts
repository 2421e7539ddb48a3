import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it, vi } from "vitest";
import { createBybitSigner } from "../auth/sign.ts";
import { apiKey, apiSecret, failure, startHttp, useFakeClock } from "../testing/harness.ts";
import { createBybitHttp } from "./http.ts";

useFakeClock();

describe("signatures", () => {
	it("over other bytes than those sent are refused by the venue with 10004", async () => {
		const { fetch } = startHttp();
		const signed = '{"timeWindow":40}';
		const sent = '{"timeWindow": 40}';
		const timestamp = "1700000000000";
		const signature = await createBybitSigner(apiSecret)(`${timestamp}${apiKey}5000${signed}`);
		const headers = {
			"X-BAPI-API-KEY": apiKey,
			"X-BAPI-TIMESTAMP": timestamp,
			"X-BAPI-RECV-WINDOW": "5000",
			"X-BAPI-SIGN": signature,
		};
		const url = "https://api.bybit.com/v5/order/disconnected-cancel-all";
		const reply = await fetch(url, { method: "POST", headers, body: sent });
		expect(await reply.json()).toMatchObject({ retCode: 10004, retMsg: expect.stringContaining('{"timeWindow": 40}') });
	});

	it("cover the text that leaves: a body changed on the way is refused, and the error quotes no key", async () => {
		const { fetch } = startHttp();
		const spaced = (body: unknown): string => JSON.stringify(JSON.parse(String(body)), null, 1);
		const http = createBybitHttp({
			apiKey,
			apiSecret,
			fetch: (input, init) => fetch(input, { ...init, body: spaced(init?.body) }),
		});
		const error = await failure(http.setDcp({ product: "SPOT", timeWindowSeconds: 10 }));
		expect(error).toMatchObject({ kind: "signature", retCode: 10004 });
		expect(error.venueMessage).toMatch(/origin_string\[1699999999700\[secret\]5000\{/);
	});

	it("are fresh for each call", async () => {
		const stamps: (string | null)[] = [];
		const { fetch } = startHttp();
		const http = createBybitHttp({
			apiKey,
			apiSecret,
			fetch: (input, init) => {
				stamps.push(new Headers(init?.headers).get("x-bapi-timestamp"));
				return fetch(input, init);
			},
		});
		await http.queryDcp();
		await vi.advanceTimersByTimeAsync(5_000);
		await http.queryDcp();
		expect(stamps).toEqual(["1699999999700", "1700000004700"]);
	});

	it("may be RSA, and may come from a signer that is handed in", async () => {
		const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
		const rsaPublicKey = publicKey.export({ type: "spki", format: "pem" }).toString();
		const { http, fetch } = startHttp({ rsaPublicKey });
		expect((await failure(http.queryDcp())).kind).toBe("signature");
		const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
		await createBybitHttp({ apiKey, apiSecret: pem, fetch }).queryDcp();
		await createBybitHttp({ apiKey, signer: createBybitSigner(pem), fetch }).setDcp({
			product: "OPTIONS",
			timeWindowSeconds: 9,
		});
	});

	it("by a signer that fails stop the call before anything is sent", async () => {
		const { venue, fetch } = startHttp();
		const http = createBybitHttp({ apiKey, signer: () => Promise.reject(new Error("no smart card")), fetch });
		const error = await failure(http.queryDcp());
		expect(error).toMatchObject({ kind: "signer", message: expect.stringContaining("the signer failed") });
		expect(venue.received).toEqual([]);
	});

	it.each([undefined, null, "", 7])(
		"by a signer that gives %o in place of a text are not sent either",
		async (gives) => {
			const { venue, fetch } = startHttp();
			// Plain JavaScript may hand in any function.
			const http = createBybitHttp({ apiKey, signer: () => gives as string, fetch });
			expect((await failure(http.queryDcp())).kind).toBe("signer");
			expect(venue.received).toEqual([]);
		},
	);

	it("a signer that is not a function is an option that cannot be right", () => {
		// Plain JavaScript may hand in anything.
		const signer = "secret" as unknown as () => string;
		expect(() => createBybitHttp({ apiKey, signer })).toThrow(
			expect.objectContaining({
				kind: "options",
				message: expect.stringContaining("option signer must be a function"),
			}),
		);
	});
});
