import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { connectDeribit } from "./connect.ts";
import { isDeribitError } from "./errors.ts";
import { createDeribitHttp } from "./http.ts";
import { type DeribitOptions, deribitDefaults, resolveOptions } from "./options.ts";

describe("options", () => {
	it("have defaults that cannot be changed, production first", () => {
		expect(resolveOptions({}).url.href).toBe("wss://www.deribit.com/ws/api/v2");
		expect(Object.isFrozen(deribitDefaults)).toBe(true);
	});

	it.each<[string, unknown, RegExp]>([
		["callTimeoutMs", 0, /option callTimeoutMs .* from 1 to 600000, not the number 0/],
		["callTimeoutMs", Number.NaN, /not the number NaN/],
		["connectTimeoutMs", 600_001, /not the number 600001/],
		["closeTimeoutMs", "5", /option closeTimeoutMs .* not a string/],
		["url", "https://www.deribit.com", /must be a wss: address .* not one with https:/],
		["url", "ws://www.deribit.com", /ws: only to this machine/],
		["url", "nonsense", /option url must be a wss: address, not a value of type string/],
		["url", "wss://me:hidden@www.deribit.com", /without credentials/],
		["onNotification", {}, /option onNotification must be a function or class, not a value of type object/],
		["WebSocket", 5, /option WebSocket/],
	])("refuse %s = %s before anything is connected", async (name, value, message) => {
		const error: unknown = await connectDeribit({ [name]: value } as DeribitOptions).catch((thrown) => thrown);
		expect(isDeribitError(error) && error.kind).toBe("options");
		expect(String(error)).toMatch(message);
		expect(String(error)).toMatch(/@x\/deribit-session: /);
		expect(inspect(error)).not.toContain("hidden");
	});

	it("take an address without TLS on this machine alone", () => {
		for (const host of ["127.0.0.1:1", "localhost", "[::1]:8080"]) {
			expect(resolveOptions({ url: `ws://${host}/ws` }).url.protocol).toBe("ws:");
		}
	});

	it("of the HTTP side are checked in the same way, and never quote the token", () => {
		const token = { token: "hidden" } as unknown as string;
		expect(() => createDeribitHttp({ accessToken: token })).toThrow(/accessToken must be a string or a function/);
		expect(() => createDeribitHttp({ url: "wss://www.deribit.com" })).toThrow(/https: address/);
		expect(inspect(createDeribitHttp({ accessToken: "hidden" }), { depth: 10, showHidden: true })).not.toMatch(
			/hidden/,
		);
	});
});

describe("isDeribitError", () => {
	it("knows its errors by brand, so also those of another copy", async () => {
		const error: unknown = await connectDeribit({ callTimeoutMs: -1 }).catch((thrown) => thrown);
		const copy = Object.assign(new Error("x"), { brand: "@x/deribit-session/DeribitError" });
		expect([error, copy, new Error("x"), { brand: "x" }, null].map(isDeribitError)).toEqual([
			true,
			true,
			false,
			false,
			false,
		]);
	});
});
