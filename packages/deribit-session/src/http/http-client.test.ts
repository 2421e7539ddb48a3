import { inspect } from "node:util";
import { DeribitVenue, Link, memoryFetch, serve } from "@x/venue-sims";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createDeribitHttp } from "./http-client.ts";

const { clientId, clientSecret } = DeribitVenue.defaults;
const credentials = { grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret } as const;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A fetch function that returns the given response and records the requests. */
function respondWith(status: number, body: string, requests: { url: string; init: RequestInit }[] = []): typeof fetch {
	return async (url, init = {}) => {
		requests.push({ url: String(url), init });
		return new Response(body, { status });
	};
}

describe("createDeribitHttp", () => {
	it("createDeribitHttp sends the parameters in the query", async () => {
		const venue = new DeribitVenue();
		const http = createDeribitHttp({ fetch: memoryFetch(new Link(venue)) });
		expect(await http.request("public/test")).toEqual({ version: "1.2.26" });
		expect(await http.request("public/get_time")).toBe(Date.now());
		await expect(http.request("public/test", { expected_result: "exception" })).rejects.toMatchObject({
			kind: "venue",
			venueCode: 10001,
			status: 400,
		});
		expect(venue.received.map(({ via }) => via)).toEqual(["http", "http", "http"]);
	});

	it("createDeribitHttp sends only own members of the params object, none from its prototype", async () => {
		const requests: { url: string; init: RequestInit }[] = [];
		const http = createDeribitHttp({ fetch: respondWith(200, '{"result":{"version":"1"}}', requests) });
		const inherited: { expected_result?: "exception" } = Object.create({ expected_result: "exception" });
		await http.request("public/test", inherited);
		expect(requests.map(({ url }) => url)).toEqual(["https://www.deribit.com/api/v2/public/test"]);
	});

	it("createDeribitHttp sends secrets in the body of a POST, not in the URL", async () => {
		const requests: { url: string; init: RequestInit }[] = [];
		const answer = { access_token: "a", token_type: "bearer", expires_in: 1, refresh_token: "r", scope: "s" };
		const fetch = respondWith(200, JSON.stringify({ result: answer }), requests);
		const http = createDeribitHttp({ fetch, url: "https://test.deribit.com/api/v2" });
		expect(await http.request("public/auth", credentials)).toEqual(answer);
		// Redirects are not followed, because a redirect would send the body with its secrets to another address.
		const init = { method: "POST", redirect: "manual" };
		expect(requests).toMatchObject([{ url: "https://test.deribit.com/api/v2/public/auth", init }]);
		expect(JSON.parse(String(requests[0]?.init.body))).toMatchObject({ method: "public/auth", params: credentials });
	});

	it("createDeribitHttp gets, forks and exchanges tokens, and fails when a refresh token is spent (-32602)", async () => {
		const http = createDeribitHttp({ fetch: memoryFetch(new Link(new DeribitVenue())) });
		const first = await http.request("public/auth", { ...credentials, scope: "session:desk" });
		expect(first.expires_in).toBe(900);
		const renew = { grant_type: "refresh_token", refresh_token: first.refresh_token } as const;
		const second = await http.request("public/auth", renew);
		expect(second.scope).toContain("session:desk");
		await expect(http.request("public/auth", renew)).rejects.toMatchObject({ venueCode: -32602 });
		const forked = { refresh_token: second.refresh_token, session_name: "desk-2" };
		expect((await http.request("public/fork_token", forked)).scope).toContain("session:desk-2");
		const exchanged = { refresh_token: second.refresh_token, subject_id: 2 };
		expect(await http.request("public/exchange_token", exchanged)).toMatchObject({ token_type: "bearer" });
	});

	it("createDeribitHttp reads the access token at each call and sends it as a bearer token", async () => {
		const requests: { url: string; init: RequestInit }[] = [];
		const tokens = ["one", "two"];
		const fetch = respondWith(200, '{"result":5}', requests);
		const http = createDeribitHttp({ fetch, accessToken: () => tokens.shift() });
		for (let call = 0; call < 3; call += 1) await http.request("public/get_time");
		expect(requests.map(({ init }) => (init.headers as Record<string, string>)["authorization"])).toEqual([
			"Bearer one",
			"Bearer two",
			undefined,
		]);
	});
});

describe("DeribitHttp.request", () => {
	it.each([
		["a login page", "reply", 200, "<html>secret</html>"],
		["a redirect", "http", 302, ""],
		["an empty 401", "http", 401, ""],
		["a proxy's page", "http", 503, "<html>secret"],
		["an array", "reply", 200, "[]"],
		["a result with status 201", "http", 201, '{"result":5}'],
		["a wrong type", "reply", 200, '{"result":"secret"}'],
	])("request() fails without quoting the response if the response is %s (kind %s)", async (_, kind, status, body) => {
		const http = createDeribitHttp({ fetch: respondWith(status, body) });
		const error: unknown = await http.request("public/get_time").catch((thrown) => thrown);
		expect(error).toMatchObject({ kind, status, call: "public/get_time" });
		expect(inspect(error)).not.toContain("secret");
	});

	it("request() fails with kind `http` when the status is 429", async () => {
		const http = createDeribitHttp({ fetch: memoryFetch(new Link(new DeribitVenue({ maxConnections: 0 }))) });
		await expect(http.request("public/test")).rejects.toMatchObject({ kind: "http", status: 429 });
	});

	it("request() reads at most about a megabyte of a body that does not end, and then fails with kind reply", async () => {
		let sent = 0;
		const chunk = new TextEncoder().encode(`{"result":"${"x".repeat(100_000)}`);
		const pull = (controller: ReadableStreamDefaultController): void => {
			sent += 1;
			controller.enqueue(chunk);
		};
		const fetch = async () => new Response(new ReadableStream({ pull }));
		const error: unknown = await createDeribitHttp({ fetch })
			.request("public/test")
			.catch((thrown) => thrown);
		expect(error).toMatchObject({ kind: "reply", path: "/", status: 200 });
		expect(String(error)).toContain("it has more than 1000000 bytes");
		expect(sent).toBeLessThan(15);
	});

	it("request() shows the start of a venue error that is almost a megabyte long", async () => {
		const message = `refused ${"x".repeat(400_000)}`;
		const body = JSON.stringify({ error: { code: 11050, message, data: { reason: message } } });
		const http = createDeribitHttp({ fetch: respondWith(400, body), accessToken: "secret" });
		const error: unknown = await http.request("public/test").catch((thrown) => thrown);
		expect(error).toMatchObject({ kind: "venue", venueCode: 11050 });
		expect(String(error).length).toBeLessThan(1_000);
	});

	it("request() switches the account's cancel-on-disconnect on and off, and reads it back", async () => {
		const venue = new DeribitVenue();
		const fetch = memoryFetch(new Link(venue));
		const { access_token: accessToken } = await createDeribitHttp({ fetch }).request("public/auth", {
			...credentials,
			scope: "session:desk",
		});
		const http = createDeribitHttp({ fetch, accessToken });
		const account = { scope: "account" } as const;
		expect(await http.request("private/enable_cancel_on_disconnect", account)).toBe("ok");
		expect(await http.request("private/get_cancel_on_disconnect", account)).toEqual({
			scope: "account",
			enabled: true,
		});
		expect(venue.truth().accountArmed).toBe(true);
		expect(await http.request("private/disable_cancel_on_disconnect", account)).toBe("ok");
		expect(venue.truth().accountArmed).toBe(false);
		// The cast allows a wrong call that the compiler would otherwise reject.
		const wrong = http.request("private/enable_cancel_on_disconnect", { scope: "connection" } as never);
		await expect(wrong).rejects.toMatchObject({ venueCode: 10030, status: 400 });
	});

	it("request() times out at the deadline when the fetch function ignores the abort signal", async () => {
		const fetch = () => new Promise<Response>(() => undefined);
		const http = createDeribitHttp({ fetch, callTimeoutMs: 2_000 });
		const settled = vi.fn();
		void http.request("public/test").catch(settled);
		await vi.advanceTimersByTimeAsync(1_999);
		expect(settled).not.toHaveBeenCalled();
		await vi.advanceTimersByTimeAsync(1);
		expect(settled).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ kind: "timeout" }));
	});

	it("request() times out at the deadline when the body never ends", async () => {
		const body = new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode("{")) });
		const http = createDeribitHttp({ fetch: async () => new Response(body) });
		const call = expect(http.request("public/test", {}, { timeoutMs: 100 })).rejects.toMatchObject({ kind: "timeout" });
		await vi.advanceTimersByTimeAsync(100);
		await call;
	});

	it("request() fails with kind `aborted` when the caller's signal aborts", async () => {
		const link = new Link(new DeribitVenue());
		link.partition();
		const controller = new AbortController();
		const http = createDeribitHttp({ fetch: memoryFetch(link) });
		const call = expect(http.request("public/test", {}, { signal: controller.signal })).rejects.toMatchObject({
			kind: "aborted",
		});
		await vi.advanceTimersByTimeAsync(10);
		controller.abort();
		await call;
		expect(vi.getTimerCount()).toBe(0);
	});

	it("request() fails with kind `network` and no secret in the cause when fetch throws", async () => {
		const fetch = async (): Promise<Response> => {
			throw Object.assign(new TypeError(`failed with ${clientSecret}`), { request: credentials });
		};
		const error: unknown = await createDeribitHttp({ fetch })
			.request("public/auth", credentials)
			.catch((thrown) => thrown);
		expect(error).toMatchObject({ kind: "network", cause: { name: "TypeError" } });
		expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(clientSecret);
	});
});

it("createDeribitHttp returns a client that makes calls over a real HTTP connection", async () => {
	vi.useRealTimers();
	const served = await serve(new Link(new DeribitVenue()));
	const http = createDeribitHttp({ url: `${served.http}/api/v2/` });
	expect(await http.request("public/status")).toEqual({ locked: "false" });
	expect(await http.request("public/auth", credentials)).toMatchObject({ token_type: "bearer" });
	await served.close();
});
