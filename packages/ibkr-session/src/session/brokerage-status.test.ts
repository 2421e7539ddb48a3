import { describe, expect, it } from "vitest";
import { answered } from "../testing/client-with-reply.ts";

const status = (wire: object) => answered(200, JSON.stringify(wire)).status();

describe("the result of status()", () => {
	it.each([
		[
			"live, as documented",
			{
				authenticated: true,
				competing: false,
				connected: true,
				message: "",
				MAC: "98:F2:B3:23:BF:A0",
				serverInfo: { serverName: "JifN19053", serverVersion: "Build 10.25.0p, Dec 5, 2023 5:48:12 PM" },
			},
			{ state: "ready", established: true, server: { name: "JifN19053" } },
		],
		[
			"live, with all members of newer servers",
			{ ...allTrue(), hardware_info: "01234567|98:F2", fail: "" },
			{ state: "ready" },
		],
		["still loading", { ...allTrue(), established: false }, { state: "loading", established: false }],
		[
			"idle, with a valid login",
			{ authenticated: false, connected: true, competing: false },
			{ state: "unauthenticated", connected: true },
		],
		[
			"timed out, as documented",
			{ authenticated: false, competing: false, connected: false, MAC: "98:F2:B3:23:BF:A0" },
			{ state: "disconnected" },
		],
		[
			"logged out",
			{ authenticated: false, established: false, competing: false, connected: false, MAC: null },
			{ state: "disconnected" },
		],
		["taken by another session", { ...allTrue(), competing: true }, { state: "competing", authenticated: true }],
		[
			"refused to a key that can only take over by force",
			{
				authenticated: false,
				connected: true,
				competing: false,
				fail: "Force compete capability must be used together with compete flag",
			},
			{ state: "unauthenticated", forceOnly: true, competing: false },
		],
		["live, with undocumented members", { ...allTrue(), prompts: ["x"], more: { a: 1 } }, { state: "ready" }],
		[
			"live, with null instead of strings",
			{ ...allTrue(), message: null, MAC: null, fail: null, serverInfo: { serverName: null, serverVersion: null } },
			{ state: "ready" },
		],
	])("status() returns the state of a brokerage session that is %s", async (_, wire, expected) => {
		expect(await status(wire)).toMatchObject({ kind: "status", brokerage: expected });
	});

	function allTrue() {
		return { authenticated: true, established: true, competing: false, connected: true };
	}
});

describe("an IbkrHttp client", () => {
	it.each(["/sso/Login?forwardTo=22&RL=1", "/sso/Dispatcher", "https://api.ibkr.com/sso/Login"])(
		"an IbkrHttp client returns no-session when the venue redirects to %s",
		async (location) => {
			const outcome = await answered(302, "<html></html>", { location }).tickle();
			expect(outcome).toEqual({ kind: "no-session", because: "login-redirect", status: 302 });
		},
	);

	it("an IbkrHttp client rejects with kind `unavailable` when the status is 503, with or without a body", async () => {
		for (const body of ['{"error":"service unavailable","statusCode":503}', '{"error":"x","statusCode":"503"}', null]) {
			await expect(answered(503, body).status()).rejects.toMatchObject({ kind: "unavailable", status: 503 });
		}
	});

	it("an IbkrHttp client rejects with kind `http` when a 400 says that the accounts must be requested first", async () => {
		const body = '{"error":"Bad Request: Please query /accounts first","statusCode":400}';
		await expect(answered(400, body).accounts()).rejects.toMatchObject({ kind: "http", status: 400 });
	});

	it("an IbkrHttp client returns no-brokerage for a 401 with the text 'not authenticated', and no-session for an empty 401", async () => {
		expect(await answered(401, "not authenticated").accounts()).toMatchObject({ kind: "no-brokerage" });
		expect(await answered(401, null).accounts()).toMatchObject({ kind: "no-session", because: "access-denied" });
	});

	it("an IbkrHttp client decides by the body's first character how to read a reply, and ignores the Content-Type", async () => {
		const json = '\n {"status":true}';
		expect(await answered(200, json, { "content-type": "text/html" }).logout()).toEqual({ kind: "logged-out" });
		const html = answered(200, " <html></html>", { "content-type": "application/json" });
		await expect(html.logout()).rejects.toMatchObject({ kind: "reply" });
		expect(await answered(401, "no session", { "content-type": "application/json" }).tickle()).toMatchObject({
			because: "error-body",
		});
	});
});
