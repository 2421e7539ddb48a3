import { inspect } from "node:util";
import { isOptionError } from "@x/base/errors";
import { bybitHosts } from "@x/bybit-dcp";
import { describe, expect, expectTypeOf, it } from "vitest";
import { keepalive } from "../../index.ts";
import { type BybitSessionOptions, bybit } from "./index.ts";

const key = { apiKey: "planted-key", apiSecret: "planted-secret" };

describe("the options of bybit()", () => {
	it.each([
		[
			{ products: [] },
			/option products must be an array with one or more of DERIVATIVES, SPOT, OPTIONS, each once, got an array/,
		],
		[{ products: undefined }, /products must be an array .* got a value of type undefined/],
		[{ products: ["OPTION"] }, /products must be an array/],
		[{ products: ["SPOT", "SPOT"] }, /products must be an array .* each once/],
		[{ windowSeconds: 2 }, /option windowSeconds must be an integer from 3 to 300, got 2/],
		[{ windowSeconds: 301 }, /got 301/],
		[{ windowSeconds: "10" }, /got "10"/],
		[{ maxActiveTimeSeconds: 20 }, /maxActiveTimeSeconds must be an integer from 30 to 600, got 20/],
		[{ settleMs: -1 }, /settleMs must be/],
		[{ pingMs: 99 }, /pingMs must be/],
		[{ pongTimeoutMs: 0 }, /pongTimeoutMs must be/],
		// The longest allowed pong deadline is 0.8 × a third of the idle limit, here 8 000 ms, however long pingMs is.
		[{ pongTimeoutMs: 8_001, pingMs: 60_000 }, /pongTimeoutMs must be an integer from 1 to 8000, got 8001/],
		[{ pongTimeoutMs: 801, pingMs: 1_000 }, /pongTimeoutMs must be an integer from 1 to 800/],
		[{ verifyEveryMs: 999 }, /verifyEveryMs must be/],
		[{ callTimeoutMs: 0 }, /callTimeoutMs must be/],
		[{ name: "" }, /name must be a non-empty string, got ""/],
		[{ othersKeepAlive: "no" }, /othersKeepAlive must be true or false/],
		[{ client: { ...key, restURL: "https://planted" } }, /option client.restURL is not known\. Did you mean restUrl\?/],
		[{ client: { ...key, baseUrl: "https://planted" } }, /option client.baseUrl is not known/],
		[{ window: 10 }, /option window is not known \(known: client, name, products/],
		[{ client: { ...key, apiKey: "planted-key\n" } }, /option apiKey must be a non-empty string without spaces/],
		[
			{ client: { ...key, wsUrl: "wss://stream.bybit.com/v5/public/linear" } },
			/option wsUrl must have the path \/v5\/private/,
		],
		[{ client: { ...key, wsUrl: "wss://stream-demo.bybit.com/v5/private" } }, /must not be a demo-trading host/],
		[
			{ client: { ...key, ...bybitHosts.testnet, wsUrl: bybitHosts.mainnet.wsUrl } },
			/option wsUrl must be of the same site as restUrl: stream\.bybit\.com does not belong to api-testnet\.bybit\.com/,
		],
		[
			{ client: { ...key, ...bybitHosts.kazakhstan, wsUrl: bybitHosts.turkey.wsUrl } },
			/option wsUrl must be of the same site as restUrl/,
		],
		[{ client: { ...key, ...bybitHosts.demo } }, /must not be a demo-trading host: demo trading has no DCP/],
		[{ client: { ...key, restUrl: "https://api-demo.bybit.com" } }, /must not be a demo-trading host/],
		[{ client: { ...key, restUrl: "nowhere" } }, /option client\.restUrl must be a https:\/\/ URL, got "nowhere"/],
	])("bybit() refuses options at once with an OptionError: %o", (options, message) => {
		const make = (): unknown => bybit({ client: key, products: ["SPOT"], ...options } as BybitSessionOptions);
		let error: unknown;
		try {
			make();
		} catch (reason) {
			error = reason;
		}
		expect(isOptionError(error)).toBe(true);
		expect(String(error)).toMatch(message);
		expect(inspect(error, { depth: 10, showHidden: true })).not.toContain("planted");
	});

	it.each([undefined, null, "planted", 7])("bybit() refuses options that are %o instead of an object", (options) => {
		// The cast passes a value that the types forbid, as a program in JavaScript can.
		expect(() => bybit(options as unknown as BybitSessionOptions)).toThrow(/options must be an object/);
	});

	it("a session shows no API key and no secret of its options", () => {
		const session = bybit({ client: key, products: ["SPOT"] });
		expect(inspect(session, { depth: 10, showHidden: true })).not.toContain("planted");
		expect(JSON.stringify(session)).not.toContain("planted");
	});

	it("bybit() keeps the literal type of the session's name, so that a keeper knows the name at compile time", () => {
		const client = { ...key, fetch: async () => new Response("{}") };
		const main = bybit({ client, products: ["SPOT"], name: "main" });
		const unnamed = bybit({ client, products: ["SPOT"] });
		expectTypeOf(main.name).toEqualTypeOf<"main">();
		expectTypeOf(unnamed.name).toEqualTypeOf<"bybit">();
		expect([main.name, unnamed.name]).toEqual(["main", "bybit"]);
		const keeper = keepalive([main]);
		expect(keeper.isArmed("main")).toBe(false);
		// @ts-expect-error: the keeper has no session of this name
		expect(() => keeper.isArmed("man")).toThrow(/man/);
		return keeper.stop({ orders: "keep" });
	});

	it("bybit() without the option products is a compile error", () => {
		// @ts-expect-error: products are required: the venue's own default protects options only
		expect(() => bybit({ client: key })).toThrow();
		// @ts-expect-error: an empty list protects nothing
		expect(() => bybit({ client: key, products: [] })).toThrow();
		expectTypeOf<BybitSessionOptions["products"]>().toEqualTypeOf<
			readonly ["OPTIONS" | "DERIVATIVES" | "SPOT", ...("OPTIONS" | "DERIVATIVES" | "SPOT")[]]
		>();
	});
});
