import { inspect } from "node:util";
import { isOptionError } from "@x/base/errors";
import { BybitError, type BybitErrorKind } from "@x/bybit-dcp";
import { describe, expect, expectTypeOf, it } from "vitest";
import { isSessionError, SessionError } from "../../session-error.ts";
import { toSessionError } from "./disposition.ts";
import { type BybitSessionOptions, bybit, bybitExposure } from "./index.ts";

const key = { apiKey: "planted-key", apiSecret: "planted-secret" };

describe("bybit options", () => {
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
		// A beat takes at most a third of the idle limit, whatever pingMs is.
		[{ pongTimeoutMs: 8_001, pingMs: 60_000 }, /pongTimeoutMs must be an integer from 1 to 8000, got 8001/],
		[{ pongTimeoutMs: 801, pingMs: 1_000 }, /pongTimeoutMs must be an integer from 1 to 800/],
		[{ verifyEveryMs: 999 }, /verifyEveryMs must be/],
		[{ callTimeoutMs: 0 }, /callTimeoutMs must be/],
		[{ name: "" }, /name must be a non-empty string, got ""/],
		[{ othersKeepAlive: "no" }, /othersKeepAlive must be true or false/],
		[{ client: { ...key, restURL: "https://planted" } }, /option client.restURL is not known\. Did you mean restUrl\?/],
		[{ client: { ...key, baseUrl: "https://planted" } }, /option client.baseUrl is not known/],
		[{ window: 10 }, /option window is not known \(known: client, name, products/],
		[{ client: { ...key, apiKey: "planted-key\n" } }, /apiKey holds a space/],
		[{ client: { ...key, wsUrl: "wss://stream.bybit.com/v5/public/linear" } }, /another path than \/v5\/private/],
		[{ client: { ...key, wsUrl: "wss://stream-demo.bybit.com/v5/private" } }, /demo trading has neither/],
		[
			{ client: { ...key, restUrl: "https://api-testnet.bybit.com" } },
			/option client\.wsUrl must be of the same environment as restUrl/,
		],
		[{ client: { ...key, restUrl: "https://api-demo.bybit.com" } }, /demo trading has neither/],
		[{ client: { ...key, restUrl: "nowhere" } }, /option client\.restUrl must be a https:\/\/ URL, got "nowhere"/],
	])("are refused at once with an OptionError: %o", (options, message) => {
		const make = (): unknown => bybit({ client: key, products: ["SPOT"], ...options } as BybitSessionOptions);
		let error: unknown;
		try {
			make();
		} catch (reason) {
			error = reason;
		}
		expect(isOptionError(error) || isSessionError(error)).toBe(true);
		expect(String(error)).toMatch(message);
		expect(inspect(error, { depth: 10, showHidden: true })).not.toContain("planted");
	});

	it.each([undefined, null, "planted", 7])("are refused if they are %o instead of an object", (options) => {
		// JavaScript callers may pass anything.
		expect(() => bybit(options as unknown as BybitSessionOptions)).toThrow(/options must be an object/);
	});

	it("never show a key or a secret in the session", () => {
		const session = bybit({ client: key, products: ["SPOT"] });
		expect(inspect(session, { depth: 10, showHidden: true })).not.toContain("planted");
		expect(JSON.stringify(session)).not.toContain("planted");
	});

	it("do not compile without products", () => {
		// @ts-expect-error: products are required: the venue's own default protects options only
		expect(() => bybit({ client: key })).toThrow();
		// @ts-expect-error: an empty list protects nothing
		expect(() => bybit({ client: key, products: [] })).toThrow();
		expectTypeOf<BybitSessionOptions["products"]>().toEqualTypeOf<
			readonly ["OPTIONS" | "DERIVATIVES" | "SPOT", ...("OPTIONS" | "DERIVATIVES" | "SPOT")[]]
		>();
	});
});

describe("bybitExposure", () => {
	it("adds idle limit, scan and window for a dead network, and is the window alone for a dead process", () => {
		expect(bybitExposure()).toEqual({
			processDeathMs: 10_000,
			networkDeathMs: 70_000,
			exposureMs: 70_000,
			warnings: [],
		});
		expect(bybitExposure({ windowSeconds: 3, maxActiveTimeSeconds: 600 })).toMatchObject({
			processDeathMs: 3_000,
			exposureMs: 633_000,
			warnings: [expect.stringMatching(/maxActiveTimeSeconds 600 makes windowSeconds 3 meaningless/)],
		});
	});

	it("warns about pings that leave no room for a lost one", () => {
		expect(bybitExposure({ pingMs: 14_999 }).warnings).toEqual([]);
		expect(bybitExposure({ pingMs: 15_000 }).warnings).toMatchObject([
			expect.stringMatching(/no room for a lost ping/),
		]);
	});
});

describe("toSessionError", () => {
	it.each<[string, BybitErrorKind[]]>([
		[
			"retry",
			[
				"clock",
				"timeout",
				"network",
				"aborted",
				"unknown-outcome",
				"overload",
				"reply",
				"closed",
				"auth",
				"subscribe",
				"venue",
			],
		],
		["wait", ["rate", "banned"]],
		[
			"fatal",
			[
				"options",
				"environment",
				"signature",
				"permission",
				"address",
				"key",
				"account",
				"parameter",
				"route",
				"wrong-host",
			],
		],
	])("says %s for %j", (action, kinds) => {
		for (const kind of kinds) expect(toSessionError(new BybitError(kind, "text")).disposition.action).toBe(action);
	});

	it("waits as long as the venue asks, at least 100 ms", () => {
		const wait = (kind: BybitErrorKind, retryAfterMs?: number) =>
			toSessionError(new BybitError(kind, "", retryAfterMs === undefined ? {} : { retryAfterMs })).disposition;
		expect(wait("rate", 700)).toEqual({ action: "wait", forMs: 700 });
		expect(wait("rate", 0)).toEqual({ action: "wait", forMs: 100 });
		expect(wait("banned")).toEqual({ action: "wait", forMs: 600_000 });
	});

	it("says that the session has ended if the error says so", () => {
		expect(toSessionError(new BybitError("closed", "")).session).toBe("ended");
		expect(toSessionError(new BybitError("timeout", "")).session).toBe("unclear");
		expect(toSessionError(new BybitError("timeout", ""), "ended").session).toBe("ended");
	});

	it("shows no text of an unknown error, and returns a SessionError unchanged", () => {
		const foreign = new TypeError("planted\n    at a planted line of the text", { cause: new Error("planted") });
		const told = toSessionError(foreign);
		expect(inspect(told, { depth: 10, showHidden: true })).not.toContain("planted");
		// The stack frames are kept for debugging.
		expect(told.cause).toMatchObject({
			name: "TypeError",
			stack: expect.stringMatching(/\n {4}at .*options\.test\.ts:\d+/),
		});
		const own = new SessionError("x", { disposition: { action: "fatal" } });
		expect(toSessionError(own)).toBe(own);
	});
});
