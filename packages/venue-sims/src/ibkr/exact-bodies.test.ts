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
		"accounts without a bridge",
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
	["reauthenticate", {}, "GET /iserver/reauthenticate", 200, '{"message":"triggered"}'],
	["logout", {}, "POST /logout", 200, '{"status":true}'],
	[
		"a live session token without a signature",
		{ mode: "oauth1" },
		"POST /oauth/live_session_token",
		401,
		'{"error":"id: 1, error: invalid consumer","statusCode":401}',
	],
])("%s is answered with the bytes that the venue sends", async (_, options, call, status, body) => {
	const [method = "", path = ""] = call.split(" ");
	const reply = await new Harness(options).ask(method, path, options.mode === "oauth1" ? { headers: oauth1 } : {});
	expect([reply.status, reply.text]).toEqual([status, body]);
});

it("a refused init is answered with the members in the order in which the venue sends them", async () => {
	const harness = new Harness();
	harness.trigger("compete");
	expect((await harness.init(false)).text).toBe(
		'{"passed":false,"authenticated":false,"connected":true,"competing":false}',
	);
});
