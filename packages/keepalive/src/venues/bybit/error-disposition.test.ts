import { inspect } from "node:util";
import { BybitError } from "@x/bybit-dcp";
import { describe, expect, it } from "vitest";
import { SessionError } from "../../session-error.ts";
import { toSessionError } from "./error-disposition.ts";

describe("toSessionError", () => {
	it.each<[string, BybitError["kind"][]]>([
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
				"http",
				"venue",
			],
		],
		["wait", ["rate", "banned"]],
		["human", ["blocked"]],
		[
			"fatal",
			["environment", "signature", "permission", "address", "key", "account", "parameter", "route", "wrong-host"],
		],
	])("toSessionError() returns the action %s for client errors of the kinds %j", (action, kinds) => {
		for (const kind of kinds) expect(toSessionError(new BybitError(kind, "text")).disposition.action).toBe(action);
	});

	it("toSessionError() returns an error that asks to wait as long as the venue asks, but at least 100 ms", () => {
		const wait = (kind: BybitError["kind"], retryAfterMs?: number) =>
			toSessionError(new BybitError(kind, "", retryAfterMs === undefined ? {} : { retryAfterMs })).disposition;
		expect(wait("rate", 700)).toEqual({ action: "wait", forMs: 700 });
		expect(wait("rate", 0)).toEqual({ action: "wait", forMs: 100 });
		expect(wait("banned")).toEqual({ action: "wait", forMs: 600_000 });
	});

	it("toSessionError() returns an error that ends the session for a client error of kind `closed`", () => {
		expect(toSessionError(new BybitError("closed", "")).session).toBe("ended");
		expect(toSessionError(new BybitError("timeout", "")).session).toBe("unclear");
		expect(toSessionError(new BybitError("timeout", ""), "ended").session).toBe("ended");
	});

	it("toSessionError() leaves out the message of an unknown error, and returns a SessionError unchanged", () => {
		const foreign = new TypeError("planted\n    at a planted line of the text", { cause: new Error("planted") });
		const told = toSessionError(foreign);
		expect(inspect(told, { depth: 10, showHidden: true })).not.toContain("planted");
		// The stack frames are kept, without the message, for debugging.
		expect(told.cause).toMatchObject({
			name: "TypeError",
			stack: expect.stringMatching(/\n {4}at .*disposition\.test\.ts:\d+/),
		});
		const own = new SessionError("x", { disposition: { action: "fatal" } });
		expect(toSessionError(own)).toBe(own);
	});
});
