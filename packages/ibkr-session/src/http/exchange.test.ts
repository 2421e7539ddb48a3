import { inspect } from "node:util";
import { IbkrVenue, Link, memoryFetch } from "@x/venue-sims";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createIbkrHttp, createIbkrPenaltyBox, IbkrError, type IbkrHttpOptions, isIbkrError } from "../index.ts";

/** A client whose requests are answered by `reply`. */
const clientOf = (reply: () => Response | Promise<Response>, options: IbkrHttpOptions = {}) =>
	createIbkrHttp({ fetch: async () => reply(), penaltyBox: createIbkrPenaltyBox(), ...options });

const answered = (status: number, body: string | null, headers: Record<string, string> = {}) =>
	clientOf(() => new Response(body, { status, headers }));

async function failure(work: Promise<unknown>): Promise<IbkrError> {
	const error = await work.then(
		() => undefined,
		(reason: unknown) => reason,
	);
	if (isIbkrError(error)) return error;
	throw new Error(`not an IbkrError: ${inspect(error)}`);
}

describe("a call rejects when the reply says nothing about the session:", () => {
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
	] as const)("%i %s", async (status, body, kind, message) => {
		const error = await failure(answered(status, body).tickle());
		expect(error).toMatchObject({ kind, status, call: "POST /tickle" });
		expect(error.message).toMatch(/^@x\/ibkr-session: POST \/tickle: /);
		expect(error.message).toContain(message);
	});

	it("302 to another page than the login page", async () => {
		const error = await failure(answered(302, null, { location: "/elsewhere" }).tickle());
		expect(error).toMatchObject({ kind: "reply", status: 302 });
	});
});

describe("a call returns what the reply says about the session:", () => {
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
	] as const)("%i %s", async (status, body, outcome) => {
		expect(await answered(status, body).tickle()).toMatchObject({ ...outcome, status });
	});

	it("the harmless no bridge of hmds is not an outcome", async () => {
		const body =
			'{"session":"x","hmds":{"error":"no bridge"},"iserver":{"authStatus":{"authenticated":true,"connected":true}}}';
		expect(await answered(200, body).tickle()).toMatchObject({ kind: "live" });
	});

	it("a reply without iserver is unstated, and null members count as missing", async () => {
		expect(await answered(200, '{"session":"x","ssoExpires":1000}').tickle()).toMatchObject({ kind: "unstated" });
		const nulls =
			'{"session":null,"ssoExpires":null,"iserver":{"authStatus":{"authenticated":false,"competing":null,"connected":true,"MAC":null,"serverInfo":null}}}';
		expect(await answered(200, nulls).tickle()).toMatchObject({
			kind: "not-ready",
			brokerage: { state: "unauthenticated" },
		});
	});

	it("an init is refused by passed, authenticated or fail, but not by competing", async () => {
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
	])("an init refused with %s names the evidence %s", async (body, because) => {
		expect(await answered(200, body).init()).toMatchObject({ kind: "refused", because });
	});

	it("a validation is read with both names of its members", async () => {
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

	it("the reason of a problem document is also read from its detail", async () => {
		const problem = '{"type":"about:blank","title":"Unauthorized","status":401,"detail":"Access token expired"}';
		expect(await answered(401, problem).status()).toMatchObject({ kind: "no-session", because: "token-expired" });
	});

	it("a status without authenticated is an error", async () => {
		expect(await failure(answered(200, "{}").status())).toMatchObject({ kind: "reply" });
		expect(await failure(answered(200, "{}").validate())).toMatchObject({ kind: "reply" });
		expect(await failure(answered(200, "{}").init())).toMatchObject({ kind: "reply" });
	});

	it("a logout or reauthenticate without the expected member is unconfirmed", async () => {
		expect(await answered(200, "{}").logout()).toEqual({ kind: "unconfirmed" });
		expect(await answered(200, '{"message":"no"}').reauthenticate()).toEqual({ kind: "not-triggered" });
	});
});

describe("the deadline of a call", () => {
	beforeEach(() => {
		vi.useFakeTimers();
	});
	afterEach(() => {
		expect(vi.getTimerCount()).toBe(0);
		vi.useRealTimers();
	});

	const never = new Promise<never>(() => undefined);
	const stalledBody = () =>
		new Response(
			new ReadableStream({
				start: (controller) => controller.enqueue(new TextEncoder().encode("{")),
			}),
		);

	it.each([
		["no answer", () => clientOf(() => never)],
		["an answer whose body stops", () => clientOf(stalledBody)],
	])("ends it after exactly 12 000 ms with %s", async (_, make) => {
		const seen: unknown[] = [];
		make()
			.tickle()
			.catch((error) => seen.push(error));
		await vi.advanceTimersByTimeAsync(11_999);
		expect(seen).toEqual([]);
		await vi.advanceTimersByTimeAsync(1);
		expect(seen).toMatchObject([{ kind: "timeout", call: "POST /tickle" }]);
	});

	it("includes authorize, and nothing is sent when that is too late", async () => {
		let sent = 0;
		const client = clientOf(
			() => {
				sent++;
				return new Response("{}");
			},
			{ authorize: () => never, callTimeoutMs: 500 },
		);
		const failed = failure(client.tickle());
		await vi.advanceTimersByTimeAsync(500);
		expect(await failed).toMatchObject({ kind: "authorize" });
		expect(sent).toBe(0);
	});

	it("can be cut short by a signal, and nothing is sent when the signal has already aborted", async () => {
		const controller = new AbortController();
		const failed = failure(clientOf(() => never).tickle({ signal: controller.signal }));
		await vi.advanceTimersByTimeAsync(10);
		controller.abort();
		expect(await failed).toMatchObject({ kind: "aborted" });
		const venue = new IbkrVenue();
		const link = new Link(venue);
		expect(
			await failure(createIbkrHttp({ fetch: memoryFetch(link) }).tickle({ signal: controller.signal })),
		).toMatchObject({
			kind: "aborted",
		});
		expect(venue.received).toEqual([]);
		link.close();
	});

	it("keeps a later reply from setting cookies", async () => {
		const sent: (string | null)[] = [];
		let late: (response: Response) => void = () => undefined;
		const client = createIbkrHttp({
			callTimeoutMs: 100,
			pacing: false,
			fetch: async (_, init) => {
				sent.push(new Headers(init?.headers).get("cookie"));
				if (sent.length > 1) return new Response("{}");
				return new Promise((resolve) => {
					late = resolve;
				});
			},
		});
		const failed = failure(client.tickle());
		await vi.advanceTimersByTimeAsync(100);
		await failed;
		late(new Response("{}", { headers: { "set-cookie": "a=1" } }));
		await vi.advanceTimersByTimeAsync(1);
		await failure(client.tickle());
		expect(sent).toEqual([null, null]);
	});
});

it("a failed connection is reported with the system's code and without the error that fetch threw", async () => {
	const thrown = new TypeError("fetch failed", {
		cause: Object.assign(new Error("connect ECONNREFUSED planted-host"), { code: "ECONNREFUSED" }),
	});
	const error = await failure(clientOf(() => Promise.reject(thrown)).status());
	expect(error).toMatchObject({
		kind: "network",
		code: "ECONNREFUSED",
		cause: { name: "TypeError", code: "ECONNREFUSED" },
	});
	expect(error.message).toContain("Check that the gateway is running");
	expect(inspect(error, { depth: 10 })).not.toContain("planted-host");
});

it("an error of authorize is not quoted, because it can hold a token", async () => {
	const client = clientOf(() => new Response("{}"), {
		authorize: () => Promise.reject(new RangeError("planted-token")),
	});
	const error = await failure(client.tickle());
	expect(error).toMatchObject({ kind: "authorize", message: expect.stringContaining("failed with RangeError") });
	expect(inspect(error, { depth: 10, showHidden: true })).not.toContain("planted-token");
});

it("no outcome, error or client prints a cookie, a user name, an account, a session id or text of the venue", async () => {
	const secrets = ["planted-user", "DU7654321", "feedfacefeedfacefeedfacefeedface", "planted-cookie", "planted-bearer"];
	const [user, account, id, cookie, bearer] = secrets;
	const bodies = [
		`{"session":"${id}","iserver":{"authStatus":{"authenticated":false,"connected":true,"message":"${user}","fail":"${user}"}}}`,
		`{"RESULT":true,"USER_NAME":"${user}","TOKEN":"${id}","IP":"${account}"}`,
		`{"accounts":["${account}"]}`,
		`{"status":"${user}"}`,
		`{"session":"${id}`,
		`${user} ${account}`,
	];
	let at = 0;
	const client = createIbkrHttp({
		fetch: async () => new Response(bodies[at++], { headers: { "set-cookie": `x=${cookie}` } }),
		authorize: () => ({ authorization: `Bearer ${bearer}` }),
	});
	const results = [
		await client.tickle(),
		await client.validate(),
		await client.accounts(),
		await failure(client.logout()),
		await failure(client.tickle()),
		await failure(client.tickle()),
		client,
	];
	const printed = `${inspect(results, { depth: 10, showHidden: true })} ${JSON.stringify(results)} ${results.map(String)}`;
	for (const secret of secrets) expect(printed).not.toContain(secret);
	expect(at).toBe(bodies.length);
});

describe("the status", () => {
	const live = '{"authenticated":true,"connected":true,"established":true}';
	/** A venue that answers one method with `refused`, and the methods it was asked by. */
	const withRefused = (method: "GET" | "POST", refused: number, other = live) => {
		const asked: (string | undefined)[] = [];
		const client = createIbkrHttp({
			penaltyBox: createIbkrPenaltyBox(),
			pacing: false,
			fetch: async (_, init) => {
				asked.push(init?.method);
				return init?.method === method ? new Response("<html>", { status: refused }) : new Response(other);
			},
		});
		return { client, asked };
	};

	it.each([400, 404, 405])("is asked by GET when POST is refused with %i, and from then on", async (refused) => {
		const { client, asked } = withRefused("POST", refused);
		expect(await client.status()).toMatchObject({ kind: "status", brokerage: { state: "ready" } });
		await client.status();
		expect(asked).toEqual(["POST", "GET", "GET"]);
	});

	it("is not asked again for a reply that speaks about the session", async () => {
		const asked: unknown[] = [];
		const client = clientOf(() => {
			asked.push(1);
			return new Response('{"error":"Bad Request: no bridge"}', { status: 400 });
		});
		expect(await client.status()).toMatchObject({ kind: "no-brokerage", because: "no-bridge" });
		expect(asked).toHaveLength(1);
	});

	it("is the error of the first method when both are refused", async () => {
		const client = clientOf(() => new Response(null, { status: 404 }));
		expect(await failure(client.status())).toMatchObject({
			kind: "http",
			status: 404,
			call: "POST /iserver/auth/status",
		});
	});
});

describe("a body of 200 MB", () => {
	const megabyte = new Uint8Array(1_000_000).fill(0x20);
	/** A body that counts the megabytes that are read of it. */
	const endless = (status: number) => {
		let megabytes = 0;
		const body = new ReadableStream(
			{
				pull: (controller) => {
					megabytes += 1;
					if (megabytes > 200) controller.close();
					else controller.enqueue(megabyte);
				},
			},
			{ highWaterMark: 0 },
		);
		return { response: () => new Response(body, { status }), read: () => megabytes };
	};

	it.each([
		[200, { kind: "reply", message: expect.stringContaining("a body of more than 1000000 bytes") }],
		[404, { kind: "http" }],
		[429, { kind: "banned" }],
		[503, { kind: "unavailable" }],
	])("with status %i is a typed error after two megabytes at most", async (status, expected) => {
		const { response, read } = endless(status);
		expect(await failure(clientOf(response).tickle())).toMatchObject({ status, ...expected });
		expect(read()).toBeLessThanOrEqual(2);
	});

	it("with status 401 is a lost session", async () => {
		const { response } = endless(401);
		expect(await clientOf(response).tickle()).toMatchObject({ kind: "no-session", because: "access-denied" });
	});
});

it.each<[string, () => unknown]>([
	["an error", () => new Error("planted-token")],
	[
		"an error with a name, a code and a cause",
		() => Object.assign(new Error("x", { cause: "planted-token" }), { name: "PLANTEDTOKEN", code: "PLANTEDTOKEN" }),
	],
	["a text", () => "planted-token"],
	["an object", () => ({ message: "planted-token", headers: { authorization: "planted-token" } })],
	["an error of an own class", () => new (class PLANTEDTOKEN extends Error {})("planted-token")],
])("nothing of what authorize throws is printed: %s", async (_, make) => {
	for (const authorize of [
		() => Promise.reject(make()),
		(): never => {
			throw make();
		},
	]) {
		const error = await failure(clientOf(() => new Response("{}"), { authorize }).tickle());
		expect(error.kind).toBe("authorize");
		expect(`${inspect(error, { depth: 10, showHidden: true })}${error.stack}`).not.toMatch(/planted.?token/i);
	}
});

it("an error of this package is passed on when authorize throws it, because it says why and holds no secret", async () => {
	const details = { call: "POST /oauth/live_session_token", status: 401, venueCode: "invalid-consumer" };
	const refused = new IbkrError("venue", "status 401", { ...details, venueMessage: "id: 5, error: invalid consumer" });
	const authorize = () => Promise.reject(refused);
	expect(await failure(clientOf(() => new Response("{}"), { authorize }).tickle())).toBe(refused);
});

it("isIbkrError recognizes an error by its brand only", () => {
	const foreign = Object.assign(new Error("x"), { brand: "@x/ibkr-session/IbkrError" });
	expect(isIbkrError(new IbkrError("reply", "x", { call: "POST /tickle" }))).toBe(true);
	expect(isIbkrError(foreign)).toBe(true);
	expect(isIbkrError({ brand: "@x/ibkr-session/IbkrError" })).toBe(false);
	expect(isIbkrError(new Error("x"))).toBe(false);
});
