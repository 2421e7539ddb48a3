import { describe, expect, expectTypeOf, it, vi } from "vitest";
import { createIbkrConsumer } from "./auth/oauth1/index.ts";
import { createIbkrBearer, createIbkrOAuth } from "./auth/oauth2/index.ts";
import { gatewayFetch } from "./gateway/index.ts";
import {
	checkIbkrHttpOptions,
	checkIbkrSocketOptions,
	connectIbkr,
	createIbkrHttp,
	createIbkrPacing,
	createIbkrPenaltyBox,
	type IbkrCallOptions,
	type IbkrHttpOptions,
	isOptionError,
} from "./index.ts";

/** A type for values that a program in plain JavaScript could pass. */
// biome-ignore lint/suspicious/noExplicitAny: the options are wrong on purpose
type Anything = any;

const thrownBy = async (work: () => unknown): Promise<unknown> => {
	try {
		return await work();
	} catch (error) {
		return error;
	}
};

describe("createIbkrHttp", () => {
	it.each([
		["baseUrl", { baseUrl: "localhost:5000" }, "must be an http:// or https:// URL"],
		["baseUrl", { baseUrl: "https://planted-user:pw@localhost" }, "got a value of type string"],
		["baseUrl", { baseUrl: "https://localhost?planted=1" }, "got a value of type string"],
		["baseUrl", { baseUrl: 5000 }, "got 5000"],
		["fetch", { fetch: "fetch" }, 'must be a function, got "fetch"'],
		["authorize", { authorize: "Bearer" }, 'must be a function, got "Bearer"'],
		["userAgent", { userAgent: " " }, "must be printable ASCII"],
		["userAgent", { userAgent: "a\r\nb: 1" }, "must be printable ASCII"],
		["callTimeoutMs", { callTimeoutMs: 0 }, "must be a number of milliseconds from 1 to 600000, got 0"],
		["callTimeoutMs", { callTimeoutMs: Number.NaN }, "got NaN"],
		["", null, "options must be an object, got null"],
	])("createIbkrHttp throws an OptionError before anything is sent when %s is wrong: %j", (_, options, message) => {
		for (const check of [createIbkrHttp, checkIbkrHttpOptions]) {
			// The cast allows wrong options, which a program in plain JavaScript can pass.
			const make = () => check(options as IbkrHttpOptions);
			expect(make).toThrow(expect.objectContaining({ name: "OptionError", package: "@x/ibkr-session" }));
			expect(make).toThrow(message);
			expect(make).not.toThrow("planted");
		}
	});

	it("createIbkrHttp looks up the global fetch at each call", async () => {
		const client = createIbkrHttp();
		const fetch = vi.spyOn(globalThis, "fetch").mockResolvedValue(new Response('{"error":"no session"}'));
		expect((await client.tickle()).kind).toBe("no-session");
		expect(fetch).toHaveBeenCalledWith(
			"https://localhost:5000/v1/api/tickle",
			expect.objectContaining({ redirect: "manual" }),
		);
	});

	it("init() rejects with an OptionError when a parameter is not a boolean", async () => {
		const client = createIbkrHttp({ fetch: async () => new Response("{}") });
		// @ts-expect-error a string would count as true
		const error = await thrownBy(() => client.init({ compete: "false" }));
		expect(error).toMatchObject({ name: "OptionError", option: "request.compete" });
	});

	it.each([
		["signal", { signal: 1 }],
		["timeoutMs", { timeoutMs: 0 }],
		["timeout", { timeout: 1 }],
	])("a call rejects with an OptionError when its option %s is wrong", async (option, options) => {
		const fetch = vi.fn<typeof globalThis.fetch>();
		const client = createIbkrHttp({ fetch });
		// The cast allows wrong options, which a program in plain JavaScript can pass.
		const error = await thrownBy(() => client.tickle(options as IbkrCallOptions));
		expect(error).toMatchObject({ name: "OptionError", option });
		expect(fetch).not.toHaveBeenCalled();
	});

	it("a call takes its deadline from the call options", async () => {
		const client = createIbkrHttp({ fetch: () => new Promise(() => undefined) });
		await expect(client.tickle({ timeoutMs: 5 })).rejects.toMatchObject({ kind: "timeout", call: "POST /tickle" });
	});
});

describe("an unknown option", () => {
	it.each<[string, (options: Anything) => unknown, string]>([
		["createIbkrHttp", createIbkrHttp, "uri"],
		["createIbkrPacing", createIbkrPacing, "perSecond"],
		["createIbkrPenaltyBox", createIbkrPenaltyBox, "untilMs"],
		["connectIbkr", connectIbkr, "sessionId"],
		["checkIbkrSocketOptions", checkIbkrSocketOptions, "sessionId"],
		["gatewayFetch", gatewayFetch, "fingerprint"],
		["createIbkrOAuth", createIbkrOAuth, "baseUrl"],
		["createIbkrBearer", createIbkrBearer, "clientID"],
		["createIbkrConsumer", createIbkrConsumer, "dhPrime"],
		["init", (options) => createIbkrHttp().init(options), "competes"],
	])(
		"an unknown option is refused by %s with an error that names the option and does not contain its value",
		async (_, call, name) => {
			const error = await thrownBy(() => call({ [name]: "planted" }));
			expect(isOptionError(error)).toBe(true);
			expect(String(error)).toMatch(new RegExp(`option (request\\.)?${name} is not known`));
			expect(String(error)).not.toContain("planted");
		},
	);

	it("createIbkrHttp refuses an unknown option named like an inherited member, and shows the option's name only if it is a word", () => {
		expect(() => createIbkrHttp({ toString: 1 } as Anything)).toThrow("option toString is not known");
		expect(() => createIbkrHttp({ "planted secret": 1 } as Anything)).toThrow("option (name not shown)");
		for (const wrong of [null, 7, "x"]) expect(() => createIbkrHttp(wrong as Anything)).toThrow("must be an object");
	});
});

it("the function connectIbkr takes the call options as its last argument", () => {
	expectTypeOf<Parameters<typeof connectIbkr>[1]>().toEqualTypeOf<IbkrCallOptions | undefined>();
});
