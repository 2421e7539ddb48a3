import { describe, expect, expectTypeOf, it } from "vitest";
import { facts } from "./generated/facts.ts";
import type { DeribitHttp } from "./http/http-client.ts";
import type { DeribitHttpMethod, DeribitMethod, DeribitParams, DeribitResult } from "./method-types.ts";
import type { DeribitConnection } from "./socket/connection.ts";

// This function is only compiled, never run: each wrong call in it must be a compile error.
function calls(connection: DeribitConnection, http: DeribitHttp): unknown[] {
	return [
		connection.request("public/test"),
		connection.request("public/test", { expected_result: "exception" }),
		connection.request("public/status", undefined, { timeoutMs: 5 }),
		connection.request("public/auth", { grant_type: "client_credentials", client_id: "a", client_secret: "b" }),
		connection.request("public/auth", { grant_type: "refresh_token", refresh_token: "a", scope: "b" }),
		http.request("public/get_time"),
		// @ts-expect-error the method does not exist
		connection.request("public/tset"),
		// @ts-expect-error private/logout has no reply: use logout()
		connection.request("private/logout"),
		// @ts-expect-error a parameter is missing
		connection.request("public/set_heartbeat"),
		// @ts-expect-error a parameter is of the wrong type
		connection.request("public/set_heartbeat", { interval: "30" }),
		// @ts-expect-error a parameter for a method that has none
		connection.request("public/get_time", { at: 1 }),
		// @ts-expect-error a parameter with an unknown name
		connection.request("public/set_heartbeat", { interval: 30, seconds: 30 }),
		// @ts-expect-error a value that is not in the enum
		connection.request("private/enable_cancel_on_disconnect", { scope: "session" }),
		// @ts-expect-error the secret is missing
		connection.request("public/auth", { grant_type: "client_credentials", client_id: "a" }),
		// @ts-expect-error a parameter of another grant_type
		connection.request("public/auth", { grant_type: "refresh_token", refresh_token: "a", client_secret: "b" }),
		// @ts-expect-error the method works over a WebSocket only
		http.request("public/set_heartbeat", { interval: 30 }),
		http.request("private/enable_cancel_on_disconnect", { scope: "account" }),
		// @ts-expect-error scope connection: over HTTP there is no connection to protect
		http.request("private/enable_cancel_on_disconnect", { scope: "connection" }),
		// @ts-expect-error no scope: the venue would apply the call to the connection
		http.request("private/get_cancel_on_disconnect"),
		// @ts-expect-error the method works over a WebSocket only
		http.request("public/subscribe", { channels: ["platform_state"] }),
		connection.subscribe(["platform_state"] as const, { timeoutMs: 5 }),
		// @ts-expect-error a single channel instead of a list of channels
		connection.subscribe("platform_state"),
	];
}

describe("DeribitMethod", () => {
	it("DeribitMethod has the parameters and results of the spec", () => {
		expectTypeOf<DeribitResult<"public/get_time">>().toEqualTypeOf<number>();
		expectTypeOf<DeribitResult<"public/set_heartbeat">>().toEqualTypeOf<"ok">();
		expectTypeOf<DeribitResult<"public/test">>().toEqualTypeOf<{ version: string }>();
		expectTypeOf<DeribitResult<"private/get_cancel_on_disconnect">>().toEqualTypeOf<{
			scope?: "connection" | "account";
			enabled?: boolean;
		}>();
		expectTypeOf<DeribitResult<"public/status">["locked"]>().toEqualTypeOf<string | boolean | undefined>();
		expectTypeOf<DeribitParams<"public/get_time">>().toEqualTypeOf<never>();
		expectTypeOf<ReturnType<typeof calls>>().toEqualTypeOf<unknown[]>();
	});

	it("DeribitMethod excludes private/logout, to which Deribit sends no reply", () => {
		expectTypeOf<"private/logout">().not.toExtend<DeribitMethod>();
		expectTypeOf<DeribitHttpMethod>().toEqualTypeOf<
			| "public/auth"
			| "public/exchange_token"
			| "public/fork_token"
			| "public/test"
			| "public/status"
			| "public/get_time"
			| "private/get_account_summary"
			| "private/get_open_orders"
			| "private/get_order_state"
			| "private/enable_cancel_on_disconnect"
			| "private/disable_cancel_on_disconnect"
			| "private/get_cancel_on_disconnect"
		>();
		expect(Object.keys(facts)).toHaveLength(20);
	});

	it("DeribitMethod does not restrict DeribitConnection.call, which returns unknown unless the caller names a type", () => {
		type Call = DeribitConnection["call"];
		expectTypeOf<ReturnType<Call>>().toEqualTypeOf<Promise<unknown>>();
	});
});
