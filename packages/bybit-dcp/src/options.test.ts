import { describe, expect, expectTypeOf, it } from "vitest";
import { type BybitDcpTopic, type BybitProduct, bybitTopicOf, isBybitProduct } from "./dcp/product.ts";
import { isBybitError } from "./errors.ts";
import { type BybitHttp, createBybitHttp } from "./http/http.ts";
import { type BybitHttpOptions, type BybitSocketOptions, resolveHttpOptions, resolveSocketOptions } from "./options.ts";
import { checkBybitSocketOptions, connectBybit } from "./socket/connect.ts";

const key = { apiKey: "a-key", apiSecret: "planted-secret" };

function http(settings: object): () => BybitHttp {
	return () => createBybitHttp({ ...key, ...settings } as BybitHttpOptions);
}

async function socket(settings: object): Promise<unknown> {
	return connectBybit({ ...key, ...settings } as BybitSocketOptions).catch((error: unknown) => error);
}

describe("options", () => {
	it.each([
		["apiKey", { apiKey: "" }, /apiKey must be a text, not an empty text/],
		["apiKey", { apiKey: 7 }, /apiKey must be a text, not a value of type number/],
		["apiSecret", { apiSecret: Buffer.from("planted-secret") }, /apiSecret must be a text, not a value of type object/],
		["apiSecret", { apiSecret: 123_456 as unknown as string }, /apiSecret must be a text, not a value of type number/],
		["apiSecret", { apiSecret: undefined }, /apiSecret or option signer must be given, and not both/],
		["signer", { signer: () => "" }, /apiSecret or option signer must be given, and not both/],
		["recvWindowMs", { recvWindowMs: 99 }, /recvWindowMs must be an integer from 100 to 60000, not 99/],
		["recvWindowMs", { recvWindowMs: 60_001 }, /not 60001/],
		["callTimeoutMs", { callTimeoutMs: 0 }, /callTimeoutMs must be an integer from 1/],
		["fetch", { fetch: "fetch" }, /fetch must be a function/],
		["now", { now: 7 }, /now must be a function, not 7/],
		["baseUrl", { baseUrl: "api.bybit.com" }, /baseUrl must be an absolute https: address/],
		["baseUrl", { baseUrl: "http://api.bybit.com" }, /baseUrl must begin with https:/],
		["baseUrl", { baseUrl: "https://me:planted-secret@api.bybit.com" }, /must not carry a user name/],
		["apiKey", { apiKey: "planted-key\n" }, /apiKey holds a space, a line's end/],
		["apiKey", { apiKey: "Schlüssel" }, /apiKey holds/],
		["baseUrl", { baseUrl: "https://api.bybit.com?a=planted" }, /nothing after a \? or #/],
		["baseUrl", { baseUrl: "https://api.bybit.com/#planted" }, /nothing after a \? or #/],
		[
			"uri",
			{ uri: "https://planted" },
			/option uri is not known; known are apiKey, apiSecret, signer, now, fetch, baseUrl, /,
		],
		["url", { url: "wss://stream.bybit.com/v5/private" }, /option url is not known/],
		["baseUrl", { baseUrl: "https://api-demo.bybit.com" }, /demo trading has neither the DCP calls/],
		["baseUrl", { baseUrl: "https://api-demo-testnet.bybit.com" }, /demo-trading host/],
	])("%s is checked before anything connects: %o", (_, settings, message) => {
		expect(http(settings)).toThrow(message);
		expect(http(settings)).toThrow(/^@x\/bybit-dcp: option/);
		expect(http(settings)).not.toThrow(/planted/);
	});

	it.each([
		[{ url: "ws://stream.bybit.com/v5/private" }, /url must begin with wss:/],
		[{ url: "wss://stream-demo.bybit.com/v5/private" }, /demo-trading host/],
		[{ url: "wss://stream.bybit.com/v5/public/linear" }, /another path than \/v5\/private/],
		[{ url: "wss://stream.bybit.com/v5/trade" }, /another path than \/v5\/private/],
		[{ maxActiveTimeSeconds: 29 }, /maxActiveTimeSeconds must be an integer from 30 to 600, not 29/],
		[{ maxActiveTimeSeconds: 601 }, /not 601/],
		[{ pongTimeoutMs: 0 }, /pongTimeoutMs must be/],
		[{ onTopic: 1 }, /onTopic must be a function/],
		[{ url: "wss://stream.bybit.com/v5/private#here" }, /nothing after a \? or #/],
		[{ baseUrl: "https://api.bybit.com" }, /option baseUrl is not known; known are apiKey, .*, url, /],
		[{ pongTimeout: 1 }, /option pongTimeout is not known/],
	])("of the socket are checked before anything connects: %o", async (settings, message) => {
		const error = await socket({ WebSocket: undefined, ...settings });
		expect(() => checkBybitSocketOptions({ ...key, ...settings } as BybitSocketOptions)).toThrow(message);
		expect(isBybitError(error) && error.kind).toBe("options");
		expect(String(error)).toMatch(message);
	});

	it.each([
		["api.bybit.com", "stream.bybit.com"],
		["api.bytick.com", "stream.bybit.com"],
		["api-testnet.bybit.com", "stream-testnet.bybit.com"],
		["api.bybit.nl", "stream.bybit.com"],
		["api.bybit.tr", "stream.bybit.tr"],
		["api.bybit.kz", "stream.bybit.kz"],
		["api.bybitgeorgia.ge", "stream.bybitgeorgia.ge"],
		["api.bybit.ae", "stream.bybit.com"],
		["api.bybit.eu", "stream.bybit.com"],
		["api.bybit.id", "stream.bybit.id"],
		["api.manepa.jp", "stream.manepa.jp"],
		["api.byhkbit.com", "stream.bybit.com"],
		["gateway.market-maker.example", "stream.market-maker.example"],
	])("take the hosts %s and %s: a list of allowed ones would be out of date", (rest, stream) => {
		const key = { apiKey: "k", apiSecret: "s" };
		expect(resolveHttpOptions({ ...key, baseUrl: `https://${rest}` }).baseUrl).toBe(`https://${rest}`);
		expect(resolveSocketOptions({ ...key, url: `wss://${stream}/v5/private` }).url).toBe(
			`wss://${stream}/v5/private?max_active_time=30s`,
		);
	});

	it("that there are, are all known", async () => {
		const now = Date.now;
		const ours: Required<Omit<BybitHttpOptions, "signer">> = {
			...{ ...key, now, fetch, baseUrl: "https://api.bybit.com" },
			...{ recvWindowMs: 5_000, callTimeoutMs: 1 },
		};
		const theirs: Required<Omit<BybitSocketOptions, "signer">> = {
			...{ ...key, now, WebSocket, url: "wss://stream.bybit.com/v5/private", maxActiveTimeSeconds: 30 },
			...{ connectTimeoutMs: 1, authTimeoutMs: 1, subscribeTimeoutMs: 1, pongTimeoutMs: 1, closeTimeoutMs: 1 },
			...{ onTopic: () => undefined, onUnexpected: () => undefined },
		};
		// Of a union `Omit` keeps what its members share: the secret is put back by `key`.
		expect(resolveHttpOptions(ours as BybitHttpOptions).callTimeoutMs).toBe(1);
		expect(resolveSocketOptions(theirs as BybitSocketOptions).closeTimeoutMs).toBe(1);
		expect(resolveHttpOptions({ apiKey: "a-key", signer: () => "" }).apiKey).toBe("a-key");
	});

	it.each([undefined, null, "planted", 7])("that are %o in place of an object are named as such", async (given) => {
		// Plain JavaScript may hand in anything.
		const none = given as unknown as BybitHttpOptions & BybitSocketOptions;
		expect(() => createBybitHttp(none)).toThrow(/^@x\/bybit-dcp: options must be an object/);
		const error: unknown = await connectBybit(none).catch((reason: unknown) => reason);
		expect(String(error)).toMatch(/options must be an object, not (7|a value of type \w+)/);
	});

	it("of a call are checked by name as well, and nothing is sent", async () => {
		let sent = 0;
		const client = createBybitHttp({
			...key,
			fetch: async () => {
				sent += 1;
				return new Response();
			},
		});
		const wrong = { product: "SPOT", timeWindowSeconds: 10, category: "spot" } as const;
		const misspelt = { category: "linear", settlecoin: "USDT" } as const;
		for (const [call, message] of [
			[client.setDcp(wrong), /setDcp: option category is not known; known are product, timeWindowSeconds/],
			[client.openOrders(misspelt), /openOrders: option settlecoin is not known/],
			[client.orderHistory(misspelt), /orderHistory: option settlecoin is not known/],
			[client.setDcp(undefined as never), /setDcp: options must be an object/],
		] as const) {
			const error = await call.catch((reason: unknown) => reason);
			expect([isBybitError(error) && error.kind, String(error)]).toEqual(["options", expect.stringMatching(message)]);
		}
		expect(sent).toBe(0);
	});

	it("a platform without a WebSocket is told so before anything connects", () => {
		const { WebSocket } = globalThis;
		try {
			Object.assign(globalThis, { WebSocket: undefined });
			expect(() => resolveSocketOptions(key)).toThrow(
				/option WebSocket must be given: this platform has no global one/,
			);
		} finally {
			Object.assign(globalThis, { WebSocket });
		}
	});

	it("plain http and ws are taken for this machine", () => {
		expect(http({ baseUrl: "http://127.0.0.1:1" })).not.toThrow();
		expect(http({ baseUrl: "http://localhost:1/" })).not.toThrow();
		expect(http({ baseUrl: "http://[::1]:1" })).not.toThrow();
	});
});

describe("products", () => {
	it("have one topic each", () => {
		expect([bybitTopicOf("DERIVATIVES"), bybitTopicOf("SPOT"), bybitTopicOf("OPTIONS")]).toEqual([
			"dcp.future",
			"dcp.spot",
			"dcp.option",
		]);
	});

	it("are known by their exact names alone", () => {
		expect(["DERIVATIVES", "SPOT", "OPTIONS"].every(isBybitProduct)).toBe(true);
		expect(["OPTION", "option", "future", "linear", "", undefined].some(isBybitProduct)).toBe(false);
	});
});

describe("types", () => {
	it("refuse wrong calls", () => {
		const client = createBybitHttp(key);
		const calls = [
			// @ts-expect-error: the product is required; without it the venue takes OPTIONS
			() => client.setDcp({ timeWindowSeconds: 10 }),
			// @ts-expect-error: OPTION is not a product
			() => client.setDcp({ product: "OPTION", timeWindowSeconds: 10 }),
			// @ts-expect-error: the window is a number of seconds
			() => client.setDcp({ product: "SPOT", timeWindowSeconds: "10" }),
			// @ts-expect-error: category is another venue call's member
			() => client.setDcp({ product: "SPOT", timeWindowSeconds: 10, category: "linear" }),
			// @ts-expect-error: a key without a secret or signer cannot sign
			() => createBybitHttp({ apiKey: "k" }),
			// @ts-expect-error: both a secret and a signer
			() => createBybitHttp({ apiKey: "k", apiSecret: "s", signer: () => "" }),
		];
		expect(calls).toHaveLength(6);
	});

	it("give a window only to a product that is enabled", () => {
		type Info = Awaited<ReturnType<BybitHttp["queryDcp"]>>[number];
		expectTypeOf<Extract<Info, { enabled: true }>["windowSeconds"]>().toEqualTypeOf<number>();
		expectTypeOf<Extract<Info, { enabled: false }>>().not.toHaveProperty("windowSeconds");
		expectTypeOf<BybitProduct>().toEqualTypeOf<"DERIVATIVES" | "SPOT" | "OPTIONS">();
		expectTypeOf(bybitTopicOf).returns.toEqualTypeOf<BybitDcpTopic>();
		expectTypeOf<BybitHttp["setDcp"]>().returns.resolves.toEqualTypeOf<void>();
	});
});
