import { DeribitVenue, Link, memoryWebSocket } from "@x/venue-sims";
import { describe, expect, it } from "vitest";
import { type DeribitSessionOptions, deribit, deribitExposure, deribitWarnings } from "./index.ts";

const key = { clientId: "my-id", clientSecret: "my-secret" };

describe("options", () => {
	it("need no more than a key", () => {
		expect(deribit(key).name).toBe("deribit");
		expect(deribit({ ...key, name: "desk", intervalSeconds: 10 }).name).toBe("desk");
	});

	it.each<[string, unknown, RegExp]>([
		["clientId", "", /option clientId must be a text that is not empty, not an empty text/],
		["clientSecret", 5, /option clientSecret .* not a number/],
		["intervalSeconds", 9.999, /option intervalSeconds must be a number of 10 or more, not 9.999/],
		["intervalSeconds", "30", /not a string/],
		["intervalSeconds", Number.NaN, /not NaN/],
		["scope", "session", /option scope must be connection or account/],
		["verifyEveryMs", -1, /option verifyEveryMs must be a number of 0 or more, not -1/],
		["name", "", /option name/],
		["onNotification", 5, /option onNotification must be a function, not a number/],
		["onUnexpected", 5, /option onUnexpected must be a function, not a number/],
		["reconcile", {}, /option reconcile must be a function, not a object/],
	])("refuse %s = %s", (name, value, message) => {
		const make = () => deribit({ ...key, [name]: value } as DeribitSessionOptions);
		expect(make).toThrow(message);
		expect(make).toThrow(/^@x\/keepalive\/deribit: /);
		expect(make).not.toThrow(/my-secret/);
	});

	it.each<[unknown, RegExp]>([
		[{ ...key, uri: "wss://test.deribit.com/ws/api/v2" }, /option uri is not known; there are name, url, clientId/],
		[{ ...key, toString: 5 }, /option toString is not known/],
		[{ ...key, interval: undefined }, /option interval is not known/],
		[null, /the options must be an object/],
		["my-secret", /the options must be an object, not a string/],
	])("that there are not are refused by name, before anything is connected: %j", (options, message) => {
		const make = () => deribit(options as DeribitSessionOptions);
		expect(make).toThrow(message);
		expect(make).not.toThrow(/my-secret|test\.deribit/);
	});

	it("reach the client: each of its own that is wrong stops the session for good, by name", async () => {
		for (const [name, value] of Object.entries({
			url: "ws://www.deribit.com",
			connectTimeoutMs: 0,
			callTimeoutMs: "5",
			closeTimeoutMs: 600_001,
			credits: {},
			whenCreditsAreSpent: "drop",
			sessionNames: {},
			crypto: {},
			WebSocket: 5,
			authGrant: "password",
			authScope: "",
		})) {
			const WebSocket = memoryWebSocket(new Link(new DeribitVenue()));
			const session = deribit({ ...key, WebSocket, [name]: value } as DeribitSessionOptions);
			const error: unknown = await session.open(new AbortController().signal).catch((thrown) => thrown);
			expect(error).toMatchObject({ disposition: { action: "fatal" }, cause: { kind: "options" } });
			const named = { authGrant: "grant", authScope: "scope" }[name] ?? name;
			expect(String(error)).toContain(`option ${named} must be`);
		}
	});

	it("left out or undefined are the defaults", () => {
		expect(() => deribit({ ...key, intervalSeconds: undefined } as unknown as DeribitSessionOptions)).not.toThrow();
	});
});

describe("warnings", () => {
	it.each([
		[14.9, 1],
		[15, 0],
		[30, 0],
		[60, 0],
		[60.1, 1],
	])("at an interval of %d s: %i", (intervalSeconds, count) => {
		expect(deribitWarnings({ intervalSeconds })).toHaveLength(count);
	});

	it("say why, and so does the refusal of less than the venue takes", () => {
		const said = (intervalSeconds: number): string => deribitWarnings({ intervalSeconds }).join();
		expect(said(10)).toMatch(/intervalSeconds 10 is under 15: a pause of the program that long ends the session/);
		expect(said(90)).toMatch(/intervalSeconds 90 is over 60: orders outlive a dead network by more than two minutes/);
		expect(() => deribit({ ...key, intervalSeconds: 9 })).toThrow(/10 or more, not 9; the venue refuses less/);
		expect(deribit({ ...key, intervalSeconds: 10 }).warnings).toEqual(deribitWarnings({ intervalSeconds: 10 }));
	});

	it("are none for the default", () => {
		expect(deribitWarnings({})).toEqual([]);
	});
});

describe("exposure", () => {
	it.each([
		[10, 23_000],
		[30, 69_000],
		[60, 138_000],
	])(
		"at an interval of %i s is %i ms for the network and at once for the process",
		(intervalSeconds, networkDeathMs) => {
			expect(deribitExposure({ intervalSeconds })).toEqual({ processDeathMs: 0, networkDeathMs });
		},
	);

	it("has the default interval when none is said", () => {
		expect(deribitExposure()).toEqual(deribitExposure({ intervalSeconds: 30 }));
	});
});
