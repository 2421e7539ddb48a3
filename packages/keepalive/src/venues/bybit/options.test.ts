import { inspect } from "node:util";
import { BybitError, type BybitErrorKind } from "@x/bybit-dcp";
import { describe, expect, expectTypeOf, it } from "vitest";
import { isSessionError, SessionError } from "../../session-error.ts";
import { toSessionError } from "./disposition.ts";
import { type BybitSessionOptions, bybit, bybitExposure } from "./index.ts";

const key = { apiKey: "planted-key", apiSecret: "planted-secret" };

describe("options", () => {
	it.each([
		[{ products: [] }, /products must be a list of at least one of DERIVATIVES, SPOT, OPTIONS/],
		[{ products: undefined }, /products must be a list/],
		[{ products: ["OPTION"] }, /products holds another value than/],
		[{ products: ["SPOT", "SPOT"] }, /products names a product twice/],
		[{ windowSeconds: 2 }, /windowSeconds must be an integer from 3 to 300, not 2/],
		[{ windowSeconds: 301 }, /not 301/],
		[{ windowSeconds: "10" }, /not a value of type string/],
		[{ maxActiveTimeSeconds: 20 }, /maxActiveTimeSeconds must be an integer from 30 to 600, not 20/],
		[{ settleMs: -1 }, /settleMs must be/],
		[{ pingMs: 99 }, /pingMs must be/],
		[{ pongTimeoutMs: 0 }, /pongTimeoutMs must be/],
		// A third of the idle limit is the pace, however slow a ping was asked for.
		[{ pongTimeoutMs: 8_001, pingMs: 60_000 }, /pongTimeoutMs must be an integer from 1 to 8000, not 8001/],
		[{ pongTimeoutMs: 801, pingMs: 1_000 }, /pongTimeoutMs must be an integer from 1 to 800/],
		[{ verifyEveryMs: 999 }, /verifyEveryMs must be/],
		[{ callTimeoutMs: 0 }, /callTimeoutMs must be/],
		[{ name: "" }, /name must be a text/],
		[{ othersKeepAlive: "no" }, /othersKeepAlive must be true or false/],
		[{ restURL: "https://planted" }, /option restURL is not known; known are apiKey, apiSecret, signer, name, restUrl/],
		[{ baseUrl: "https://planted" }, /option baseUrl is not known/],
		[{ window: 10 }, /option window is not known/],
		[{ apiKey: "planted-key\n" }, /apiKey holds a space/],
		[{ wsUrl: "wss://stream.bybit.com/v5/public/linear" }, /another path than \/v5\/private/],
		[{ wsUrl: "wss://stream-demo.bybit.com/v5/private" }, /demo trading has neither/],
		[{ restUrl: "https://api-testnet.bybit.com" }, /wsUrl is of another environment than option restUrl/],
		[{ restUrl: "https://api-demo.bybit.com" }, /demo trading has neither/],
		[{ restUrl: "nowhere" }, /restUrl must be an absolute address/],
	])("are checked before anything connects, and are fatal: %o", (settings, message) => {
		const make = (): unknown => bybit({ ...key, products: ["SPOT"], ...settings } as BybitSessionOptions);
		let error: unknown;
		try {
			make();
		} catch (reason) {
			error = reason;
		}
		expect(isSessionError(error) && error.disposition.action).toBe("fatal");
		expect(String(error)).toMatch(message);
		expect(inspect(error, { depth: 10, showHidden: true })).not.toContain("planted");
	});

	it.each([undefined, null, "planted", 7])("that are %o are refused as no object", (options) => {
		// Plain JavaScript may hand in anything.
		expect(() => bybit(options as unknown as BybitSessionOptions)).toThrow(/options must be an object/);
	});

	it("never show a key or a secret in what is made of them", () => {
		const session = bybit({ ...key, products: ["SPOT"] });
		expect(inspect(session, { depth: 10, showHidden: true })).not.toContain("planted");
		expect(JSON.stringify(session)).not.toContain("planted");
	});

	it("refuse wrong types", () => {
		// @ts-expect-error: products are required; the venue's own default protects options alone
		expect(() => bybit({ ...key })).toThrow();
		// @ts-expect-error: an empty list protects nothing
		expect(() => bybit({ ...key, products: [] })).toThrow();
		expectTypeOf<BybitSessionOptions["products"]>().toEqualTypeOf<
			readonly ["OPTIONS" | "DERIVATIVES" | "SPOT", ...("OPTIONS" | "DERIVATIVES" | "SPOT")[]]
		>();
	});
});

describe("the exposure", () => {
	it("is idle limit, scan and window when the network dies, and the window alone when the process does", () => {
		expect(bybitExposure()).toEqual({
			processDeathMs: 10_000,
			networkDeathMs: 70_000,
			exposureMs: 70_000,
			warnings: [],
		});
		expect(bybitExposure({ windowSeconds: 3, maxActiveTimeSeconds: 600 })).toMatchObject({
			processDeathMs: 3_000,
			exposureMs: 633_000,
			warnings: [expect.stringMatching(/idle limit of 600 s makes the window of 3 s meaningless/)],
		});
	});

	it("warns of pings that leave no room for a lost one", () => {
		expect(bybitExposure({ pingMs: 14_999 }).warnings).toEqual([]);
		expect(bybitExposure({ pingMs: 15_000 }).warnings).toMatchObject([expect.stringMatching(/no room for a lost one/)]);
	});
});

describe("what to do about an error", () => {
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
	])("is %s for %j", (action, kinds) => {
		for (const kind of kinds) expect(toSessionError(new BybitError(kind, "text")).disposition.action).toBe(action);
	});

	it("waits as long as the venue asks, and never not at all", () => {
		const wait = (kind: BybitErrorKind, retryAfterMs?: number) =>
			toSessionError(new BybitError(kind, "", retryAfterMs === undefined ? {} : { retryAfterMs })).disposition;
		expect(wait("rate", 700)).toEqual({ action: "wait", forMs: 700 });
		expect(wait("rate", 0)).toEqual({ action: "wait", forMs: 100 });
		expect(wait("banned")).toEqual({ action: "wait", forMs: 600_000 });
	});

	it("says that the session ended where the error says so", () => {
		expect(toSessionError(new BybitError("closed", "")).session).toBe("ended");
		expect(toSessionError(new BybitError("timeout", "")).session).toBe("unclear");
		expect(toSessionError(new BybitError("timeout", ""), "ended").session).toBe("ended");
	});

	it("takes over nothing of the text of a foreign error, and leaves a SessionError as it is", () => {
		const foreign = new TypeError("planted\n    at a planted line of the text", { cause: new Error("planted") });
		const told = toSessionError(foreign);
		expect(inspect(told, { depth: 10, showHidden: true })).not.toContain("planted");
		// Where it came from is kept: without that nobody could mend it.
		expect(told.cause).toMatchObject({
			name: "TypeError",
			stack: expect.stringMatching(/\n {4}at .*options\.test\.ts:\d+/),
		});
		const own = new SessionError("x", { disposition: { action: "fatal" } });
		expect(toSessionError(own)).toBe(own);
	});
});
