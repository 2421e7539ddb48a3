import { connect as connectTcp } from "node:net";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";
import { BotClient, botToken, restingOrder } from "../testing/bot-client.ts";
import { type StageOptions, startStage, until } from "../testing/start-deribit-relay.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
	for (const close of closers.splice(0).reverse()) await close();
});

async function start(options?: StageOptions) {
	const stage = await startStage(options);
	closers.push(() => stage.close());
	await stage.armed();
	return stage;
}

describe("a bot that uses the relay at Deribit", () => {
	it("a bot logs in with its local token, and the venue sees no second login", async () => {
		const { connect, venue } = await start();
		const bot = await connect();
		const credentials = { grant_type: "client_credentials", client_id: "maker", client_secret: botToken("maker") };
		const { result } = await bot.ask("public/auth", credentials);
		expect(result).toMatchObject({
			access_token: expect.any(String),
			refresh_token: expect.any(String),
			token_type: "bearer",
			scope: "connection wallet:read trade:read_write account:read_write",
		});
		expect(venue.received.filter(({ method }) => method === "public/auth")).toHaveLength(1);
	});

	it.each([
		["a wrong token", { client_id: "maker", client_secret: "local-token-of-nobody" }, 13004],
		["a wrong name", { client_id: "taker", client_secret: "local-token-of-maker" }, 13004],
		["the venue's own key", { client_id: "planted-venue-id", client_secret: "planted-venue-secret" }, 13004],
		["no token", { client_id: "maker" }, -32602],
	])("a login with %s is refused with Deribit's error code", async (_, credentials, code) => {
		const { connect } = await start();
		const bot = await connect();
		const { error } = await bot.ask("public/auth", { grant_type: "client_credentials", ...credentials });
		expect(error).toMatchObject({ code });
		expect((await bot.ask("private/get_open_orders"))["error"]).toMatchObject({ code: 13009 });
		expect((await bot.ask("private/buy", restingOrder))["error"]).toMatchObject({ code: 13009 });
	});

	it("a bot places an order over the agent's connection, so that the venue cancels the order when that connection ends", async () => {
		const { connect, venue, openOrders, link } = await start();
		const bot = await (await connect()).login();
		const { result } = await bot.ask("private/buy", { ...restingOrder, label: "a" });
		expect(result).toMatchObject({ order: { order_state: "open", label: "a" } });
		expect(venue.truth().connections).toMatchObject([{ armed: true, openOrders: 1 }]);
		link.drop();
		await until(() => openOrders().length === 0);
	});

	it("a bot's orders are refused with the reason while the agent's connection is not proved to be armed", async () => {
		const { connect, venue, keeper } = await start();
		const bot = await (await connect()).login();
		await bot.ask("private/buy", restingOrder);
		venue.faults.suppressAnswers({ methods: ["public/test"] });
		await until(() => !keeper.isArmed("hedge"));
		const sent = venue.received.filter(({ method }) => method === "private/sell").length;
		const { error } = await bot.ask("private/sell", { ...restingOrder, price: 1e6 });
		expect(error).toMatchObject({
			code: 13042,
			message: "cod_not_enabled",
			data: { reason: expect.stringContaining("not proved to be armed right now") },
		});
		expect(venue.received.filter(({ method }) => method === "private/sell")).toHaveLength(sent);
		// A cancel is passed on even while orders are refused.
		const [order] = venue.orders();
		expect((await bot.ask("private/cancel", { order_id: order?.id }))["result"]).toMatchObject({
			order_state: "cancelled",
		});
	});
});

describe("a bot's call about its own connection", () => {
	it("a bot's call about its own connection is answered by the relay, or refused if it would disarm the connection, and never reaches the venue", async () => {
		const { connect, venue, keeper } = await start();
		const bot = await (await connect()).login();
		const before = venue.received.length;
		const outcome = async (method: string, params?: Record<string, unknown>) => {
			const { result, error } = await bot.ask(method, params);
			// The cast is safe: the relay's error has a code.
			return result ?? (error as { code: number }).code;
		};
		expect(await outcome("public/set_heartbeat", { interval: 10 })).toBe("ok");
		expect(await outcome("public/set_heartbeat", { interval: 5 })).toBe(-32602);
		expect(await outcome("public/disable_heartbeat")).toBe("ok");
		expect(await outcome("private/enable_cancel_on_disconnect")).toBe("ok");
		expect(await outcome("private/get_cancel_on_disconnect")).toEqual({ scope: "connection", enabled: true });
		expect(await outcome("private/enable_cancel_on_disconnect", { scope: "account" })).toBe(13021);
		expect(await outcome("private/disable_cancel_on_disconnect")).toBe(13021);
		expect(await outcome("public/exchange_token", { refresh_token: "a", subject_id: 1 })).toBe(13021);
		expect(await outcome("private/list_api_keys")).toBe(13021);
		bot.send('{"jsonrpc":"2.0","id":0,"method":"private/logout","params":{}}');
		expect(await bot.closed).toEqual({ code: 1000, reason: "" });
		const methods = venue.received.slice(before).map(({ method }) => method);
		expect(methods.filter((method) => method !== "public/test")).toEqual([]);
		expect(keeper.isArmed("hedge")).toBe(true);
		expect(venue.truth().connections).toMatchObject([{ armed: true, heartbeatSeconds: 10 }]);
	});

	it("a bot that is configured to keep its orders is told that cancel-on-disconnect is off, and cannot switch it on", async () => {
		const { connect } = await start({ bots: { maker: { ordersOnDisconnect: "keep" } } });
		const bot = await (await connect()).login();
		expect((await bot.ask("private/enable_cancel_on_disconnect"))["error"]).toMatchObject({ code: 10049 });
		expect((await bot.ask("private/get_cancel_on_disconnect"))["result"]).toMatchObject({ enabled: false });
	});

	it("a bot may put its own access token into a call, but not the token of another bot; no token is sent to the venue", async () => {
		const { connect, recorder } = await start({ records: true, bots: { maker: {}, taker: {} } });
		const [first, second] = [await connect(), await (await connect()).login("taker")];
		const credentials = { grant_type: "client_credentials", client_id: "maker", client_secret: botToken("maker") };
		// The cast is safe: the relay's reply to a login has this member.
		const { access_token } = (await (await connect()).ask("public/auth", credentials))["result"] as {
			access_token: string;
		};
		expect((await first.ask("private/buy", { ...restingOrder, access_token }))["result"]).toBeDefined();
		expect((await first.ask("private/buy", { ...restingOrder, access_token: "x" }))["error"]).toMatchObject({
			code: 13009,
		});
		expect((await second.ask("private/buy", { ...restingOrder, access_token }))["error"]).toMatchObject({
			code: 13021,
		});
		expect(recorder.sent.join()).not.toContain("access_token");
		expect(recorder.sent.join()).not.toContain(botToken("maker"));
	});
});

describe("the JSON-RPC ids of requests from bots", () => {
	it.each(['"a-1"', "7", "-1", "1.50", "12345678901234567890", "null", '"\\u00e9\\n"'])(
		"the JSON-RPC id of a request is returned exactly as it was sent: %s",
		async (id) => {
			const { connect } = await start();
			const bot = await connect();
			bot.send(`{"jsonrpc":"2.0","id":${id},"method":"public/get_time","params":{}}`);
			expect(await bot.frame(() => true)).toContain(`{"jsonrpc":"2.0","id":${id},"result":`);
		},
	);

	it("the JSON-RPC id of a request may be missing, or the same as in an earlier request", async () => {
		const { connect } = await start();
		const bot = await connect();
		bot.send('{"jsonrpc":"2.0","method":"public/get_time"}');
		expect(await bot.frame(() => true)).toMatch(/^\{"jsonrpc":"2\.0","result":\d+,/);
		bot.send('{"jsonrpc":"2.0","id":1,"method":"public/get_time"}');
		bot.send('{"jsonrpc":"2.0","id":1,"method":"public/test"}');
		await until(() => bot.frames.length === 3);
		expect(bot.frames[1]).toMatch(/^\{"jsonrpc":"2\.0","id":1,"result":\d+,/);
		expect(bot.frames[2]).toMatch(/^\{"jsonrpc":"2\.0","id":1,"result":\{"version"/);
	});
});

it("numbers in a call reach the venue and the bot exactly as they were written", async () => {
	const { connect, recorder } = await start({ records: true });
	const bot = await (await connect()).login();
	const params =
		'{"instrument_name":"BTC-PERPETUAL","amount":10.0,"price":1000.50,"x":123456789012345678901234567890,"y":1e-7}';
	bot.send(`{"jsonrpc":"2.0","id":1,"method":"private/buy","params":${params}}`);
	await bot.frame((text) => text.includes('"id":1,'));
	expect(recorder.sent.some((text) => text.endsWith(`"params":${params}}`))).toBe(true);
	await bot.ask("private/subscribe", { channels: ["user.orders.BTC-PERPETUAL.raw"] });
	const notification =
		'{"jsonrpc":"2.0","method":"subscription","params":{"channel":"user.orders.BTC-PERPETUAL.raw","data":{"price":0.10,"id":12345678901234567890}}}';
	recorder.inject(notification);
	await bot.frame((text) => text === notification);
	recorder.inject("[]");
});

it("a client is refused if it has a foreign Origin or Host header, or asks for an unknown path or session", async () => {
	const { ws, armed } = await start();
	await armed();
	await expect(BotClient.open(ws, { origin: "https://evil.example" })).rejects.toThrow("403");
	await expect(BotClient.open(ws, { origin: "null" })).rejects.toThrow("403");
	await expect(BotClient.open(ws, { host: "evil.example" })).rejects.toThrow("403");
	await expect(BotClient.open(ws.replace("hedge", "other"))).rejects.toThrow("404");
	await expect(BotClient.open(ws.replace("/ws/api/v2", "/ws"))).rejects.toThrow("404");
	for (const site of ["cross-site", "same-site", "same-origin"]) {
		await expect(BotClient.open(ws, { "sec-fetch-site": site })).rejects.toThrow("403");
	}
	(await BotClient.open(ws, { "sec-fetch-site": "none" })).close();
	const own = await BotClient.open(ws, { origin: new URL(ws.replace("ws:", "http:")).origin });
	own.close();
});

it("the relay closes the connection of a refused WebSocket handshake even if the client never ends its side", async () => {
	const { ws } = await start();
	const { port, host } = new URL(ws);
	const socket = connectTcp({ port: Number(port), host: "127.0.0.1", allowHalfOpen: true });
	onTestFinished(() => void socket.destroy());
	let answer = "";
	socket
		.on("error", () => undefined)
		.on("data", (chunk) => {
			answer += String(chunk);
		});
	const isClosed = new Promise((resolve) => socket.once("close", resolve));
	socket.write(`GET /x HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
	await new Promise((resolve) => socket.once("end", resolve));
	expect(answer).toContain("404 Not Found");
	// Once the server has closed its socket, it answers these writes with a TCP reset, which closes this socket too.
	const writing = setInterval(() => socket.write("x"), 5);
	onTestFinished(() => clearInterval(writing));
	await isClosed;
});
