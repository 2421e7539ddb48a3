import { expect, it } from "vitest";
import type { IbkrVenueOptions } from "./options.ts";
import { Harness, useFakeClock } from "./testing/harness.ts";

useFakeClock();

const oauth1 = { "user-agent": "x", "content-length": "0" };

it.each<[string, IbkrVenueOptions, string, number, string]>([
	[
		"tickle without a login",
		{ start: "none", loggedOut: { tickle: 200 } },
		"POST /tickle",
		200,
		'{"error":"no session"}',
	],
	[
		"validate without a login",
		{ start: "none", loggedOut: { validate: 200 } },
		"GET /sso/validate",
		200,
		'{"RESULT":false}',
	],
	["accounts without a brokerage session", { start: "login" }, "GET /iserver/accounts", 401, "not authenticated"],
	[
		"accounts without a brokerage session (accountsWithoutBrokerage=400)",
		{ start: "login", accountsWithoutBrokerage: 400 },
		"GET /iserver/accounts",
		400,
		'{"error":"Bad Request: no bridge","statusCode":400}',
	],
	[
		"orders before accounts",
		{},
		"GET /iserver/account/orders",
		400,
		'{"error":"Bad Request: Please query /accounts first","statusCode":400}',
	],
	["any call without a login", { start: "none" }, "GET /portfolio/accounts", 401, "Access Denied"],
	[
		"auth/status with an HTTP method that this server refuses",
		{ statusVerb: "POST" },
		"GET /iserver/auth/status",
		400,
		'{"error":"Bad Request","statusCode":400}',
	],
	[
		"sso-sessions with a token that has expired",
		{ mode: "oauth2" },
		"POST /gw/api/v1/sso-sessions",
		401,
		'{"type":"about:blank","title":"Access token expired","status":401}',
	],
	["reauthenticate", {}, "GET /iserver/reauthenticate", 200, '{"message":"triggered"}'],
	["logout", {}, "POST /logout", 200, '{"status":true}'],
	[
		"a live session token without a signature",
		{ mode: "oauth1" },
		"POST /oauth/live_session_token",
		401,
		'{"error":"id: 1, error: invalid consumer","statusCode":401}',
	],
])("the reply to %s has exactly the body that the real IBKR sends", async (_, options, call, status, body) => {
	const [method = "", path = ""] = call.split(" ");
	const reply = await new Harness(options).ask(method, path, options.mode === "oauth1" ? { headers: oauth1 } : {});
	expect([reply.status, reply.text]).toEqual([status, body]);
});

it("requests to IbkrVenue without User-Agent or Content-Length get the error pages that the real IBKR sends", async () => {
	const harness = new Harness();
	const page = (title: string): string => `<html><body><h1>${title}</h1></body></html>`;
	const answers = [{ "content-length": "0" }, { "user-agent": "x" }].map(async (headers) => {
		const { status, text } = await harness.ask("POST", "/tickle", { headers });
		return [status, text];
	});
	expect(await Promise.all(answers)).toEqual([
		[403, page("Access Denied")],
		[411, page("Length Required")],
	]);
});

it("the reply to /iserver/auth/ssodh/init with publish: false has exactly the body that the real IBKR sends", async () => {
	const body = JSON.stringify({ publish: false, compete: true });
	const { status, text } = await new Harness({ start: "login" }).ask("POST", "/iserver/auth/ssodh/init", { body });
	expect([status, text]).toEqual([500, '{"error":"failed to generate sso dh token"}']);
});

it("the reply to a refused /iserver/auth/ssodh/init has its members in the order in which the real IBKR sends them", async () => {
	const harness = new Harness();
	harness.trigger("compete");
	expect((await harness.init(false)).text).toBe(
		'{"passed":false,"authenticated":false,"connected":true,"competing":false}',
	);
});
