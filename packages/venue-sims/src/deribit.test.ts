import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BareClient, callHttp, settle } from "./deribit/testing/bare-client.ts";
import { DeribitVenue, type DeribitVenueOptions } from "./deribit.ts";
import { memoryFetch } from "./memory-fetch.ts";
import { Link } from "./network-link.ts";

const { clientId, clientSecret } = DeribitVenue.defaults;
const credentials = { grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret };
const links: Link[] = [];

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
	for (const link of links.splice(0)) link.close();
	expect(vi.getTimerCount()).toBe(0);
	vi.useRealTimers();
});

async function stage(options: DeribitVenueOptions = {}) {
	const venue = new DeribitVenue(options);
	const link = new Link(venue);
	links.push(link);
	const trigger = (fault: keyof typeof link.faults, args: Record<string, unknown> = {}): unknown =>
		link.faults[fault](args);
	return {
		venue,
		link,
		trigger,
		bare: await BareClient.open(link),
		open: () => BareClient.open(link),
		truth: () => venue.truth(),
		http: (path: string, init?: RequestInit) => callHttp(link, path, init),
	};
}

describe("DeribitVenue over a WebSocket", () => {
	it("DeribitVenue replies without an id to a request without an id, and keeps the connection open after text that is not JSON-RPC", async () => {
		const { bare } = await stage();
		bare.send('{"jsonrpc":"2.0","method":"public/test"}');
		bare.send("hello");
		bare.send(new Uint8Array([1]));
		bare.send("[]");
		await settle();
		expect(bare.frames).toMatchObject([
			{ result: { version: "1.2.26" } },
			{ error: { code: 11050, message: "bad_request", data: "invalid json" } },
			{ error: { code: 11050 } },
			{ error: { code: 11050 } },
		]);
		expect(bare.frames.every((frame) => !("id" in frame))).toBe(true);
		expect(bare.closed).toBeUndefined();
	});

	it("DeribitVenue adds timestamps to a reply, and returns a string id unchanged", async () => {
		const { bare } = await stage();
		bare.send('{"id":"a","method":"public/get_time"}');
		await settle();
		expect(Object.keys(bare.frames[0] ?? {})).toEqual([
			"jsonrpc",
			"id",
			"result",
			"usIn",
			"usOut",
			"usDiff",
			"testnet",
		]);
		expect(bare.frames[0]).toMatchObject({ id: "a", testnet: true, result: Date.now() });
	});

	it("DeribitVenue refuses unknown methods, invalid params and frames that are too large", async () => {
		const { bare } = await stage();
		expect(await bare.ask("public/nothing")).toMatchObject({ error: { code: -32601 } });
		expect(await bare.ask("public/hello", { client_name: 5 })).toMatchObject({ error: { code: -32602 } });
		bare.send(JSON.stringify({ id: 99, method: "public/test", params: ["x".repeat(33_000)] }));
		await settle();
		expect(bare.frames.at(-1)).toMatchObject({ error: { code: -32600, message: "request entity too large" } });
	});

	it("DeribitVenue refuses private calls before public/auth, and private calls with another connection's token", async () => {
		const { bare, open } = await stage();
		expect(await bare.ask("private/get_open_orders")).toMatchObject({
			error: { code: 13009, data: { reason: "invalid_token" } },
		});
		const { result } = (await bare.ask("public/auth", credentials)) as { result: { access_token: string } };
		const other = await open();
		const access = { access_token: result.access_token };
		expect(await other.ask("private/get_open_orders", access)).toMatchObject({ error: { code: 13009 } });
		expect(await bare.ask("private/get_open_orders", access)).toMatchObject({ result: [] });
	});
});

describe("DeribitVenue over HTTP", () => {
	it("DeribitVenue over HTTP replies 200 on success and 400 on an error, and returns the id in the body of a POST", async () => {
		const { http } = await stage();
		const asked = await http("/public/test");
		expect(asked).toMatchObject({ status: 200, body: { result: { version: "1.2.26" } } });
		expect(asked.body).not.toHaveProperty("id");
		const body = JSON.stringify({ jsonrpc: "2.0", id: 7, method: "public/get_time" });
		expect(await http("", { method: "POST", body })).toMatchObject({ status: 200, body: { id: 7 } });
		expect(await http("/public/test?expected_result=exception")).toMatchObject({ status: 400 });
	});

	it("DeribitVenue over HTTP refuses WebSocket-only methods with 10030, and enable_cancel_on_disconnect unless its scope is account", async () => {
		const { http, truth } = await stage();
		expect(await http("/public/set_heartbeat?interval=10")).toMatchObject({
			status: 400,
			body: { error: { code: 10030 } },
		});
		const login = await http(`/public/auth?${new URLSearchParams(credentials)}`);
		const token = (login.body as { result: { access_token: string } }).result.access_token;
		const headers = { authorization: `Bearer ${token}` };
		const enable = "/private/enable_cancel_on_disconnect";
		expect(await http(enable, { headers })).toMatchObject({ body: { error: { code: 10030 } } });
		expect(await http(`${enable}?scope=account`, { headers })).toMatchObject({ status: 200, body: { result: "ok" } });
		expect(truth().accountArmed).toBe(true);
	});
});

describe("DeribitVenue limits", () => {
	it("DeribitVenue refuses the 33rd connection from an IP address with 429", async () => {
		const { link, open } = await stage();
		for (let count = 2; count <= 32; count += 1) await open();
		expect(
			link.upgrade({ method: "GET", url: new URL("wss://x"), headers: {}, body: "", remoteAddress: "127.0.0.1" }),
		).toMatchObject({
			status: 429,
		});
		expect((await memoryFetch(link)("https://test.deribit.com/api/v2/public/test")).status).toBe(429);
		expect((await memoryFetch(link, "10.0.0.2")("https://test.deribit.com/api/v2/public/test")).status).toBe(200);
	});

	it("DeribitVenue allows 100 calls at once, then 20 calls per second; a call above this limit fails with 10028 and closes the connection", async () => {
		const { bare } = await stage();
		for (let count = 1; count <= 100; count += 1) expect(await bare.ask("public/test")).toHaveProperty("result");
		await vi.advanceTimersByTimeAsync(50);
		expect(await bare.ask("public/test")).toHaveProperty("result");
		expect(await bare.ask("public/test")).toMatchObject({ error: { code: 10028, message: "too_many_requests" } });
		expect(bare.closed).toMatchObject({ code: 1008 });
	});
});

describe("DeribitVenue maintenance", () => {
	it("maintenance of DeribitVenue is announced to subscribers, closes all connections, and refuses new ones until it ends", async () => {
		const { bare, trigger, link, http, open } = await stage();
		expect(await bare.ask("public/subscribe", { channels: ["platform_state", "nothing"] })).toMatchObject({
			result: ["platform_state"],
		});
		trigger("maintenance");
		await settle();
		expect(bare.frames.at(-1)).toMatchObject({ params: { channel: "platform_state", data: { maintenance: true } } });
		expect(bare.closed).toMatchObject({ code: 1001 });
		expect(await http("/public/test")).toMatchObject({ status: 400, body: { error: { code: 11051 } } });
		expect((await open()).closed).toMatchObject({ code: 1006 });
		trigger("maintenance", { on: false });
		await open();
		expect(link.connections).toBe(1);
	});
});

describe("DeribitVenue faults", () => {
	it("fault place of DeribitVenue places an order over the newest authenticated connection", async () => {
		const { bare, open, trigger } = await stage();
		expect(() => trigger("place")).toThrow("no authenticated connection");
		await bare.ask("public/auth", credentials);
		await open();
		expect(trigger("place", { instrument: "ETH" })).toMatchObject({ instrument: "ETH", connection: "connection-1" });
	});

	it("fault place of DeribitVenue returns the order object itself, which shows later changes of its state", async () => {
		const { bare, trigger } = await stage();
		await bare.ask("public/auth", credentials);
		const order = trigger("place");
		expect(order).toMatchObject({ state: "open" });
		await bare.ask("private/cancel_all");
		expect(order).toMatchObject({ state: "cancelled", cancelReason: "user_request" });
	});

	it("fault suppressAnswers of DeribitVenue withholds the replies to all or some methods, but still executes the calls", async () => {
		const { bare, trigger, truth } = await stage();
		await bare.ask("public/auth", credentials);
		trigger("suppressAnswers", { methods: ["private/enable_cancel_on_disconnect"] });
		expect(await bare.ask("private/enable_cancel_on_disconnect")).toEqual({});
		expect(truth().connections[0]?.armed).toBe(true);
		expect(await bare.ask("public/test")).toHaveProperty("result");
		trigger("suppressAnswers");
		expect(await bare.ask("public/test")).toEqual({});
		trigger("suppressAnswers", { on: false });
		expect(await bare.ask("public/test")).toHaveProperty("result");
	});

	it("fault refuse of DeribitVenue makes the next requests fail with the given error, without executing them", async () => {
		const { bare, trigger, truth } = await stage();
		await bare.ask("public/auth", credentials);
		const arm = () => bare.ask("private/enable_cancel_on_disconnect");
		trigger("refuse", { code: 11042, methods: ["private/enable_cancel_on_disconnect"], times: 2 });
		expect(await bare.ask("public/test")).toHaveProperty("result");
		for (const _ of [1, 2]) {
			expect(await arm()).toMatchObject({ error: { code: 11042, message: "permission_denied" } });
		}
		expect(truth().connections).toMatchObject([{ armed: false }]);
		expect(await arm()).toHaveProperty("result");
		trigger("refuse", { code: -32602, data: { reason: "x", param: "y" } });
		expect(await bare.ask("public/test")).toMatchObject({ error: { code: -32602, data: { reason: "x", param: "y" } } });
		expect(await bare.ask("public/test")).toHaveProperty("result");
		expect(() => trigger("refuse", { code: "11042" })).toThrow('code must be a number, got "11042".');
		trigger("refuse", { code: 13021 });
		trigger("refuse");
		expect(await bare.ask("public/test")).toHaveProperty("result");
	});

	it("faults of DeribitVenue return JSON-serializable results, and the property received lists the requests", async () => {
		const { bare, venue, trigger } = await stage();
		await bare.ask("public/auth", credentials);
		trigger("place");
		expect(JSON.parse(JSON.stringify(trigger("truth")))).toEqual(venue.truth());
		expect(venue.received).toMatchObject([{ method: "public/auth", via: "connection-1" }]);
	});
});
