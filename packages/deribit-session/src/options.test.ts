import { inspect } from "node:util";
import { describe, expect, expectTypeOf, it, vi } from "vitest";
import { createDeribitHttp } from "./http/http-client.ts";
import { DeribitError, isDeribitError, isOptionError } from "./index.ts";
import { DeribitCredits } from "./limits/credit-rate-limiter.ts";
import {
	checkDeribitSocketOptions,
	checkHttpOptions,
	type DeribitSocketOptions,
	deribitDefaults,
	resolveOptions,
} from "./options.ts";
import { connectDeribit } from "./socket/connect.ts";
import { connectFake } from "./testing/fake-socket.ts";

/** Options that only a program in plain JavaScript can pass. */
const wrong = (value: unknown) => value as Record<string, never>;
const thrownBy = async (work: () => unknown): Promise<unknown> => {
	try {
		await work();
	} catch (error) {
		return error;
	}
	return expect.fail("it succeeded");
};

describe("connectDeribit", () => {
	it("connectDeribit has frozen defaults and connects to production by default", () => {
		expect(resolveOptions({}).url.href).toBe("wss://www.deribit.com/ws/api/v2");
		expect(Object.isFrozen(deribitDefaults)).toBe(true);
	});

	it.each<[string, unknown, RegExp]>([
		["callTimeoutMs", 0, /option callTimeoutMs must be a number of milliseconds from 1 to 600000, got 0/],
		["callTimeoutMs", Number.NaN, /got NaN/],
		["connectTimeoutMs", 600_001, /got 600001/],
		["closeTimeoutMs", "5", /option closeTimeoutMs .*, got "5"/],
		["url", "https://www.deribit.com", /option url must be a wss:\/\/ URL, got "https:\/\/www.deribit.com"/],
		["url", "ws://www.deribit.com", /option url must be a wss:\/\/ URL/],
		["url", "", /option url must be a wss:\/\/ URL, got ""/],
		["url", "wss://me:hidden@www.deribit.com", /option url must be a wss:\/\/ URL, got a value of type string/],
		["onNotification", {}, /option onNotification must be a function/],
		["WebSocket", 5, /option WebSocket must be a function, got 5/],
		["whenCreditsAreSpent", "drop", /option whenCreditsAreSpent must be "wait" or "refuse", got "drop"/],
	])("connectDeribit rejects the options before it connects when %s is %s", async (name, value, message) => {
		const error = await thrownBy(() => connectDeribit({ [name]: value } as DeribitSocketOptions));
		expect(error).toMatchObject({ name: "OptionError", package: "@x/deribit-session", option: name });
		expect([isOptionError(error), isDeribitError(error)]).toEqual([true, false]);
		expect(String(error)).toMatch(message);
		expect(inspect(error)).not.toContain("hidden");
	});

	it("connectDeribit rejects the options when there is no WebSocket class", async () => {
		vi.stubGlobal("WebSocket", undefined);
		try {
			expect(await thrownBy(() => connectDeribit())).toMatchObject({ option: "WebSocket" });
		} finally {
			vi.unstubAllGlobals();
		}
	});

	it("connectDeribit accepts a URL without TLS when its host is this machine", () => {
		for (const host of ["127.0.0.1:1", "localhost", "[::1]:8080"]) {
			expect(resolveOptions({ url: `ws://${host}/ws` }).url.protocol).toBe("ws:");
		}
	});

	it("connectDeribit rejects an option with a misspelt name and suggests the right name", async () => {
		const opened = vi.fn();
		const options = wrong({ uri: "wss://test.deribit.com/ws/api/v2", WebSocket: opened });
		const error = await thrownBy(() => connectDeribit(options));
		expect(error).toMatchObject({ name: "OptionError", option: "uri" });
		expect(String(error)).toMatch(/option uri is not known\. Did you mean url\?$/);
		expect(String(error)).not.toContain("test.deribit.com");
		expect(opened).not.toHaveBeenCalled();
	});

	it("connectDeribit returns a connection whose calls reject invalid options without sending a request", async () => {
		const { connection, socket } = await connectFake();
		for (const [options, option] of [
			[{ timeoutMs: 0 }, "timeoutMs"],
			[{ timeout: 5 }, "timeout"],
			[{ signal: 5 }, "signal"],
		] as const) {
			const error = await thrownBy(() => connection.request("public/test", {}, options as never));
			expect(error).toMatchObject({ name: "OptionError", option });
		}
		expect(socket.sent).toEqual([]);
		expect(await thrownBy(() => connectDeribit({}, { timeoutMs: -1 }))).toMatchObject({ option: "timeoutMs" });
	});
});

describe("createDeribitHttp", () => {
	it("createDeribitHttp rejects invalid options without showing the token", async () => {
		const token = wrong({ token: "hidden" }) as unknown as string;
		expect(() => createDeribitHttp({ accessToken: token })).toThrow(/accessToken must be a string or a function/);
		expect(() => createDeribitHttp({ url: "wss://www.deribit.com" })).toThrow(/https:\/\/ URL/);
		expect(inspect(createDeribitHttp({ accessToken: "hidden" }), { depth: 10, showHidden: true })).not.toMatch(
			/hidden/,
		);
	});
});

describe("checkOptions", () => {
	it.each<[string, () => unknown, RegExp]>([
		[
			"HTTP options have an unknown name",
			() => createDeribitHttp(wrong({ baseUrl: "x" })),
			/option baseUrl is not known \(known: url, fetch/,
		],
		[
			"credits have an unknown name",
			() => new DeribitCredits(wrong({ size: 5 })),
			/option credits\.size is not known \(known: pool/,
		],
		[
			"an option has an inherited name",
			() => createDeribitHttp(wrong({ toString: 5 })),
			/option toString is not known/,
		],
		["the HTTP options are a string", () => createDeribitHttp(wrong("https://x")), /options must be an object/],
		["the HTTP options are null", () => createDeribitHttp(wrong(null)), /options must be an object, got null/],
		[
			"the socket options are null",
			() => checkDeribitSocketOptions(wrong(null)),
			/options must be an object, got null/,
		],
		["the socket options are a string", () => connectDeribit(wrong("wss://x")), /options must be an object/],
		["the credit options are null", () => new DeribitCredits(wrong(null)), /option credits must be an object/],
	])("checkOptions throws an OptionError when %s", async (_, work, message) => {
		const error = await thrownBy(work);
		expect(isOptionError(error)).toBe(true);
		expect(String(error)).toMatch(message);
	});

	it("checkOptions ignores an unknown option when its value is undefined", () => {
		expect(() => checkHttpOptions(wrong({ uri: undefined }))).not.toThrow();
	});

	it("checkOptions rejects invalid credentials without showing their values", async () => {
		const { connection, socket } = await connectFake();
		const key = { clientId: "planted-id", clientSecret: "planted-secret" };
		for (const [credentials, message] of [
			[{ ...key, scope: "planted" }, /option scope is not known/],
			[{ ...key, clientSecret: undefined }, /option clientSecret must be a non-empty string/],
			[{ ...key, clientId: "" }, /option clientId must be a non-empty string/],
			[{ ...key, authScope: ["planted"] }, /option authScope must be a non-empty string/],
			[{ ...key, grant: "password" }, /option grant must be "client_credentials" or "client_signature"/],
		] as const) {
			const error = await thrownBy(() => connection.authenticate(credentials as never));
			expect(isOptionError(error)).toBe(true);
			expect(String(error)).toMatch(message);
			expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("planted");
		}
		expect(socket.sent).toEqual([]);
	});
});

it("the message of a DeribitError ends with a full stop", () => {
	const error = new DeribitError("no reply within 5 ms. Retry", { kind: "timeout", call: "public/test" });
	expect(error.message).toBe("@x/deribit-session: public/test: no reply within 5 ms. Retry.");
});

describe("isDeribitError", () => {
	it("isDeribitError recognises an error created by another copy of the package", () => {
		const copy = Object.assign(new Error("x"), { brand: "@x/deribit-session/DeribitError" });
		const error = new DeribitError("x", { kind: "timeout", call: "connect" });
		expect([error, copy, new Error("x"), { brand: "x" }, null].map(isDeribitError)).toEqual([
			true,
			true,
			false,
			false,
			false,
		]);
	});

	it("isDeribitError tells the compiler which members an error of each kind has", () => {
		const narrow = (error: unknown) => {
			if (!isDeribitError(error)) return;
			if (error.kind === "venue") expectTypeOf(error.venueCode).toEqualTypeOf<number>();
			if (error.kind === "venue") expectTypeOf(error.todo).toEqualTypeOf<string>();
			if (error.kind === "http") expectTypeOf(error.status).toEqualTypeOf<number>();
			if (error.kind === "credits") expectTypeOf(error.retryAfterMs).toEqualTypeOf<number>();
			if (error.kind === "timeout") expectTypeOf(error.call).toEqualTypeOf<string>();
			if (error.kind === "closed") expectTypeOf(error.why).not.toEqualTypeOf<undefined>();
		};
		expectTypeOf(narrow).toBeFunction();
	});
});
