import { inspect } from "node:util";
import { IbkrVenue, Link, memoryFetch } from "@x/venue-sims";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createIbkrHttp, createIbkrPenaltyBox, IbkrError, isIbkrError } from "../index.ts";
import { clientOf, failure } from "../testing/client-with-reply.ts";

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
	])("a call rejects with kind `timeout` after exactly 12 000 ms when there is %s", async (_, make) => {
		const seen: unknown[] = [];
		make()
			.tickle()
			.catch((error) => seen.push(error));
		await vi.advanceTimersByTimeAsync(11_999);
		expect(seen).toEqual([]);
		await vi.advanceTimersByTimeAsync(1);
		expect(seen).toMatchObject([{ kind: "timeout", call: "POST /tickle" }]);
	});

	it("the deadline of a call includes the time that the option `authorize` takes; if that time is too long, nothing is sent", async () => {
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

	it("a signal ends a call before its deadline, and a signal that aborted before the call prevents the request", async () => {
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

	it("a reply that comes after the deadline of its call sets no cookies", async () => {
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

it("a call whose connection fails rejects with the system's error code, but without the error that fetch threw", async () => {
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

it("an error that the function in the option `authorize` throws is not quoted, because that error can hold a token", async () => {
	const client = clientOf(() => new Response("{}"), {
		authorize: () => Promise.reject(new RangeError("planted-token")),
	});
	const error = await failure(client.tickle());
	expect(error).toMatchObject({ kind: "authorize", message: expect.stringContaining("failed with RangeError") });
	expect(inspect(error, { depth: 10, showHidden: true })).not.toContain("planted-token");
});

it("no outcome, error or client of the package prints a cookie, user name, account, session id or text of the venue", async () => {
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
		pacing: false,
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

describe("the call status()", () => {
	const live = '{"authenticated":true,"connected":true,"established":true}';
	/**
	 * Returns a client and a list. The client's venue refuses one HTTP method with the status `refused`, and the list receives the method
	 * of each request.
	 */
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

	it.each([400, 404, 405])(
		"status() switches from POST to GET when the venue refuses POST with %i, and uses GET from then on",
		async (refused) => {
			const { client, asked } = withRefused("POST", refused);
			expect(await client.status()).toMatchObject({ kind: "status", brokerage: { state: "ready" } });
			await client.status();
			expect(asked).toEqual(["POST", "GET", "GET"]);
		},
	);

	it("status() does not repeat its POST as a GET after a reply that says something about the session", async () => {
		const asked: unknown[] = [];
		const client = clientOf(() => {
			asked.push(1);
			return new Response('{"error":"Bad Request: no bridge"}', { status: 400 });
		});
		expect(await client.status()).toMatchObject({ kind: "no-brokerage", because: "no-bridge" });
		expect(asked).toHaveLength(1);
	});

	it("status() rejects with the error of its POST when the venue refuses both its POST and its GET", async () => {
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
	/** Returns a response with a body of 200 MB, and a function that tells how many megabytes of that body were read. */
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
	])(
		"a body of 200 MB with status %i leads to an IbkrError after at most two megabytes were read",
		async (status, expected) => {
			const { response, read } = endless(status);
			expect(await failure(clientOf(response).tickle())).toMatchObject({ status, ...expected });
			expect(read()).toBeLessThanOrEqual(2);
		},
	);

	it("a body of 200 MB with status 401 leads to the outcome no-session", async () => {
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
])("an error that the option `authorize` throws is never printed, not even in part: %s", async (_, make) => {
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

it("an IbkrError that the function in the option `authorize` throws is passed on, because it gives the reason and holds no secret", async () => {
	const details = { call: "POST /oauth/live_session_token", status: 401, venueCode: "invalid-consumer" };
	const refused = new IbkrError("venue", "status 401", { ...details, venueMessage: "id: 5, error: invalid consumer" });
	const authorize = () => Promise.reject(refused);
	expect(await failure(clientOf(() => new Response("{}"), { authorize }).tickle())).toBe(refused);
});

it("isIbkrError recognizes an Error by its member `brand`, whatever its class", () => {
	const foreign = Object.assign(new Error("x"), { brand: "@x/ibkr-session/IbkrError" });
	expect(isIbkrError(new IbkrError("reply", "x", { call: "POST /tickle" }))).toBe(true);
	expect(isIbkrError(foreign)).toBe(true);
	expect(isIbkrError({ brand: "@x/ibkr-session/IbkrError" })).toBe(false);
	expect(isIbkrError(new Error("x"))).toBe(false);
});
