import { isOptionError } from "@x/base/errors";
import { describe, expect, it } from "vitest";
import { type DeribitSessionOptions, deribit } from "./index.ts";

const credentials = { clientId: "my-id", clientSecret: "my-secret" };
const client = { credentials };

/** Returns the error that deribit() throws for these options. */
function errorOf(options: unknown): unknown {
	try {
		return deribit(options as DeribitSessionOptions);
	} catch (error) {
		return error;
	}
}

describe("the options of deribit()", () => {
	it("deribit() requires no option but the credentials", () => {
		expect(deribit({ client }).name).toBe("deribit");
		expect(deribit({ client, name: "desk", intervalSeconds: 10 }).name).toBe("desk");
	});

	it.each<[string, unknown, string]>([
		["intervalSeconds", 9.999, "option intervalSeconds must be a number from 10, got 9.999"],
		["intervalSeconds", "30", 'got "30"'],
		["intervalSeconds", Number.NaN, "got NaN"],
		["cancelScope", "session", 'option cancelScope must be "connection" or "account", got "session"'],
		["verifyEveryMs", -1, "option verifyEveryMs must be a number of milliseconds from 0, got -1"],
		["name", "", 'option name must be a non-empty string, got ""'],
		["armingPermission", "", "option armingPermission must be a non-empty string"],
		["onOpen", {}, "option onOpen must be a function"],
		["connectionLimiter", {}, "option connectionLimiter must be an object with a function tryAcquire"],
		["client", undefined, "option client must be an object with credentials"],
		["interval", 5, "option interval is not known"],
		["toString", 5, "option toString is not known"],
	])("deribit() refuses the option %s = %s", (name, value, message) => {
		const error = errorOf({ client, [name]: value });
		expect(isOptionError(error)).toBe(true);
		expect(error).toMatchObject({ package: "@x/keepalive/deribit", option: name });
		expect(String(error)).toContain(message);
		expect(String(error)).not.toContain("my-secret");
	});

	it.each<[string, unknown, string]>([
		["clientId", "", "must be a non-empty string"],
		["clientSecret", 5, "must be a non-empty string, got a value of type number"],
		["grant", "password", 'must be "client_credentials" or "client_signature"'],
		["authScope", "", "must be a non-empty string"],
		["clientSecrets", "x", "is not known. Did you mean clientSecret?"],
	])("deribit() refuses credentials with %s = %s", (name, value, message) => {
		const error = errorOf({ client: { credentials: { ...credentials, [name]: value } } });
		expect(error).toMatchObject({
			name: "OptionError",
			package: "@x/deribit-session",
			option: `client.credentials.${name}`,
		});
		expect(String(error)).toContain(message);
		expect(String(error)).not.toContain("my-secret");
	});

	it.each([{}, null, "my-secret"])("deribit() refuses a client without credentials: %j", (value) => {
		const error = errorOf({ client: value });
		expect(error).toMatchObject({ name: "OptionError", option: "client" });
		expect(String(error)).not.toContain("my-secret");
	});

	it.each([null, "text"])("deribit() refuses options that are not an object: %j", (options) => {
		expect(String(errorOf(options))).toContain("@x/keepalive/deribit: options must be an object, got");
	});

	it.each(
		Object.entries({
			url: "ws://www.deribit.com",
			uri: "wss://test.deribit.com/ws/api/v2",
			connectTimeoutMs: 0,
			callTimeoutMs: "5",
			closeTimeoutMs: 600_001,
			credits: {},
			whenCreditsAreSpent: "drop",
			sessionNames: {},
			crypto: {},
			WebSocket: 5,
			onNotification: 5,
			onUnexpected: 5,
		}),
	)("deribit() refuses the client option %s = %j before anything connects", (name, value) => {
		const error = errorOf({ client: { ...client, [name]: value } });
		expect(error).toMatchObject({ name: "OptionError", option: `client.${name}` });
		expect(String(error)).toContain(`option client.${name} `);
	});

	it("deribit() uses the default of an option that is undefined", () => {
		expect(errorOf({ client, intervalSeconds: undefined })).toMatchObject({
			exposure: { processDeathMs: 0, networkDeathMs: 23_000 },
		});
	});
});

describe("DeribitSession.warnings", () => {
	it.each([
		[10, 0],
		[30, 0],
		[60, 0],
		[60.1, 1],
	])("DeribitSession.warnings, for a heartbeat interval of %d s, has %i entries", (intervalSeconds, count) => {
		expect(deribit({ client, intervalSeconds }).warnings).toHaveLength(count);
	});

	it("DeribitSession.warnings says why a long heartbeat interval is unwise", () => {
		const warnings = (intervalSeconds: number): string => deribit({ client, intervalSeconds }).warnings.join();
		expect(warnings(90)).toMatch(
			/intervalSeconds 90 is over 60: orders stay in the book for over two minutes after the network dies/,
		);
	});

	it("DeribitSession.warnings is empty with the default heartbeat interval", () => {
		expect(deribit({ client }).warnings).toEqual([]);
	});
});
