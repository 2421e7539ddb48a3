import { inspect } from "node:util";
import { describe, expect, it, vi } from "vitest";
import { isDeribitError } from "./errors.ts";
import { createDeribitHttp } from "./http/http.ts";
import { DeribitCredits } from "./limits/credits.ts";
import { type DeribitSocketOptions, deribitDefaults, resolveOptions } from "./options.ts";
import { connectDeribit } from "./socket/connect.ts";
import { hold } from "./testing/held-socket.ts";

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
		const error: unknown = await connectDeribit({ [name]: value } as DeribitSocketOptions).catch((thrown) => thrown);
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

describe("an option that there is not", () => {
	// What a program in plain JavaScript can write.
	const wrong = (value: unknown) => value as Record<string, never>;
	const failure = (work: () => unknown): unknown => {
		try {
			work();
		} catch (error) {
			return error;
		}
		return expect.fail("it succeeded");
	};

	it("is refused by name before anything is connected: a misspelt url would be production", async () => {
		const opened = vi.fn();
		const options = wrong({ uri: "wss://test.deribit.com/ws/api/v2", WebSocket: opened });
		const error: unknown = await connectDeribit(options).catch((thrown) => thrown);
		expect(error).toMatchObject({ kind: "options" });
		expect(String(error)).toMatch(
			/option uri is not known; there are url, WebSocket, connectTimeoutMs, .*onUnexpected$/,
		);
		expect(String(error)).not.toContain("test.deribit.com");
		expect(opened).not.toHaveBeenCalled();
	});

	it.each<[string, () => unknown, RegExp]>([
		["HTTP", () => createDeribitHttp(wrong({ baseUrl: "x" })), /option baseUrl is not known; there are url, fetch/],
		["credits", () => new DeribitCredits(wrong({ size: 5 })), /option credits\.size is not known; there are pool/],
		["inherited names", () => createDeribitHttp(wrong({ toString: 5 })), /option toString is not known/],
		["undefined", () => createDeribitHttp(wrong({ uri: undefined })), /option uri is not known/],
		["a text", () => createDeribitHttp(wrong("https://x")), /options must be an object, not a value of type string/],
		["null", () => createDeribitHttp(wrong(null)), /must be an object/],
		["null credits", () => new DeribitCredits(wrong(null)), /the credits\.options must be an object/],
	])("is refused for %s", (_, work, message) => {
		const error = failure(work);
		expect(isDeribitError(error) && error.kind).toBe("options");
		expect(String(error)).toMatch(message);
	});

	it("or options that are none, fail connecting as an error of kind options", async () => {
		await expect(connectDeribit(wrong(null))).rejects.toMatchObject({ kind: "options" });
		await expect(connectDeribit(wrong("wss://x"))).rejects.toMatchObject({ kind: "options" });
	});

	it("is refused in credentials, whose values are never quoted", async () => {
		const { connection, socket } = await hold();
		const key = { clientId: "planted-id", clientSecret: "planted-secret" };
		for (const [credentials, message] of [
			[{ ...key, scopes: "planted" }, /option scopes is not known; there are clientId, clientSecret, grant, scope$/],
			[{ ...key, clientSecret: undefined }, /option clientSecret must be a text that is not empty/],
			[{ ...key, clientId: "" }, /option clientId must be a text/],
			[{ ...key, scope: ["planted"] }, /option scope must be a text/],
			[{ ...key, grant: "password" }, /option grant must be client_credentials or client_signature/],
		] as const) {
			const error: unknown = await connection.authenticate(credentials as never).catch((thrown) => thrown);
			expect(error).toMatchObject({ kind: "options", method: "public/auth" });
			expect(String(error)).toMatch(message);
			expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("planted");
		}
		expect(socket.sent).toEqual([]);
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
