import { isOptionError } from "@x/base/errors";
import { describe, expect, expectTypeOf, it } from "vitest";
import { type BybitProduct, bybitTopicOf, isBybitProduct } from "./dcp/protected-product.ts";
import { isBybitError } from "./errors.ts";
import { type BybitHttp, checkBybitHttpOptions, createBybitHttp } from "./http/http-client.ts";
import { type BybitHttpOptions, type BybitSocketOptions, resolveOptions } from "./options.ts";
import { checkBybitSocketOptions, connectBybit } from "./socket/connect.ts";

const key = { apiKey: "a-key", apiSecret: "planted-secret" };

describe("the options of the Bybit clients", () => {
	it.each([
		["apiKey", { apiKey: "" }, /must be a non-empty string without spaces and line breaks, got a value of type string/],
		["apiKey", { apiKey: 7 }, /got a value of type number/],
		["apiKey", { apiKey: "planted-key\n" }, /without spaces and line breaks/],
		["apiKey", { apiKey: "Schlüssel" }, /without spaces and line breaks/],
		[
			"apiSecret",
			{ apiSecret: Buffer.from("planted-secret") },
			/must be a non-empty string, got a value of type object/,
		],
		["apiSecret", { apiSecret: 123_456 }, /must be a non-empty string, got a value of type number/],
		["apiSecret", { apiSecret: undefined }, /or option signer must be given, and not both/],
		["apiSecret", { signer: () => "" }, /or option signer must be given, and not both/],
		["recvWindowMs", { recvWindowMs: 999 }, /must be an integer from 1000 to 60000, got 999/],
		["recvWindowMs", { recvWindowMs: 60_001 }, /got 60001/],
		["callTimeoutMs", { callTimeoutMs: 0 }, /must be an integer from 1 to 600000, got 0/],
		["fetch", { fetch: "fetch" }, /must be a function/],
		["now", { now: 7 }, /must be a function, got 7/],
		["restUrl", { restUrl: "api.bybit.com" }, /must be a https:\/\/ URL, got "api\.bybit\.com"/],
		["restUrl", { restUrl: "http://api.bybit.com" }, /must be a https:\/\/ URL/],
		["restUrl", { restUrl: "https://me:planted-secret@api.bybit.com" }, /must be a https:\/\/ URL/],
		["restUrl", { restUrl: "https://api.bybit.com?a=planted" }, /must end with its path, without a query/],
		["restUrl", { restUrl: "https://api.bybit.com/#planted" }, /must not have a fragment/],
		["restUrl", { restUrl: "https://api-demo.bybit.com" }, /must not be a demo-trading host/],
		["restUrl", { restUrl: "https://api-demo-testnet.bybit.com" }, /must not be a demo-trading host/],
		["uri", { uri: "https://planted" }, /is not known/],
		["baseUrl", { baseUrl: "https://api.bybit.com" }, /is not known/],
		["url", { url: "wss://stream.bybit.com/v5/private" }, /is not known/],
		["wsUrl", { wsUrl: "ws://stream.bybit.com/v5/private" }, /must be a wss:\/\/ URL/],
		["wsUrl", { wsUrl: "wss://stream-demo.bybit.com/v5/private" }, /must not be a demo-trading host/],
		["wsUrl", { wsUrl: "wss://stream.bybit.com/v5/public/linear" }, /must have the path \/v5\/private/],
		["wsUrl", { wsUrl: "wss://stream.bybit.com/v5/trade" }, /must have the path \/v5\/private/],
		["wsUrl", { wsUrl: "wss://stream.bybit.com/v5/private#here" }, /must not have a fragment/],
		["maxActiveTimeSeconds", { maxActiveTimeSeconds: 29 }, /must be an integer from 30 to 600, got 29/],
		["maxActiveTimeSeconds", { maxActiveTimeSeconds: 601 }, /got 601/],
		["pongTimeoutMs", { pongTimeoutMs: 0 }, /must be an integer from 1/],
		["onTopic", { onTopic: 1 }, /must be a function/],
		["pongTimeout", { pongTimeout: 1 }, /is not known. Did you mean pongTimeoutMs\?/],
	])("client options refuse %s before anything connects: %o", async (option, settings, message) => {
		// The cast allows a wrong value, which a program in plain JavaScript can pass.
		const options = { ...key, ...settings } as BybitHttpOptions;
		for (const check of [createBybitHttp, checkBybitHttpOptions, checkBybitSocketOptions]) {
			expect(() => check(options)).toThrow(expect.objectContaining({ name: "OptionError", option }));
			expect(() => check(options)).toThrow(message);
			expect(() => check(options)).toThrow(/^@x\/bybit-dcp: option/);
			expect(() => check(options)).not.toThrow(/planted/);
		}
		await expect(connectBybit(options)).rejects.toThrow(message);
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
	])("client options accept the hosts %s and %s", (rest, stream) => {
		const key = { apiKey: "k", apiSecret: "s" };
		expect(resolveOptions({ ...key, restUrl: `https://${rest}` }).restUrl).toBe(`https://${rest}`);
		expect(resolveOptions({ ...key, wsUrl: `wss://${stream}/v5/private` }).wsUrl).toBe(
			`wss://${stream}/v5/private?max_active_time=30s`,
		);
	});

	it("client options accept every option of the HTTP client and of the WebSocket client", () => {
		const all: Required<Omit<BybitHttpOptions & BybitSocketOptions, "signer">> = {
			...{ ...key, now: Date.now, fetch, restUrl: "https://api.bybit.com", recvWindowMs: 5_000, callTimeoutMs: 1 },
			...{ WebSocket, wsUrl: new URL("wss://stream.bybit.com/v5/private"), maxActiveTimeSeconds: 30 },
			...{ connectTimeoutMs: 1, authTimeoutMs: 1, subscribeTimeoutMs: 1, pongTimeoutMs: 1, closeTimeoutMs: 1 },
			onConnected: () => undefined,
			...{ onTopic: () => undefined, onTopicsChange: () => undefined, onUnexpected: () => undefined },
		};
		// The cast is needed because `Omit` would lose the union of the two forms of a key.
		const options = all as BybitHttpOptions & BybitSocketOptions;
		expect(resolveOptions(options).callTimeoutMs).toBe(1);
		expect(resolveOptions(options).closeTimeoutMs).toBe(1);
		expect(resolveOptions({ apiKey: "a-key", signer: () => "" }).apiKey).toBe("a-key");
	});

	it.each([undefined, null, "planted", 7])("client options must be an object, not %o", async (given) => {
		// The cast allows a wrong value, which a program in plain JavaScript can pass.
		const none = given as unknown as BybitHttpOptions & BybitSocketOptions;
		expect(() => createBybitHttp(none)).toThrow(/^@x\/bybit-dcp: options must be an object/);
		await expect(connectBybit(none)).rejects.toThrow(/options must be an object, got/);
	});

	it("client options need the option WebSocket when the platform has no global WebSocket", () => {
		const { WebSocket } = globalThis;
		try {
			Object.assign(globalThis, { WebSocket: undefined });
			expect(() => checkBybitSocketOptions(key)).toThrow(
				/option WebSocket must be given: this platform has no global WebSocket/,
			);
		} finally {
			Object.assign(globalThis, { WebSocket });
		}
	});

	it("client options accept an http URL whose host is this machine", () => {
		for (const restUrl of ["http://127.0.0.1:1", "http://localhost:1/", "http://[::1]:1"]) {
			expect(() => createBybitHttp({ ...key, restUrl })).not.toThrow();
		}
	});
});

it("a call of BybitHttp refuses arguments with a wrong name or value, and sends nothing", async () => {
	let sent = 0;
	const fetch = async () => {
		sent += 1;
		return new Response();
	};
	const client = createBybitHttp({ ...key, fetch });
	const wrong = { product: "SPOT", windowSeconds: 10, category: "spot" } as const;
	const misspelt = { category: "linear", settlecoin: "USDT" } as const;
	for (const [call, message] of [
		[client.setDcp(wrong), /option setDcp.category is not known \(known: product, windowSeconds\)/],
		[client.openOrders(misspelt), /option query.settlecoin is not known. Did you mean settleCoin\?/],
		[client.orderHistory(misspelt), /option query.settlecoin is not known/],
		[client.setDcp(undefined as never), /option setDcp.product must be/],
		[client.queryDcp({ timeoutMs: 0 }), /option timeoutMs must be an integer from 1 to 600000, got 0/],
		[client.queryDcp({ signal: 1 } as never), /option signal must be an object/],
	] as const) {
		const error = await call.catch((reason: unknown) => reason);
		expect([isOptionError(error), String(error)]).toEqual([true, expect.stringMatching(message)]);
	}
	expect(sent).toBe(0);
});

describe("bybitTopicOf and isBybitProduct", () => {
	it("bybitTopicOf() returns the topic of each product", () => {
		expect([bybitTopicOf("DERIVATIVES"), bybitTopicOf("SPOT"), bybitTopicOf("OPTIONS")]).toEqual([
			"dcp.future",
			"dcp.spot",
			"dcp.option",
		]);
	});

	it("isBybitProduct() accepts only the exact name of a product", () => {
		expect(["DERIVATIVES", "SPOT", "OPTIONS"].every(isBybitProduct)).toBe(true);
		expect(["OPTION", "option", "future", "linear", "", undefined].some(isBybitProduct)).toBe(false);
	});
});

describe("the types of the package", () => {
	it("the types of the package make wrong calls compile errors", () => {
		const client = createBybitHttp(key);
		const calls = [
			// @ts-expect-error: the product is required; without it the venue takes OPTIONS
			() => client.setDcp({ windowSeconds: 10 }),
			// @ts-expect-error: OPTION is not a product
			() => client.setDcp({ product: "OPTION", windowSeconds: 10 }),
			// @ts-expect-error: the window is a number of seconds
			() => client.setDcp({ product: "SPOT", windowSeconds: "10" }),
			// @ts-expect-error: category belongs to other calls
			() => client.setDcp({ product: "SPOT", windowSeconds: 10, category: "linear" }),
			// @ts-expect-error: a key without a secret or signer cannot sign
			() => createBybitHttp({ apiKey: "k" }),
			// @ts-expect-error: both a secret and a signer
			() => createBybitHttp({ apiKey: "k", apiSecret: "s", signer: () => "" }),
		];
		expect(calls).toHaveLength(6);
	});

	it("the types of the package give the member windowSeconds only to an enabled product", () => {
		type Info = Awaited<ReturnType<BybitHttp["queryDcp"]>>[number];
		expectTypeOf<Extract<Info, { enabled: true }>["windowSeconds"]>().toEqualTypeOf<number>();
		expectTypeOf<Extract<Info, { enabled: false }>>().not.toHaveProperty("windowSeconds");
		expectTypeOf<BybitProduct>().toEqualTypeOf<"DERIVATIVES" | "SPOT" | "OPTIONS">();
		expectTypeOf(bybitTopicOf).returns.toEqualTypeOf<"dcp.future" | "dcp.spot" | "dcp.option">();
		expectTypeOf<BybitHttp["setDcp"]>().returns.resolves.toEqualTypeOf<void>();
	});

	it("the types of the package show which members a BybitError has once its kind was checked", () => {
		const check = (error: unknown): void => {
			if (!isBybitError(error)) return;
			expectTypeOf(error.venueCode).toEqualTypeOf<number | undefined>();
			if (error.kind === "venue") expectTypeOf(error.venueCode).toEqualTypeOf<number>();
			if (error.kind === "http" || error.kind === "reply") expectTypeOf(error.status).toEqualTypeOf<number>();
			if (error.kind === "banned") expectTypeOf(error.retryAfterMs).toEqualTypeOf<number>();
		};
		expect(check).not.toThrow();
	});
});
