import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { IbkrVenue, type IbkrVenueOptions } from "./ibkr.ts";
import { Link } from "./link.ts";
import { memoryWebSocket } from "./memory-socket.ts";
import type { WireReply, WireRequest } from "./venue.ts";

let venue: IbkrVenue;
let link: Link;

const begun: Link[] = [];

function begin(options: IbkrVenueOptions = {}): void {
	venue = new IbkrVenue(options);
	link = new Link(venue);
	begun.push(link);
}

const pull = (lever: string, args: Record<string, unknown> = {}): unknown => link.levers[lever]?.(args);

interface Asked {
	readonly body?: string;
	readonly headers?: Record<string, string>;
	readonly from?: string;
}

async function ask(method: string, path: string, { body = "", headers, from = "192.0.2.1" }: Asked = {}) {
	const length = method === "POST" ? { "content-length": String(body.length) } : {};
	const request: WireRequest = {
		method,
		url: new URL(
			path.startsWith("/oauth2") || path.startsWith("/gw") ? path : `/v1/api${path}`,
			"https://localhost:5000",
		),
		headers: headers ?? { "user-agent": "test", ...length },
		body,
		remoteAddress: from,
	};
	const reply: WireReply = await link.http(request);
	if (reply.kind !== "reply") throw new Error(reply.kind);
	const text = reply.body ?? "";
	return { status: reply.status, text, headers: reply.headers ?? {}, json: () => JSON.parse(text) as unknown };
}

const init = (compete: boolean) =>
	ask("POST", "/iserver/auth/ssodh/init", { body: JSON.stringify({ publish: true, compete }) });

beforeEach(() => {
	vi.useFakeTimers();
});

afterEach(() => {
	for (const one of begun.splice(0)) one.close();
	expect(vi.getTimerCount()).toBe(0);
	vi.useRealTimers();
});

describe("before the session", () => {
	beforeEach(() => begin());

	it("a POST without Content-Length is answered 411, a request without User-Agent 403 with HTML", async () => {
		expect((await ask("POST", "/tickle", { headers: { "user-agent": "test" } })).status).toBe(411);
		const refused = await ask("POST", "/tickle", { headers: { "content-length": "0" } });
		expect(refused).toMatchObject({ status: 403, text: expect.stringContaining("<html>") });
	});

	it("a path that does not exist is answered 404 with HTML and the connection closes", async () => {
		const reply = await ask("POST", "/reauthenticate");
		expect(reply).toMatchObject({ status: 404, headers: { connection: "close", "content-type": "text/html" } });
	});

	it("a second tickle within a second locks the address for 900 000 ms and no other one", async () => {
		expect((await ask("POST", "/tickle")).status).toBe(200);
		await vi.advanceTimersByTimeAsync(999);
		expect((await ask("POST", "/tickle")).status).toBe(429);
		await vi.advanceTimersByTimeAsync(899_999);
		expect((await ask("POST", "/iserver/auth/status")).status).toBe(429);
		expect((await ask("POST", "/iserver/auth/status", { from: "192.0.2.2" })).status).toBe(200);
		await vi.advanceTimersByTimeAsync(1);
		expect((await ask("POST", "/iserver/auth/status")).status).toBe(200);
	});

	it("a tickle after a second passes, as do ten calls of any kind in one second, and the eleventh does not", async () => {
		await ask("POST", "/tickle");
		await vi.advanceTimersByTimeAsync(1_000);
		expect((await ask("POST", "/tickle")).status).toBe(200);
		for (let call = 2; call <= 10; call++) expect((await ask("POST", "/iserver/auth/status")).status).toBe(200);
		expect((await ask("POST", "/iserver/auth/status")).status).toBe(429);
	});

	it("a validation is allowed once a minute", async () => {
		expect((await ask("GET", "/sso/validate")).status).toBe(200);
		await vi.advanceTimersByTimeAsync(60_000);
		expect((await ask("GET", "/sso/validate")).status).toBe(200);
		await vi.advanceTimersByTimeAsync(59_999);
		expect((await ask("GET", "/sso/validate")).status).toBe(429);
	});

	it("the penalty lever locks an address for as long as it is told", async () => {
		pull("penalty", { forMs: 1_000, address: "192.0.2.1" });
		expect((await ask("POST", "/tickle")).status).toBe(429);
		await vi.advanceTimersByTimeAsync(1_000);
		expect((await ask("POST", "/tickle")).status).toBe(200);
	});
});

describe("each call in each state", () => {
	const calls = ["POST /tickle", "POST /iserver/auth/status", "GET /iserver/accounts", "GET /portfolio/accounts"];
	const states = async (options: IbkrVenueOptions, reach: () => void | Promise<void> = () => undefined) => {
		begin({ pacing: false, ...options });
		await reach();
		const replies: (string | number)[] = [];
		for (const call of calls) {
			const [method = "", path = ""] = call.split(" ");
			const { status, text } = await ask(method, path);
			replies.push(text === "{}" ? "empty" : status);
		}
		return replies;
	};

	it("nobody logged in", async () => {
		expect(await states({ start: "none" })).toEqual([401, 200, 401, 401]);
		expect(await states({ start: "none", redirectToLogin: true, loggedOut: { status: 401 } })).toEqual([
			302, 302, 302, 302,
		]);
	});

	it("logged in without a brokerage session", async () => {
		expect(await states({ start: "login" })).toEqual([200, 200, 401, 200]);
		expect(await states({ start: "login", accountsWithoutBrokerage: 400 })).toEqual([200, 200, 400, 200]);
	});

	it("loading", async () => {
		const load = async () => void (await init(false));
		expect(await states({ start: "login" }, load)).toEqual([200, 200, "empty", 200]);
		expect(await states({ start: "login", accountsWhileLoading: 400 }, load)).toEqual([200, 200, 400, 200]);
	});

	it("live", async () => {
		expect(await states({})).toEqual([200, 200, 200, 200]);
	});

	it("competing", async () => {
		expect(await states({}, () => void pull("compete"))).toEqual([200, 200, "empty", 200]);
	});
});

describe("the brokerage session", () => {
	it("says what a real one says in its status", async () => {
		begin();
		expect((await ask("POST", "/iserver/auth/status")).json()).toMatchObject({
			authenticated: true,
			established: true,
			competing: false,
			connected: true,
			message: "",
			fail: "",
			serverInfo: { serverName: expect.any(String) },
			hardware_info: expect.stringMatching(/^[0-9a-f]{8}\|/),
		});
		await ask("POST", "/logout");
		expect((await ask("POST", "/iserver/auth/status")).json()).toEqual({
			authenticated: false,
			established: false,
			competing: false,
			connected: false,
			MAC: null,
		});
	});

	it("ends after 360 000 ms without a request, counted from the last one, and the login stays", async () => {
		begin();
		await vi.advanceTimersByTimeAsync(300_000);
		await ask("GET", "/portfolio/accounts");
		await vi.advanceTimersByTimeAsync(359_999);
		expect(venue.truth().brokerage).toBe("live");
		await vi.advanceTimersByTimeAsync(1);
		expect(venue.truth()).toMatchObject({ brokerage: "none", loggedIn: true });
	});

	it("is not kept by the request of a stranger", async () => {
		begin({ mode: "oauth1", start: "live" });
		await vi.advanceTimersByTimeAsync(300_000);
		expect((await ask("POST", "/tickle")).status).toBe(401);
		await vi.advanceTimersByTimeAsync(60_000);
		expect(venue.truth().brokerage).toBe("none");
	});

	it("loads for 2 000 ms after an init, which a live one does not change", async () => {
		begin({ start: "login" });
		expect((await init(false)).json()).toMatchObject({ passed: true, authenticated: true, established: false });
		await vi.advanceTimersByTimeAsync(1_999);
		expect(venue.truth().brokerage).toBe("loading");
		await vi.advanceTimersByTimeAsync(1);
		expect(venue.truth().brokerage).toBe("live");
		expect((await init(false)).json()).toMatchObject({ passed: true, established: true });
	});

	it.each([
		["JSON", '{"publish":false,"compete":false}', undefined, ""],
		["texts in JSON", '{"publish":"false"}', undefined, ""],
		["a form", "publish=false&compete=true", "application/x-www-form-urlencoded", ""],
		["the query", "", undefined, "?publish=false"],
	])("refuses publish:false with 500, given as %s", async (_, body, type, query) => {
		begin();
		const headers = {
			"user-agent": "x",
			"content-length": String(body.length),
			...(type ? { "content-type": type } : {}),
		};
		const reply = await ask("POST", `/iserver/auth/ssodh/init${query}`, { body, headers });
		expect(reply).toMatchObject({ status: 500 });
		expect(reply.json()).toEqual({ error: expect.any(String) });
	});

	it("yields: without compete an init is refused while another login holds the user, with competing false", async () => {
		begin();
		pull("compete", { forMs: 5_000 });
		expect((await init(false)).json()).toEqual({
			passed: false,
			authenticated: false,
			competing: false,
			connected: true,
		});
		await vi.advanceTimersByTimeAsync(5_000);
		expect(venue.truth()).toMatchObject({ rival: false, brokerage: "none" });
		expect((await init(false)).json()).toMatchObject({ passed: true });
	});

	it("is taken back with compete, and the other login leaves by the lever too", async () => {
		begin();
		pull("compete");
		expect((await init(true)).json()).toMatchObject({ passed: true });
		expect(venue.truth().rival).toBe(false);
		expect(pull("leave")).toBe(false);
		pull("compete");
		expect(pull("leave")).toBe(true);
	});

	it("of a key that can only force says so in the next status", async () => {
		begin({ start: "login", forceOnlyKey: true });
		expect((await init(false)).json()).toMatchObject({ passed: false, competing: false });
		expect((await ask("POST", "/iserver/auth/status")).json()).toMatchObject({
			fail: expect.stringContaining("Force compete"),
		});
		expect((await init(true)).json()).toMatchObject({ passed: true });
	});

	it("ends at the nightly reset: with the login at a gateway, without it over OAuth", async () => {
		begin();
		pull("reset");
		expect(venue.truth()).toMatchObject({ loggedIn: false, brokerage: "none" });
		pull("login");
		await vi.advanceTimersByTimeAsync(2_000);
		expect(venue.truth()).toMatchObject({ loggedIn: true, brokerage: "live" });
		begin({ mode: "oauth1", start: "live" });
		pull("reset");
		expect(venue.truth()).toMatchObject({ loggedIn: true, brokerage: "none" });
	});

	it("ends with the login after a day, whatever was asked meanwhile", async () => {
		begin({ loginMs: 10_000 });
		for (let second = 1; second < 10; second++) {
			await vi.advanceTimersByTimeAsync(1_000);
			expect((await ask("POST", "/tickle")).status).toBe(200);
		}
		await vi.advanceTimersByTimeAsync(1_000);
		expect(venue.truth()).toMatchObject({ loggedIn: false, brokerage: "none" });
	});
});

it("ssoExpires falls with time, is not raised by a tickle, and renews itself", async () => {
	begin();
	const expires = async () => ((await ask("POST", "/tickle")).json() as { ssoExpires: number }).ssoExpires;
	expect(await expires()).toBe(600_000);
	await vi.advanceTimersByTimeAsync(60_000);
	expect(await expires()).toBe(540_000);
	for (let minute = 0; minute < 9; minute++) {
		await vi.advanceTimersByTimeAsync(60_000);
		await ask("GET", "/portfolio/accounts");
	}
	expect(await expires()).toBe(600_000);
});

it("a logout is answered without a Content-Type", async () => {
	begin();
	const reply = await ask("POST", "/logout");
	expect(reply.json()).toEqual({ status: true });
	expect(reply.headers).not.toHaveProperty("content-type");
});

it("the answer lever replaces the next replies, of one path or of any", async () => {
	begin();
	pull("answer", { path: "/tickle", status: 503, times: 1 });
	expect((await ask("POST", "/iserver/auth/status")).status).toBe(200);
	expect(await ask("POST", "/tickle")).toMatchObject({ status: 503, text: "" });
	pull("answer", { status: 200, body: "<html></html>" });
	expect((await ask("GET", "/portfolio/accounts")).text).toBe("<html></html>");
});

describe("orders", () => {
	const place = () => ask("POST", "/iserver/account/DU0000001/orders", { body: '{"orders":[{"ticker":"AAPL"}]}' });

	it("need a live brokerage session whose accounts were asked for", async () => {
		begin({ start: "login" });
		expect(await place()).toMatchObject({ status: 401, text: "not authenticated" });
		await init(false);
		await vi.advanceTimersByTimeAsync(2_000);
		expect((await place()).json()).toEqual({ error: "Bad Request: Please query /accounts first", statusCode: 400 });
		await ask("GET", "/iserver/accounts");
		expect((await place()).json()).toMatchObject([{ order_status: "Submitted" }]);
		expect((await ask("GET", "/iserver/account/orders")).json()).toMatchObject({
			orders: [{ ticker: "AAPL", status: "Submitted" }],
		});
	});

	it.each(["idle", "compete", "expireSso", "reset"])("outlive the end of the session by %s", async (lever) => {
		begin();
		pull("place", { instrument: "MSFT" });
		pull(lever);
		await vi.advanceTimersByTimeAsync(86_400_000);
		expect(link.orders()).toMatchObject([{ instrument: "MSFT", state: "open" }]);
		expect(venue.truth().openOrders).toBe(1);
	});

	it("are cancelled by their owner alone", async () => {
		begin();
		const { id } = pull("place") as { id: string };
		await ask("GET", "/iserver/accounts");
		expect((await ask("DELETE", `/iserver/account/DU0000001/order/${id}`)).status).toBe(200);
		expect(link.orders()).toMatchObject([{ state: "cancelled", cancelReason: "Cancelled by user" }]);
	});
});

describe("the WebSocket", () => {
	const frames: Record<string, unknown>[] = [];
	const closes: number[] = [];

	function connect(path = "/v1/api/ws"): WebSocket {
		frames.length = 0;
		closes.length = 0;
		const socket = new (memoryWebSocket(link))(`wss://localhost:5000${path}`);
		socket.onmessage = ({ data }) => frames.push(JSON.parse(String(data)) as Record<string, unknown>);
		socket.onclose = ({ code }) => closes.push(code);
		return socket;
	}

	const topics = (): unknown[] => frames.map(({ topic, message }) => topic ?? message);

	async function recognised(): Promise<WebSocket> {
		const { session } = (await ask("POST", "/tickle")).json() as { session: string };
		const socket = connect();
		await vi.advanceTimersByTimeAsync(1);
		socket.send(JSON.stringify({ session }));
		await vi.advanceTimersByTimeAsync(100);
		return socket;
	}

	it("waits 3 000 ms for its session and then closes with 1000", async () => {
		begin();
		connect();
		await vi.advanceTimersByTimeAsync(2_999);
		expect([topics(), closes]).toEqual([["waiting for session"], []]);
		await vi.advanceTimersByTimeAsync(2);
		expect(closes).toEqual([1000]);
	});

	it("tells of itself after the session frame, then of the brokerage session", async () => {
		begin();
		await recognised();
		expect(topics()).toEqual(["waiting for session", "system", "act", "sts"]);
		expect(frames[3]).toMatchObject({ args: { authenticated: true, competing: false } });
	});

	it.each([(id: string) => `a=1; api=${id}`, (id: string) => `api={"session":"${id}"}`])(
		"knows its session by the cookie too, in the form of %s",
		async (cookie) => {
			begin();
			const { session } = (await ask("POST", "/tickle")).json() as { session: string };
			const sent: string[] = [];
			const headers = { host: "localhost:5000", cookie: cookie(session) };
			const url = new URL("wss://localhost:5000/v1/api/ws");
			const upgrade = link.upgrade({ method: "GET", url, headers, body: "", remoteAddress: "192.0.2.1" });
			if (upgrade.kind !== "accept") throw new Error(upgrade.kind);
			const nothing = (): void => undefined;
			upgrade.attach({ send: (data) => sent.push(String(data)), close: nothing, drop: nothing, silence: nothing });
			expect(sent).toEqual([JSON.stringify({ topic: "system", success: "sim-user", isFT: false, isPaper: true })]);
		},
	);

	it("tells nothing of a brokerage session that is not there", async () => {
		begin({ start: "login" });
		await recognised();
		expect(topics()).toEqual(["waiting for session", "system"]);
	});

	it("beats every 10 000 ms, answers a tic four times, and neither keeps the brokerage session", async () => {
		begin({ idleMs: 30_000 });
		const socket = await recognised();
		frames.length = 0;
		socket.send("tic");
		await vi.advanceTimersByTimeAsync(1);
		expect(topics()).toEqual(["tic", "tic", "tic", "tic"]);
		await vi.advanceTimersByTimeAsync(30_000);
		expect(frames.filter(({ hb }) => hb !== undefined)).toHaveLength(3);
		expect(frames).toContainEqual({ topic: "sts", args: { authenticated: false } });
	});

	it("tells an eviction in a partial frame", async () => {
		begin();
		await recognised();
		frames.length = 0;
		pull("compete");
		await vi.advanceTimersByTimeAsync(1);
		expect(frames).toEqual([
			{ topic: "sts", args: { authenticated: false } },
			{ topic: "sts", args: { competing: true } },
		]);
		expect(venue.truth().sockets).toBe(1);
	});

	it("is refused on another path, and over OAuth without a token in its address", async () => {
		begin({ mode: "oauth1" });
		connect("/ws");
		await vi.advanceTimersByTimeAsync(1);
		expect(closes).toEqual([1006]);
		connect();
		await vi.advanceTimersByTimeAsync(1);
		expect(closes).toEqual([1006]);
		connect("/v1/api/ws?oauth_token=x");
		await vi.advanceTimersByTimeAsync(1);
		expect(topics()).toEqual(["waiting for session"]);
	});
});

describe("OAuth", () => {
	it("1.0a needs a signed header for its tokens, and the live session token is the login", async () => {
		begin({ mode: "oauth1", pacing: false });
		expect((await ask("POST", "/oauth/live_session_token")).json()).toMatchObject({ statusCode: 401 });
		expect(venue.truth().loggedIn).toBe(false);
		const headers = { "user-agent": "x", "content-length": "0", authorization: "OAuth x" };
		await ask("POST", "/oauth/live_session_token", { headers });
		expect(venue.truth()).toMatchObject({ loggedIn: true, brokerage: "none" });
		const tickle = (await ask("POST", "/tickle", { headers })).json();
		expect(tickle).not.toHaveProperty("ssoExpires");
		expect((await ask("GET", "/sso/validate", { headers })).status).toBe(401);
	});

	it("2.0 refuses a form that is not the documented one and a bearer it did not give", async () => {
		begin({ mode: "oauth2" });
		const headers = {
			"user-agent": "x",
			"content-length": "1",
			authorization: "Bearer x",
			"content-type": "application/jwt",
		};
		expect((await ask("POST", "/oauth2/api/v1/token", { body: "grant_type=password" })).status).toBe(400);
		expect((await ask("POST", "/gw/api/v1/sso-sessions", { body: "a.b.c", headers })).json()).toMatchObject({
			status: 401,
		});
	});
});

it("the record of what was received has an end", async () => {
	begin({ pacing: false });
	for (let call = 0; call < 1_010; call++) await ask("POST", "/iserver/auth/status");
	expect(venue.received).toHaveLength(1_000);
});

it("what the levers give survives JSON", () => {
	begin();
	for (const lever of Object.keys(venue.levers)) {
		const result = pull(lever);
		if (result !== undefined) expect(JSON.parse(JSON.stringify(result))).toEqual(result);
	}
});
