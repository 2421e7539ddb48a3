import { describe, expect, it } from "vitest";
import { deniesSession, socketHandshake, withoutSessionIds } from "./index.ts";

const reply = (status: number, body = "", location: string | null = null) => ({
	path: "/x",
	status,
	body,
	location,
});

describe("deniesSession", () => {
	it.each([
		[reply(401, "not authenticated")],
		[reply(401)],
		[reply(401, '{"error":"id: 5, error: invalid consumer","statusCode":401}')],
		[reply(400, '{"error":"Bad Request: no bridge","statusCode":400}')],
		[reply(400, '{"error":"Init session first","statusCode":400}')],
		[reply(410)],
		[reply(302, "", "/sso/Login?forwardTo=22&RL=1")],
		[reply(200, '{"error":"no session"}')],
		[{ ...reply(200, "{}"), path: "/iserver/accounts" }],
	])("deniesSession returns true for the reply %j", (given) => {
		expect(deniesSession(given)).toBe(true);
	});

	it.each([
		[reply(200, '{"orders":[]}')],
		[reply(200, '[{"error":"no session"}]')],
		[reply(200, "{}")],
		[reply(400, '{"error":"Bad Request: Please query /accounts first","statusCode":400}')],
		[reply(302, "", "/elsewhere")],
		[reply(403, "Access Denied")],
		[reply(500, '{"error":"no session"}')],
		[reply(503)],
		[{ ...reply(200, '{"accounts":[]}'), path: "/iserver/accounts" }],
	])("deniesSession returns false for the reply %j", (given) => {
		expect(deniesSession(given)).toBe(false);
	});
});

it("withoutSessionIds replaces only the ids and tokens of the session", () => {
	const secret = "0123456789abcdef";
	const text = `{"session" : "${secret}","a":[{"sessionId":"${secret}","TOKEN":"a\\"${secret}","x":"session"}],"sessions":"kept"}`;
	expect(withoutSessionIds(text)).toBe(
		'{"session" : "hidden","a":[{"sessionId":"hidden","TOKEN":"hidden","x":"session"}],"sessions":"kept"}',
	);
	expect(withoutSessionIds("no JSON")).toBe("no JSON");
});

it("socketHandshake returns the session in the cookie and, with OAuth, the token in the URL", () => {
	const baseUrl = "https://localhost:5000/v1/api/";
	const userAgent = "x-ibkr-session";
	expect(socketHandshake({ baseUrl, session: "abc" })).toEqual({
		url: "wss://localhost:5000/v1/api/ws",
		headers: { cookie: "api=abc", "user-agent": userAgent },
	});
	const token = { version: "oauth2", value: "t+1" } as const;
	expect(socketHandshake({ baseUrl: "http://127.0.0.1:1", session: "abc", token }).url).toBe(
		"ws://127.0.0.1:1/ws?bearer_token=t%2B1",
	);
	expect(() => socketHandshake({ session: "a b" })).toThrow("option session");
});
