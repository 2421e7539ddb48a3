import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it, vi } from "vitest";
import { createBybitSigner } from "../auth/signer.ts";
import { apiKey, apiSecret, failure, startHttp, useFakeClock } from "../testing/start-client.ts";
import { createBybitHttp } from "./http-client.ts";

useFakeClock();

describe("a signature of a BybitHttp request", () => {
	it("a signature is refused by the venue (10004) when the signed bytes differ from the bytes that the request sends", async () => {
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

	it("a signature is refused when a proxy changes the body of the request, and the error does not contain the key", async () => {
		const { fetch } = startHttp();
		const spaced = (body: unknown): string => JSON.stringify(JSON.parse(String(body)), null, 1);
		const http = createBybitHttp({
			apiKey,
			apiSecret,
			fetch: (input, init) => fetch(input, { ...init, body: spaced(init?.body) }),
		});
		const error = await failure(http.setDcp({ product: "SPOT", windowSeconds: 10 }));
		expect(error).toMatchObject({ kind: "signature", venueCode: 10004 });
		expect(error.venueMessage).toMatch(/origin_string\[1699999999700\[secret\]5000\{/);
	});

	it("a signature is made with a new timestamp for each call", async () => {
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

	it("a signature may be an RSA signature, made with a PEM or by the option signer", async () => {
		const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
		const rsaPublicKey = publicKey.export({ type: "spki", format: "pem" }).toString();
		const { http, fetch } = startHttp({ rsaPublicKey });
		expect((await failure(http.queryDcp())).kind).toBe("signature");
		const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
		await createBybitHttp({ apiKey, apiSecret: pem, fetch }).queryDcp();
		await createBybitHttp({ apiKey, signer: createBybitSigner(pem), fetch }).setDcp({
			product: "OPTIONS",
			windowSeconds: 9,
		});
	});

	it("BybitHttp sends no request when the signer fails", async () => {
		const { venue, fetch } = startHttp();
		const http = createBybitHttp({ apiKey, signer: () => Promise.reject(new Error("no smart card")), fetch });
		const error = await failure(http.queryDcp());
		expect(error).toMatchObject({ kind: "signer", message: expect.stringContaining("the signer failed") });
		expect(venue.received).toEqual([]);
	});

	it.each([undefined, null, "", 7])("BybitHttp sends no request when the signer returns %o", async (returned) => {
		const { venue, fetch } = startHttp();
		// The cast allows a wrong value, which a program in plain JavaScript can pass.
		const http = createBybitHttp({ apiKey, signer: () => returned as string, fetch });
		expect((await failure(http.queryDcp())).kind).toBe("signer");
		expect(venue.received).toEqual([]);
	});

	it("createBybitHttp refuses a signer that is not a function", () => {
		// The cast allows a wrong value, which a program in plain JavaScript can pass.
		const signer = "secret" as unknown as () => string;
		expect(() => createBybitHttp({ apiKey, signer })).toThrow(
			expect.objectContaining({
				name: "OptionError",
				message: expect.stringContaining("option signer must be a function"),
			}),
		);
	});
});
