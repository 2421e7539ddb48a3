import { describe, expect, it } from "vitest";
import { answered, failure } from "../testing/client-with-reply.ts";

describe("a call whose reply says nothing about the session", () => {
	it.each([
		[429, null, "banned", "Make no call until"],
		[500, '{"error":"failed"}', "unavailable", "the session may well be alive"],
		[503, null, "unavailable", "the session may well be alive"],
		[503, "<html>maintenance</html>", "unavailable", "503"],
		[403, "<html>Access Denied</html>", "http", "User-Agent"],
		[404, "<html>Resource not found</html>", "http", "check that baseUrl"],
		[411, "<html></html>", "http", "Content-Length"],
		[400, '{"error":"Bad Request: account","statusCode":400}', "http", 'status 400: "Bad Request: account".'],
		[200, "<html>login</html>", "reply", "HTML"],
		[200, "pong", "reply", "plain text"],
		[200, "", "reply", "an empty body"],
		[200, '{"session":', "reply", "broken JSON"],
		[200, "[]", "reply", "must be object"],
		[200, "{}", "reply", "the reply says nothing about a session"],
		[200, '{"error":"failed to process request"}', "unavailable", "says nothing about the session"],
		[200, '{"iserver":{"authStatus":{"authenticated":"yes"}}}', "reply", "/iserver/authStatus/authenticated must be"],
		[
			200,
			'{"error":"x","iserver":{"authStatus":{"authenticated":"yes"}}}',
			"reply",
			"/iserver/authStatus does not match the spec",
		],
	] as const)("tickle() rejects when the reply has status %i and body %s", async (status, body, kind, message) => {
		const error = await failure(answered(status, body).tickle());
		expect(error).toMatchObject({ kind, status, call: "POST /tickle" });
		expect(error.message).toMatch(/^@x\/ibkr-session: POST \/tickle: /);
		expect(error.message).toContain(message);
	});

	it("tickle() rejects when the venue redirects to a page other than the login page", async () => {
		const error = await failure(answered(302, null, { location: "/elsewhere" }).tickle());
		expect(error).toMatchObject({ kind: "reply", status: 302 });
	});
});

describe("a call whose reply says something about the session", () => {
	it.each([
		[401, null, { kind: "no-session", because: "access-denied" }],
		[401, "Access Denied", { kind: "no-session", because: "access-denied" }],
		[401, "<html></html>", { kind: "no-session", because: "access-denied" }],
		[401, "not authenticated", { kind: "no-brokerage", because: "not-authenticated" }],
		[
			401,
			'{"error":"id: 5, error: invalid consumer","statusCode":401}',
			{ kind: "no-session", because: "invalid-consumer" },
		],
		[
			401,
			'{"error":"id: 5, error: LST failed, error: No access secret key found for abc","statusCode":401}',
			{ kind: "no-session", because: "token-refused" },
		],
		[401, '{"title":"Access token expired","status":401}', { kind: "no-session", because: "token-expired" }],
		[400, '{"error":"Bad Request: no bridge","statusCode":400}', { kind: "no-brokerage", because: "no-bridge" }],
		[400, '{"error":"Init session first","statusCode":"400"}', { kind: "no-brokerage", because: "init-first" }],
		[400, '{"error":"no session"}', { kind: "no-session", because: "error-body" }],
		[200, '{"error":"no session"}', { kind: "no-session", because: "error-body" }],
		[410, null, { kind: "no-session", because: "gone" }],
	] as const)("tickle() returns no-session or no-brokerage for the reply %i %s", async (status, body, outcome) => {
		expect(await answered(status, body).tickle()).toMatchObject({ ...outcome, status });
	});

	it("tickle() ignores the error 'no bridge' in the member `hmds` of the reply, which is not about the session", async () => {
		const body =
			'{"session":"x","hmds":{"error":"no bridge"},"iserver":{"authStatus":{"authenticated":true,"connected":true}}}';
		expect(await answered(200, body).tickle()).toMatchObject({ kind: "live" });
	});

	it("tickle() returns kind `unstated` when the reply has no member `iserver`, and accepts null in place of a missing member", async () => {
		expect(await answered(200, '{"session":"x","ssoExpires":1000}').tickle()).toMatchObject({ kind: "unstated" });
		const nulls =
			'{"session":null,"ssoExpires":null,"iserver":{"authStatus":{"authenticated":false,"competing":null,"connected":true,"MAC":null,"serverInfo":null}}}';
		expect(await answered(200, nulls).tickle()).toMatchObject({
			kind: "not-ready",
			brokerage: { state: "unauthenticated" },
		});
	});

	it("init() returns kind `refused` because of the reply's members `passed`, `authenticated` or `fail`, but not because of `competing`", async () => {
		const init = (body: string) => answered(200, body).init();
		const fail = "Force compete capability must be used together with compete flag";
		expect(await init('{"passed":false,"competing":false}')).toMatchObject({ kind: "refused" });
		expect(await init('{"authenticated":false,"competing":false}')).toMatchObject({ kind: "refused" });
		expect(await init(`{"fail":"${fail}"}`)).toMatchObject({ kind: "refused" });
		expect(await init(`{"serverInfo":{"fail":"${fail}"}}`)).toMatchObject({ kind: "refused" });
		const refused = await init(`{"passed":false,"authenticated":false,"serverInfo":{"fail":"${fail}"}}`);
		expect(refused).toMatchObject({ kind: "refused", brokerage: { forceOnly: true } });
		expect(await init('{"authenticated":true,"competing":true}')).toMatchObject({ kind: "accepted" });
		expect(await init('{"passed":true,"fail":""}')).toMatchObject({ kind: "accepted" });
	});

	it.each([
		['{"passed":false,"authenticated":false,"competing":false}', "not-passed"],
		['{"authenticated":false,"connected":true,"competing":false}', "unstated"],
		['{"authenticated":false,"competing":true}', "competing"],
		['{"authenticated":false,"fail":"another session is active"}', "competing"],
		[
			'{"passed":false,"authenticated":false,"fail":"Force compete capability must be used together with compete flag"}',
			"force-only",
		],
	])("init() whose reply is %s returns kind `refused` with the reason %s", async (body, because) => {
		expect(await answered(200, body).init()).toMatchObject({ kind: "refused", because });
	});

	it("validate() knows both names that the venue uses for a member, and reads EXPIRES as a time or as a duration", async () => {
		const validate = (more: string) => answered(200, `{"RESULT":true${more}}`).validate();
		expect(await validate(',"loginType":1,"features":{"envs":"PROD"}')).toEqual({
			kind: "valid",
			loginType: "live",
			environment: "PROD",
		});
		expect(await validate(',"LOGIN_TYPE":2,"features":{"env":"BETA"},"region":"EU"')).toEqual({
			kind: "valid",
			loginType: "paper",
			environment: "BETA",
			region: "EU",
		});
		expect(await validate(',"EXPIRES":100000000001')).toMatchObject({
			expiresForm: "absolute",
			expiresAt: 100000000001,
		});
		expect(await validate(',"EXPIRES":100000000000')).toMatchObject({ expiresForm: "relative" });
	});

	it("validate() accepts any type for the undocumented members of the reply", async () => {
		const body = '{"RESULT":true,"LOGIN_TYPE":1,"SFT":{},"TOKEN":7,"took":"3","isGw":null,"ANOMALOUS_LOGIN":[]}';
		expect(await answered(200, body).validate()).toMatchObject({ kind: "valid", loginType: "live" });
	});

	it("status() reads the venue's reason also from the member `detail` of a problem document (RFC 9457)", async () => {
		const problem = '{"type":"about:blank","title":"Unauthorized","status":401,"detail":"Access token expired"}';
		expect(await answered(401, problem).status()).toMatchObject({ kind: "no-session", because: "token-expired" });
	});

	it("status(), validate() and init() reject when the reply is an empty object", async () => {
		expect(await failure(answered(200, "{}").status())).toMatchObject({ kind: "reply" });
		expect(await failure(answered(200, "{}").validate())).toMatchObject({ kind: "reply" });
		expect(await failure(answered(200, "{}").init())).toMatchObject({ kind: "reply" });
	});

	it("logout() returns kind `unconfirmed`, and reauthenticate() kind `not-triggered`, when the reply does not confirm the request", async () => {
		expect(await answered(200, "{}").logout()).toEqual({ kind: "unconfirmed" });
		expect(await answered(200, '{"message":"no"}').reauthenticate()).toEqual({ kind: "not-triggered" });
	});
});
