import { createHmac } from "node:crypto";
import { Agent, type IncomingMessage, request } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { botToken, restingOrder } from "../testing/bot-client.ts";
import { type StageOptions, startStage } from "../testing/start-deribit-relay.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
	for (const close of closers.splice(0).reverse()) await close();
});

async function start(options?: StageOptions) {
	const stage = await startStage(options);
	closers.push(() => stage.close());
	await stage.armed();
	const call = async (path: string, init: RequestInit = {}) => {
		const response = await fetch(`${stage.http}${path}`, init);
		const text = await response.text();
		return { status: response.status, text, body: text.startsWith("{") ? JSON.parse(text) : undefined };
	};
	return { ...stage, call };
}

const basic = (name: string, token: string) => ({
	authorization: `Basic ${Buffer.from(`${name}:${token}`).toString("base64")}`,
});
const maker = basic("maker", botToken("maker"));
const order = new URLSearchParams({ instrument_name: "BTC-PERPETUAL", amount: "10.0", price: "1000.50", label: "7" });

describe("the relay over HTTP", () => {
	it("a GET with a query gets a reply in Deribit's form, without a JSON-RPC id", async () => {
		const { call, recorder } = await start({ records: true });
		const { status, body } = await call(`/private/buy?${order}`, { headers: maker });
		expect(status).toBe(200);
		expect(body).toMatchObject({ jsonrpc: "2.0", result: { order: { label: "7", price: 1000.5 } }, testnet: true });
		expect(body).not.toHaveProperty("id");
		expect(recorder.sent.at(-1)).toContain('"amount":10.0,"price":1000.50,"label":"7"');
	});

	it("a POST may name its method in the body or in the path, and a call that fails gets status 400", async () => {
		const { call } = await start();
		const headers = { ...maker, "content-type": "application/json" };
		const request = { jsonrpc: "2.0", id: "a", method: "private/buy", params: restingOrder };
		for (const path of ["", "/", "/private/buy"]) {
			const { status, body } = await call(path, { method: "POST", headers, body: JSON.stringify(request) });
			expect([status, body.id]).toEqual([200, "a"]);
		}
		const refused = await call("", { method: "POST", headers, body: JSON.stringify({ ...request, params: {} }) });
		expect(refused).toMatchObject({ status: 400, body: { id: "a", error: { code: -32602 } } });
	});

	it("a bot can send its token for the relay in each form of authorization that Deribit accepts", async () => {
		const { call } = await start();
		const grant = new URLSearchParams({
			grant_type: "client_credentials",
			client_id: "maker",
			client_secret: botToken("maker"),
		});
		const { body } = await call(`/public/auth?${grant}`);
		const bearer = { authorization: `Bearer ${body.result.access_token}` };
		expect((await call("/private/get_open_orders", { headers: bearer })).status).toBe(200);
		expect((await call(`/private/get_open_orders?access_token=${body.result.access_token}`)).status).toBe(200);
		const refresh = `grant_type=refresh_token&refresh_token=${body.result.refresh_token}`;
		expect((await call(`/public/auth?${refresh}`)).status).toBe(200);
		const path = "/api/v2/private/get_open_orders?type=all";
		const ts = Date.now();
		const sig = createHmac("sha256", botToken("maker")).update(`${ts}\nn\nGET\n${path}\n\n`).digest("hex");
		const signed = { authorization: `deri-hmac-sha256 id=maker,ts=${ts},nonce=n,sig=${sig}` };
		expect((await call("/private/get_open_orders?type=all", { headers: signed })).status).toBe(200);
		expect((await call("/private/get_open_orders", { headers: signed })).body.error.code).toBe(13009);
	});

	it.each([
		["without a login", "/private/get_open_orders", {}, 13009],
		["with a wrong token", "/private/get_open_orders", basic("maker", "wrong"), 13009],
		["with a refresh token in place of the access token", "/private/get_open_orders", "refresh", 13009],
		["if it needs a WebSocket", "/public/set_heartbeat?interval=10", maker, 10030],
		["if it switches cancel-on-disconnect off", "/private/disable_cancel_on_disconnect?scope=account", maker, 13021],
		["if it asks for the account's API keys", "/private/list_api_keys", maker, 13021],
		["if it asks for a token of the account", "/public/fork_token?refresh_token=a&session_name=b", maker, 13021],
	])("a call over HTTP is refused %s", async (_, path, given, code) => {
		const { call, venue } = await start();
		const grant = new URLSearchParams({
			grant_type: "client_credentials",
			client_id: "maker",
			client_secret: botToken("maker"),
		});
		const { body: tokens } = await call(`/public/auth?${grant}`);
		const headers =
			given === "refresh"
				? { authorization: `Bearer ${tokens.result.refresh_token}` }
				: (given as Record<string, string>);
		const { status, body } = await call(path, { headers });
		expect([status, body.error.code]).toEqual([400, code]);
		const method = path.slice(1).split("?")[0] ?? "";
		expect(venue.received.filter((each) => each.method === method && each.via === "http")).toEqual([]);
	});

	it("requests from a web page, and requests that are not API calls, are refused", async () => {
		const { call, http } = await start();
		expect((await call("/public/test", { headers: { origin: "https://evil.example" } })).status).toBe(403);
		const raw = (headers: Record<string, string>) =>
			new Promise<IncomingMessage>((resolve, reject) => {
				request(`${http}/public/test`, { agent, headers }, (response) => resolve(response.resume()))
					.once("error", reject)
					.end();
			});
		const agent = new Agent({ keepAlive: true });
		for (const site of ["cross-site", "same-site", "same-origin", "x"]) {
			const { statusCode, headers } = await raw({ "sec-fetch-site": site });
			expect([statusCode, headers.connection]).toEqual([403, "close"]);
		}
		expect((await raw({ "sec-fetch-site": "none" })).statusCode).toBe(200);
		agent.destroy();
		expect((await call("/public/test", { method: "PUT" })).status).toBe(405);
		expect((await fetch(http.replace("hedge", "other"))).status).toBe(404);
		expect((await fetch(`${new URL(http).origin}/deribit/%ff/api/v2/public/test`)).status).toBe(404);
		expect((await call("", { method: "POST", body: "x".repeat(40_000) })).body.error).toMatchObject({ code: -32600 });
		expect((await call("", { method: "POST", body: "{" })).body.error).toMatchObject({ code: 11050 });
	});
});
