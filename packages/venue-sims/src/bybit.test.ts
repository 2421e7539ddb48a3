import { createHmac, createSign, generateKeyPairSync } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BybitVenue, type BybitVenueOptions, bybitSimKey } from "./bybit.ts";
import { Link } from "./link.ts";
import { memoryFetch } from "./memory-fetch.ts";
import { memoryWebSocket } from "./memory-socket.ts";

const { apiKey, apiSecret } = bybitSimKey;
const hmac = (text: string): string => createHmac("sha256", apiSecret).update(text).digest("hex");
const epoch = 1_794_182_400_000;
const venues: BybitVenue[] = [];

interface Frame {
	[name: string]: unknown;
}

interface Connection {
	frames: Frame[];
	closed: number[];
	send(frame: object | string): Promise<Frame | undefined>;
	auth(): Promise<Frame | undefined>;
	subscribe(topic: string): Promise<Frame | undefined>;
	ping(): Promise<Frame | undefined>;
	close(): Promise<void>;
}

function start(options: BybitVenueOptions = {}) {
	const venue = new BybitVenue(options);
	venues.push(venue);
	const link = new Link(venue);
	const fetch = memoryFetch(link);
	const Socket = memoryWebSocket(link);

	async function call(method: "GET" | "POST", path: string, payload = "", changed: Record<string, string> = {}) {
		const timestamp = changed["x-bapi-timestamp"] ?? String(Date.now());
		const headers: Record<string, string> = {
			"x-bapi-api-key": apiKey,
			"x-bapi-timestamp": timestamp,
			"x-bapi-recv-window": "5000",
			"x-bapi-sign": hmac(`${timestamp}${apiKey}5000${payload}`),
			...changed,
		};
		const url = `https://api.bybit.com${path}${method === "GET" && payload ? `?${payload}` : ""}`;
		return fetch(url, { method, headers, ...(method === "POST" ? { body: payload } : {}) });
	}
	const get = async (path: string, query = ""): Promise<Frame> =>
		(await call("GET", path, query)).json() as Promise<Frame>;
	const post = async (path: string, body: object): Promise<Frame> =>
		(await call("POST", path, JSON.stringify(body))).json() as Promise<Frame>;

	async function connect(search = "?max_active_time=30s"): Promise<Connection> {
		const socket = new Socket(`wss://stream.bybit.com/v5/private${search}`);
		const frames: Frame[] = [];
		const closed: number[] = [];
		socket.addEventListener("message", (event) => frames.push(JSON.parse(String(event.data)) as Frame));
		socket.addEventListener("close", (event) => closed.push(event.code));
		await vi.advanceTimersByTimeAsync(0);
		const send = async (frame: object | string): Promise<Frame | undefined> => {
			const before = frames.length;
			socket.send(typeof frame === "string" ? frame : JSON.stringify(frame));
			await vi.advanceTimersByTimeAsync(0);
			return frames.slice(before).at(-1);
		};
		return {
			frames,
			closed,
			send,
			auth: () => send({ op: "auth", args: [apiKey, Date.now() + 1, hmac(`GET/realtime${Date.now() + 1}`)] }),
			subscribe: (topic) => send({ op: "subscribe", args: [topic] }),
			ping: () => send({ op: "ping" }),
			close: async () => {
				socket.close();
				await vi.advanceTimersByTimeAsync(0);
			},
		};
	}
	/** A connection that counts for derivatives. */
	async function subscribed(search?: string): Promise<Connection> {
		const connection = await connect(search);
		await connection.auth();
		await connection.subscribe("dcp.future");
		return connection;
	}
	const lever = (name: string, args: Frame = {}): unknown => venue.levers[name]?.(args);
	const state = (): string => venue.truth().DERIVATIVES.state;
	const open = (): number => venue.orders().filter((order) => order.state === "open").length;
	return { venue, link, call, get, post, connect, subscribed, lever, state, open };
}

const setPath = "/v5/order/disconnected-cancel-all";
const queryPath = "/v5/account/query-dcp-info";

beforeEach(() => {
	vi.useFakeTimers({ now: epoch });
});

afterEach(() => {
	for (const venue of venues.splice(0)) venue.close();
	vi.useRealTimers();
});

describe("signatures", () => {
	it("cover timestamp, key, window and the payload exactly as sent", async () => {
		const { call, get } = start();
		expect(await get(queryPath)).toMatchObject({ retCode: 0 });
		const pretty = '{\n  "timeWindow": 40, "product": "SPOT"}';
		expect(await (await call("POST", setPath, pretty)).json()).toEqual({ retCode: 0, retMsg: "success" });
		const other = { "x-bapi-sign": hmac(`${epoch}${apiKey}5000{"timeWindow":40}`) };
		expect(await (await call("POST", setPath, '{"timeWindow": 40}', other)).json()).toMatchObject({
			retCode: 10004,
			retMsg: `error sign! origin_string[${epoch}${apiKey}5000{"timeWindow": 40}]`,
			result: {},
		});
	});

	it("of a query string are over its encoded form", async () => {
		const { get } = start();
		expect(await get("/v5/order/realtime", "category=linear&symbol=A%20B")).toMatchObject({ retCode: 0 });
	});

	it("may be RSA where the account has such a key", async () => {
		const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
		const { call } = start({ rsaPublicKey: publicKey.export({ type: "spki", format: "pem" }).toString() });
		const sign = createSign("RSA-SHA256").update(`${epoch}${apiKey}5000`).sign(privateKey, "base64");
		expect(await (await call("GET", queryPath, "", { "x-bapi-sign": sign })).json()).toMatchObject({ retCode: 0 });
		expect(await (await call("GET", queryPath)).json()).toMatchObject({ retCode: 10004 });
	});

	it("of a wrong key are not looked at, and without headers there is no envelope", async () => {
		const { call, venue } = start();
		expect(await (await call("GET", queryPath, "", { "x-bapi-api-key": "x" })).json()).toMatchObject({
			retCode: 10003,
		});
		const bare = await memoryFetch(new Link(venue))(`https://api.bybit.com${queryPath}`);
		expect([bare.status, await bare.text()]).toEqual([401, ""]);
	});
});

describe("the time rule", () => {
	it.each([
		[-5_000, 0],
		[-5_001, 10002],
		[999, 0],
		[1_000, 10002],
	])("judges a timestamp %i ms from the venue's clock with %i", async (offset, retCode) => {
		const { call, lever } = start();
		lever("skew", { ms: 7_000 });
		const timestamp = String(epoch + 7_000 + offset);
		const reply = (await (await call("GET", queryPath, "", { "x-bapi-timestamp": timestamp })).json()) as Frame;
		expect(reply["retCode"]).toBe(retCode);
		if (retCode === 10002) {
			expect(reply["retMsg"]).toContain(
				`req_timestamp[${timestamp}],server_timestamp[${epoch + 7_000}],recv_window[5000]`,
			);
		}
	});
});

describe("the configuration", () => {
	it("of a product left out is that of options", async () => {
		const { post, get } = start({ settleMs: 0 });
		await post(setPath, { timeWindow: 40 });
		const { result } = await get(queryPath);
		expect(result).toEqual({
			dcpInfos: [
				{ product: "DERIVATIVES", dcpStatus: "ON", timeWindow: "10" },
				{ product: "SPOT", dcpStatus: "ON", timeWindow: "10" },
				{ product: "OPTIONS", dcpStatus: "ON", timeWindow: "40" },
			],
		});
	});

	it("is in force ten seconds after it was set, and not a millisecond before", async () => {
		const { post, venue } = start();
		await post(setPath, { product: "SPOT", timeWindow: 40 });
		await vi.advanceTimersByTimeAsync(9_999);
		expect(venue.truth().SPOT).toMatchObject({ windowSeconds: 10, settlingSeconds: 40 });
		await vi.advanceTimersByTimeAsync(1);
		expect(venue.truth().SPOT).toMatchObject({ windowSeconds: 40, settlingSeconds: null });
	});

	it.each([2, 301, 10.5, "10", null])("with a window of %j is refused with 10001", async (timeWindow) => {
		expect(await start().post(setPath, { product: "SPOT", timeWindow })).toMatchObject({ retCode: 10001 });
	});

	it("of a product that does not exist is refused, and of one not enabled too, unless told otherwise", async () => {
		expect(await start().post(setPath, { product: "OPTION", timeWindow: 10 })).toMatchObject({ retCode: 10001 });
		const body = { product: "SPOT", timeWindow: 10 };
		expect(await start({ enabled: [] }).post(setPath, body)).toMatchObject({ retCode: 10005 });
		expect(await start({ enabled: [], setWhenNotEnabled: "accept" }).post(setPath, body)).toMatchObject({ retCode: 0 });
	});

	it.each([
		["array", { dcpInfos: [] }],
		["null", { dcpInfos: null }],
		["absent", {}],
	] as const)("of an account without protection is an empty result (%s)", async (emptyList, result) => {
		expect(await start({ enabled: [], emptyList }).get(queryPath)).toMatchObject({ retCode: 0, result });
	});
});

describe("limits", () => {
	it("let five calls a second pass, with the three headers, and say when the sixth may", async () => {
		const { call } = start();
		for (let index = 0; index < 5; index += 1) {
			const { headers } = await call("GET", queryPath);
			expect([headers.get("x-bapi-limit"), headers.get("x-bapi-limit-status")]).toEqual(["5", String(4 - index)]);
			await vi.advanceTimersByTimeAsync(100);
		}
		const refused = await call("GET", queryPath);
		expect(await refused.json()).toMatchObject({ retCode: 10006 });
		expect(refused.headers.get("x-bapi-limit-reset-timestamp")).toBe(String(epoch + 1_000));
		await vi.advanceTimersByTimeAsync(500);
		expect(await (await call("GET", queryPath)).json()).toMatchObject({ retCode: 0 });
	});

	it("ban an address after its calls, for HTTP and new connections, until ten minutes are over", async () => {
		const { call, connect } = start({ addressCalls: 3, dcpCallsPerSecond: 100 });
		for (let index = 0; index < 3; index += 1) expect((await call("GET", queryPath)).status).toBe(200);
		const banned = await call("GET", queryPath);
		expect([banned.status, await banned.text()]).toEqual([403, "access too frequent"]);
		expect((await connect()).closed).toEqual([1006]);
		await vi.advanceTimersByTimeAsync(599_999);
		expect((await call("GET", queryPath)).status).toBe(403);
		await vi.advanceTimersByTimeAsync(1);
		expect((await call("GET", queryPath)).status).toBe(200);
	});

	it("refuse new connections beyond those of five minutes", async () => {
		const { connect } = start({ connectionsPerFiveMinutes: 2 });
		await connect();
		await connect();
		expect((await connect()).closed).toEqual([1006]);
	});
});

describe("the private socket", () => {
	it("answers in the venue's shapes, with a request id only where one was sent", async () => {
		const { connect } = start();
		const connection = await connect();
		const conn_id = expect.any(String);
		expect(await connection.auth()).toEqual({ success: true, ret_msg: "", op: "auth", conn_id });
		expect(await connection.send({ req_id: "a", op: "subscribe", args: ["dcp.spot"] })).toEqual({
			req_id: "a",
			success: true,
			ret_msg: "",
			op: "subscribe",
			conn_id,
		});
		expect(await connection.ping()).toEqual({ op: "pong", args: [String(epoch)], conn_id });
	});

	it.each([
		["an expiry that has passed", () => [apiKey, epoch, hmac(`GET/realtime${epoch}`)], "Params Error"],
		["another signature", () => [apiKey, epoch + 1, hmac("x")], "Params Error"],
		["two arguments", () => [apiKey, epoch + 1], "Params Error"],
		["another key", () => ["x", epoch + 1, ""], "API key is invalid."],
	])("refuses auth with %s and stays open", async (_, args, ret_msg) => {
		const { connect } = start();
		const connection = await connect();
		expect(await connection.send({ op: "auth", args: args() })).toMatchObject({ op: "auth", success: false, ret_msg });
		expect(await connection.auth()).toMatchObject({ success: true });
	});

	it("refuses in the words that others have seen", async () => {
		const { connect, state } = start();
		const connection = await connect();
		expect(await connection.subscribe("dcp.future")).toMatchObject({
			success: false,
			ret_msg: "Request not authorized",
		});
		expect(state()).toBe("idle");
		await connection.auth();
		await connection.subscribe("dcp.future");
		expect(await connection.subscribe("dcp.future")).toMatchObject({
			ret_msg: "error:already subscribed,topic:dcp.future",
		});
		expect(await connection.subscribe("tickers.X")).toMatchObject({
			ret_msg: "error:handler not found,topic:tickers.X",
		});
		expect(await connection.send({ op: "dance" })).toMatchObject({ ret_msg: "error:invalid op" });
		expect(await connection.send("{")).toMatchObject({ ret_msg: "Failed to decode incoming data:" });
	});

	it("is there on the private path only", async () => {
		const { link } = start();
		const socket = new (memoryWebSocket(link))("wss://stream.bybit.com/v5/public/linear");
		const closed = new Promise((resolve) => socket.addEventListener("close", ({ code }) => resolve(code)));
		expect(await closed).toBe(1006);
	});
});

describe("the idle rule", () => {
	it.each([
		["?max_active_time=45s", 60_000],
		["?max_active_time=1m", 60_000],
		["", 600_000],
		["?max_active_time=10s", 600_000],
		["?max_active_time=601s", 600_000],
		["?max_active_time=soon", 600_000],
	])("of the address %j cuts a silent connection at the first scan after its limit", async (search, cutAt) => {
		const { subscribed, state } = start();
		const connection = await subscribed(search);
		await vi.advanceTimersByTimeAsync(cutAt - 1);
		expect(connection.closed).toEqual([]);
		await vi.advanceTimersByTimeAsync(1);
		expect(connection.closed).toEqual([1006]);
		expect(state()).toBe("counting");
	});

	it("counts from the last ping, and never cuts one that pings", async () => {
		const { subscribed } = start();
		const connection = await subscribed();
		await vi.advanceTimersByTimeAsync(15_000);
		await connection.ping();
		await vi.advanceTimersByTimeAsync(44_999);
		expect(connection.closed).toEqual([]);
		await vi.advanceTimersByTimeAsync(1);
		expect(connection.closed).toEqual([1006]);
	});

	it("finds a half-open connection, whose client hears nothing of it", async () => {
		const { subscribed, link, lever, open } = start();
		const connection = await subscribed();
		lever("place", { product: "DERIVATIVES" });
		link.halfOpen();
		await vi.advanceTimersByTimeAsync(39_999);
		expect([open(), connection.closed]).toEqual([1, []]);
		await vi.advanceTimersByTimeAsync(1);
		expect([open(), connection.closed]).toEqual([0, []]);
	});
});

describe("the countdown", () => {
	it("cancels the product's orders, and no other's, when the last subscribed connection is gone for the window", async () => {
		const { subscribed, lever, venue, state, get } = start();
		const connection = await subscribed();
		for (const product of ["DERIVATIVES", "SPOT", "OPTIONS"]) lever("place", { product });
		await connection.close();
		expect(venue.truth().DERIVATIVES).toMatchObject({
			state: "counting",
			deadline: epoch + 10_000,
			liveConnections: 0,
		});
		await vi.advanceTimersByTimeAsync(9_999);
		expect(venue.orders().map((order) => order.state)).toEqual(["open", "open", "open"]);
		await vi.advanceTimersByTimeAsync(1);
		expect(venue.orders().map((order) => order.state)).toEqual(["cancelled", "open", "open"]);
		expect(state()).toBe("triggered");
		expect(await get("/v5/order/history", "category=linear")).toMatchObject({
			result: { list: [{ orderStatus: "Cancelled", cancelType: "CancelByDCP" }] },
		});
	});

	it("does not start while another subscribed connection lives, and one that is not subscribed does not help", async () => {
		const { subscribed, connect, state } = start();
		const [a, b, c] = [await subscribed(), await connect(), await subscribed()];
		await b.auth();
		await a.close();
		expect(state()).toBe("armed");
		await c.close();
		expect(state()).toBe("counting");
	});

	it("never starts without a subscription", async () => {
		const { connect, state, lever, open } = start();
		const connection = await connect();
		await connection.auth();
		lever("place");
		await connection.close();
		await vi.advanceTimersByTimeAsync(600_000);
		expect([state(), open()]).toEqual(["idle", 1]);
	});

	it("stops when somebody comes back, subscribes and pings, and runs anew at the next loss", async () => {
		const { subscribed, state, lever, open } = start();
		await (await subscribed()).close();
		lever("place");
		await vi.advanceTimersByTimeAsync(9_000);
		const back = await subscribed();
		expect(state()).toBe("counting");
		await back.ping();
		expect(state()).toBe("armed");
		await vi.advanceTimersByTimeAsync(5_000);
		await back.close();
		await vi.advanceTimersByTimeAsync(9_999);
		expect(open()).toBe(1);
		await vi.advanceTimersByTimeAsync(1);
		expect(open()).toBe(0);
	});

	it("fires once in an outage: orders placed after it stay until the next loss", async () => {
		const { subscribed, lever, open, state } = start();
		await (await subscribed()).close();
		await vi.advanceTimersByTimeAsync(10_000);
		lever("place");
		await vi.advanceTimersByTimeAsync(60_000);
		expect([open(), state()]).toEqual([1, "triggered"]);
		await subscribed();
		expect(state()).toBe("armed");
	});

	it("pushes what it cancelled to live connections that follow the order topic", async () => {
		const { subscribed, connect, lever } = start();
		const watcher = await connect();
		await watcher.auth();
		await watcher.subscribe("order");
		lever("place");
		await (await subscribed()).close();
		await vi.advanceTimersByTimeAsync(10_000);
		expect(watcher.frames.at(-1)).toMatchObject({ topic: "order", data: [{ cancelType: "CancelByDCP" }] });
	});

	it("does not run for a product that is not enabled, although its topic is acknowledged", async () => {
		const { subscribed, lever, open, state } = start({ enabled: ["SPOT"] });
		const connection = await subscribed();
		expect(connection.frames.at(-1)).toMatchObject({ success: true });
		lever("place", { product: "DERIVATIVES" });
		await connection.close();
		await vi.advanceTimersByTimeAsync(60_000);
		expect([state(), open()]).toEqual(["not-enabled", 1]);
	});
});

describe("points that the venue leaves open can be switched", () => {
	it("countdownStartsWith first: one of two losses is enough", async () => {
		const { subscribed, state } = start({ countdownStartsWith: "first" });
		const first = await subscribed();
		await subscribed();
		await first.close();
		expect(state()).toBe("counting");
	});

	it("countedPer account: a subscription to another product's topic keeps this one alive", async () => {
		const { subscribed, connect, state } = start({ countedPer: "account" });
		const future = await subscribed();
		const option = await connect();
		await option.auth();
		await option.subscribe("dcp.option");
		await future.close();
		expect(state()).toBe("armed");
		await option.close();
		expect(state()).toBe("counting");
	});

	it("resetNeedsPing false: the subscription alone stops the countdown", async () => {
		const { subscribed, state } = start({ resetNeedsPing: false });
		await (await subscribed()).close();
		await subscribed();
		expect(state()).toBe("armed");
	});

	it("resetNeedsSubscribe false: auth and a ping stop the countdown", async () => {
		const { subscribed, connect, state } = start({ resetNeedsSubscribe: false });
		await (await subscribed()).close();
		const back = await connect();
		await back.auth();
		await back.ping();
		expect(state()).toBe("armed");
	});

	it("leavingCounts false: a clean close starts nothing, a lost line does", async () => {
		const { subscribed, link, state } = start({ leavingCounts: false });
		await (await subscribed()).close();
		expect(state()).toBe("idle");
		await subscribed();
		link.drop();
		expect(state()).toBe("counting");
	});

	it("setAppliesWhileCounting: a set call moves the deadline", async () => {
		for (const [setAppliesWhileCounting, deadline] of [
			[false, epoch + 10_000],
			[true, epoch + 60_000],
		] as const) {
			vi.setSystemTime(epoch);
			const { subscribed, post, venue } = start({ setAppliesWhileCounting });
			await (await subscribed()).close();
			await post(setPath, { product: "DERIVATIVES", timeWindow: 60 });
			expect(venue.truth().DERIVATIVES.deadline).toBe(deadline);
		}
	});

	it("afterTrigger: new orders are refused, or cancelled at once", async () => {
		for (const afterTrigger of ["block", "sweep"] as const) {
			const { subscribed, post, open } = start({ afterTrigger });
			await (await subscribed()).close();
			await vi.advanceTimersByTimeAsync(10_000);
			const reply = await post("/v5/order/create", { category: "linear", symbol: "BTCUSDT" });
			expect([reply["retCode"], open()]).toEqual([afterTrigger === "block" ? 10027 : 0, 0]);
		}
	});
});

it("orders are placed, listed, cancelled and remembered over the venue's own calls", async () => {
	const { post, get } = start();
	const placed = await post("/v5/order/create", { category: "spot", symbol: "BTCUSDT" });
	expect(placed).toMatchObject({ retCode: 0, result: { orderId: "sim-000001" } });
	expect(await get("/v5/order/realtime", "category=spot")).toMatchObject({
		result: { list: [{ orderStatus: "New" }] },
	});
	await post("/v5/order/cancel-all", { category: "spot" });
	expect(await get("/v5/order/realtime", "category=spot")).toMatchObject({ result: { list: [] } });
	expect(await get("/v5/order/history", "category=spot")).toMatchObject({
		result: { list: [{ cancelType: "CancelByUser" }] },
	});
});

it("what the levers return survives JSON, and close ends every timer", async () => {
	const { venue, subscribed, lever } = start();
	await (await subscribed()).close();
	for (const name of ["place", "truth", "received"]) {
		const value = lever(name);
		expect(JSON.parse(JSON.stringify(value))).toEqual(value);
	}
	expect(() => lever("place", { product: "OPTION" })).toThrow(/product must be one of/);
	venue.close();
	expect(vi.getTimerCount()).toBe(0);
});
