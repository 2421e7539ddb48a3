import { createHmac } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DeribitVenue } from "../deribit.ts";
import { Link } from "../network-link.ts";
import { BareClient, callHttp, settle } from "./testing/bare-client.ts";

// These tests require that the simulator's frames have the same members in the same order as frames that were recorded at the venue. The
// values of the members may differ.

const { clientId, clientSecret } = DeribitVenue.defaults;
const links: Link[] = [];

beforeEach(() => void vi.useFakeTimers({ now: 1_765_463_719_142 }));
afterEach(() => {
	for (const link of links.splice(0)) link.close();
	vi.useRealTimers();
});

async function stage() {
	const venue = new DeribitVenue();
	const link = new Link(venue);
	links.push(link);
	const bare = await BareClient.open(link);
	return { venue, link, bare };
}

async function loggedIn() {
	const all = await stage();
	await all.bare.ask("public/auth", {
		grant_type: "client_credentials",
		client_id: clientId,
		client_secret: clientSecret,
	});
	return all;
}

/** The names of all members in order, including those of nested objects. */
function members(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(members);
	if (typeof value !== "object" || value === null) return typeof value;
	return Object.entries(value).map(([name, inner]) => [name, members(inner)]);
}

const order =
	'{"label":"quote-1","price":32000,"user_id":10580,"amount":10,"direction":"buy","time_in_force":"good_til_cancelled",' +
	'"instrument_name":"BTC-PERPETUAL","web":false,"api":true,"order_id":"SIM-1","creation_timestamp":1765463719142,' +
	'"replaced":false,"filled_amount":0,"last_update_timestamp":1765463719142,"post_only":false,"reduce_only":false,' +
	'"average_price":0,"mmp":false,"contracts":1,"order_state":"open","order_type":"limit","is_liquidation":false,' +
	'"risk_reducing":false}';
const cancelledOrder = order
	.replace('"average_price"', '"cancel_reason":"user_request","average_price"')
	.replace('"open"', '"cancelled"');
const filledOrder = order
	.replace('"filled_amount":0', '"filled_amount":10')
	.replace('"average_price":0', '"average_price":32000')
	.replace('"open"', '"filled"');
const trade =
	'{"label":"quote-1","timestamp":1765463719142,"state":"filled","price":32000,"user_id":10580,"amount":10,' +
	'"direction":"buy","index_price":90000,"instrument_name":"BTC-PERPETUAL","trade_seq":1,"api":true,"mark_price":90000,' +
	'"order_id":"SIM-1","matching_id":null,"tick_direction":0,"profit_loss":0,"post_only":false,"reduce_only":false,' +
	'"self_trade":false,"mmp":false,"contracts":1,"trade_id":"T-1","fee_currency":"BTC","fee":0,"order_type":"limit",' +
	'"risk_reducing":false,"liquidity":"M"}';
const flatPosition =
	'{"size":0,"kind":"future","maintenance_margin":0,"initial_margin":0,"direction":"zero","index_price":90000,' +
	'"instrument_name":"BTC-PERPETUAL","settlement_price":90000,"mark_price":90000,"interest_value":0,"delta":0,' +
	'"average_price":0,"floating_profit_loss":0,"realized_profit_loss":0,"total_profit_loss":0,"realized_funding":0,' +
	'"leverage":50,"size_currency":0}';
const portfolioMembers = [
	"equity",
	"session_upl",
	"projected_delta_total",
	"additional_reserve",
	"estimated_liquidation_ratio",
	"margin_model",
	"options_theta",
	"locked_balance",
	"options_pl",
	"portfolio_margining_enabled",
	"total_pl",
	"spot_reserve",
	"session_rpl",
	"initial_margin",
	"projected_initial_margin",
	"margin_balance",
	"options_vega",
	"options_session_rpl",
	"options_vega_map",
	"maintenance_margin",
	"futures_session_rpl",
	"delta_total_map",
	"options_delta",
	"projected_maintenance_margin",
	"available_funds",
	"fee_balance",
	"options_session_upl",
	"options_gamma",
	"futures_pl",
	"options_theta_map",
	"options_gamma_map",
	"cross_collateral_enabled",
	"options_value",
	"delta_total",
	"balance",
	"estimated_liquidation_ratio_map",
	"futures_session_upl",
	"currency",
	"available_withdrawal_funds",
];

describe("frames of the simulated Deribit match recordings of the real venue", () => {
	it("a DeribitVenue reply has jsonrpc, id, result, usIn, usOut, usDiff and testnet; usDiff is usOut minus usIn in microseconds", async () => {
		const { bare } = await stage();
		const reply = await bare.ask("public/test");
		const { usIn, usOut, usDiff } = reply as { usIn: number; usOut: number; usDiff: number };
		expect(JSON.stringify(reply)).toBe(
			`{"jsonrpc":"2.0","id":1,"result":{"version":"1.2.26"},"usIn":${usIn},"usOut":${usOut},"usDiff":${usDiff},"testnet":true}`,
		);
		expect(usOut - usIn).toBe(usDiff);
		expect(usDiff).toBeGreaterThanOrEqual(29);
		expect(usDiff).toBeLessThanOrEqual(1_519);
		expect(Math.floor(usIn / 1_000)).toBe(1_765_463_719_142);
		expect(usIn % 1_000).not.toBe(0);
	});

	it("usIn of each DeribitVenue reply is later than usOut of the reply before, even if both replies are sent in the same millisecond", async () => {
		const { bare } = await stage();
		let last = 0;
		for (let count = 0; count < 40; count += 1) {
			const { usIn, usOut } = (await bare.ask("public/test")) as { usIn: number; usOut: number };
			expect(usIn).toBeGreaterThan(last);
			last = usOut;
		}
	});

	it.each([
		[
			"public/set_heartbeat",
			{ interval: 5 },
			'{"code":-32602,"data":{"reason":"value must be >= 10","param":"interval"},"message":"Invalid params"}',
		],
		[
			"public/set_heartbeat",
			{},
			'{"code":-32602,"data":{"reason":"value is required","param":"interval"},"message":"Invalid params"}',
		],
		[
			"public/subscribe",
			{ channels: "x" },
			'{"code":-32602,"data":{"reason":"value must be a list","param":"channels"},"message":"Invalid params"}',
		],
		[
			"private/subscribe",
			{ channels: ["user.orders.any.any.raw"] },
			'{"code":13009,"data":{"reason":"invalid_token"},"message":"unauthorized"}',
		],
		[
			"public/subscribe",
			{ channels: ["book.BTC-PERPETUAL.raw"] },
			'{"code":13778,"message":"raw_subscriptions_not_available_for_unauthorized"}',
		],
		[
			"public/auth",
			{ grant_type: "client_credentials", client_id: "x", client_secret: "y" },
			'{"code":13004,"message":"invalid_credentials"}',
		],
		["public/nothing", {}, '{"code":-32601,"message":"Method not found"}'],
	])("the error reply to %s %j has code, data (if any) and message in this order", async (method, params, error) => {
		const { bare } = await stage();
		expect(JSON.stringify((await bare.ask(method, params))["error"])).toBe(error);
	});

	it("DeribitVenue sends the recorded replies to unreadable text, WebSocket-only calls over HTTP, get_cancel_on_disconnect and public/status", async () => {
		const { bare, link } = await loggedIn();
		bare.send("{");
		await settle();
		expect(JSON.stringify(bare.frames.at(-1))).toMatch(
			/^{"jsonrpc":"2.0","error":{"code":11050,"data":"invalid json","message":"bad_request"},"usIn":\d{16},"usOut":\d{16},"usDiff":\d+,"testnet":true}$/,
		);
		const { status, body } = await callHttp(link, "/public/set_heartbeat?interval=30");
		expect([status, JSON.stringify(body["error"])]).toEqual([
			400,
			'{"code":10030,"message":"must_be_websocket_request"}',
		]);
		expect(Object.keys(body)).toEqual(["jsonrpc", "error", "usIn", "usOut", "usDiff", "testnet"]);
		const result = async (method: string, params = {}): Promise<string> =>
			JSON.stringify((await bare.ask(method, params))["result"]);
		expect(await result("private/get_cancel_on_disconnect")).toBe('{"scope":"connection","enabled":false}');
		expect(await result("public/status")).toBe('{"locked":"false"}');
		await bare.ask("public/subscribe", { channels: ["platform_state"] });
		link.faults.announceMaintenance({});
		await settle();
		expect(JSON.stringify(bare.frames.at(-1))).toBe(
			'{"jsonrpc":"2.0","method":"subscription","params":{"channel":"platform_state","data":{"maintenance":true}}}',
		);
	});

	it("a heartbeat frame of DeribitVenue has params as its first member", async () => {
		const { bare } = await stage();
		await bare.ask("public/set_heartbeat", { interval: 10 });
		await vi.advanceTimersByTimeAsync(12_000);
		expect(bare.frames.slice(-2).map((frame) => JSON.stringify(frame))).toEqual([
			'{"params":{"type":"heartbeat"},"method":"heartbeat","jsonrpc":"2.0"}',
			'{"params":{"type":"test_request"},"method":"heartbeat","jsonrpc":"2.0"}',
		]);
	});

	it("a DeribitVenue login reply has enabled_features first, and a subscribe reply lists only the channels that exist", async () => {
		const { bare } = await stage();
		const login = { grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret };
		const { result } = await bare.ask("public/auth", login);
		expect(Object.keys(result as object)).toEqual([
			"enabled_features",
			"access_token",
			"expires_in",
			"refresh_token",
			"scope",
			"token_type",
		]);
		const channels = [
			"user.orders.any.any.raw",
			"user.nothing",
			"platform_state",
			"user.portfolio.btc",
			"book.BTC-PERPETUAL.raw",
		];
		expect((await bare.ask("private/subscribe", { channels }))["result"]).toEqual([
			"user.orders.any.any.raw",
			"platform_state",
			"user.portfolio.btc",
			"book.BTC-PERPETUAL.raw",
		]);
		expect((await bare.ask("public/subscribe", { channels }))["result"]).toEqual([
			"platform_state",
			"book.BTC-PERPETUAL.raw",
		]);
	});

	it("DeribitVenue channels user.orders, user.trades, user.changes and user.portfolio push the changes of an order", async () => {
		const { bare, link } = await loggedIn();
		const channels = [
			"user.orders.any.any.raw",
			"user.trades.any.any.raw",
			"user.changes.any.any.raw",
			"user.portfolio.btc",
		];
		await bare.ask("private/subscribe", { channels });
		const since = bare.frames.length;
		const params = { instrument_name: "BTC-PERPETUAL", amount: 10, price: 32_000, label: "quote-1" };
		const placed = await bare.ask("private/buy", params);
		expect(JSON.stringify(placed["result"])).toBe(`{"order":${order},"trades":[]}`);
		link.faults.fill({ orderId: "SIM-1" });
		await settle();
		const notifications = bare.frames.slice(since).filter(({ method }) => method === "subscription");
		const texts = notifications.map((frame) => JSON.stringify(frame));
		const frame = (channel: string, data: string): string =>
			`{"jsonrpc":"2.0","method":"subscription","params":{"channel":"${channel}","data":${data}}}`;
		const changes = (orderNow: string, trades: string, position: string): string =>
			`{"orders":[${orderNow}],"instrument_name":"BTC-PERPETUAL","trades":[${trades}],"positions":[${position}]}`;
		const longPosition = flatPosition
			.replace('"size":0', '"size":10')
			.replace('"zero"', '"buy"')
			.replace('"average_price":0', '"average_price":90000')
			.replace('"size_currency":0', '"size_currency":0.00011111111111111112');
		expect(texts.filter((text) => !text.includes("user.portfolio"))).toEqual([
			frame("user.orders.any.any.raw", order),
			frame("user.changes.any.any.raw", changes(order, "", flatPosition)),
			frame("user.orders.any.any.raw", filledOrder),
			frame("user.trades.any.any.raw", `[${trade}]`),
			frame("user.changes.any.any.raw", changes(filledOrder, trade, longPosition)),
		]);
		const [portfolio] = notifications.filter((each) => JSON.stringify(each).includes("user.portfolio"));
		expect(Object.keys((portfolio as { params: { data: object } }).params.data)).toEqual(portfolioMembers);
	});

	it("a cancelled order of DeribitVenue has the member cancel_reason before average_price", async () => {
		const { bare } = await loggedIn();
		await bare.ask("private/buy", { instrument_name: "BTC-PERPETUAL", amount: 10, price: 32_000, label: "quote-1" });
		const { result } = await bare.ask("private/cancel", { order_id: "SIM-1" });
		expect(JSON.stringify(result)).toBe(cancelledOrder);
	});

	it("private/mass_quote returns only counts, unless the call has detailed: true", async () => {
		const { bare } = await loggedIn();
		await bare.ask("private/enable_cancel_on_disconnect");
		const quotes = [
			{ instrument_name: "BTC-PERPETUAL", bid: { price: 1, amount: 10 }, ask: { price: 99_999, amount: 10 } },
		];
		const short = await bare.ask("private/mass_quote", { quotes });
		expect(JSON.stringify(short["result"])).toBe('{"errors_count":0,"pending_requests_count":0}');
		const { result } = await bare.ask("private/mass_quote", { quotes, detailed: true });
		expect(result).toMatchObject({ orders: [{ order_id: "SIM-1" }, { order_id: "SIM-2" }], trades: [], errors: [] });
	});

	it("private/get_account_summary has the recorded members, including limits", async () => {
		const { bare } = await loggedIn();
		const { result } = await bare.ask("private/get_account_summary", { currency: "BTC", extended: true });
		const summary = result as { limits: unknown };
		expect(JSON.stringify(summary.limits)).toBe(
			'{"matching_engine":{"block_rfq_maker":{"rate":10,"burst":20},"cancel_all":{"rate":5,"burst":20},' +
				'"guaranteed_mass_quotes":{"rate":2,"burst":2},"maximum_mass_quotes":{"rate":10,"burst":10},' +
				'"maximum_quotes":{"rate":500,"burst":500},"spot":{"rate":5,"burst":20},"trading":{"total":{"rate":5,"burst":20}}},' +
				'"limits_per_currency":false,"non_matching_engine":{"rate":20,"burst":100}}',
		);
		expect(Object.keys(summary).slice(0, 6)).toEqual([
			"block_rfq_self_match_prevention",
			"equity",
			"session_upl",
			"projected_delta_total",
			"id",
			"disable_kyc_verification",
		]);
		const short = await bare.ask("private/get_account_summary", { currency: "BTC" });
		expect(short["result"]).not.toHaveProperty("email");
		expect(members(short["result"])).toContainEqual(["limits", members(summary.limits)]);
	});
});

describe("Authorization: deri-hmac-sha256", () => {
	const path = "/api/v2/private/buy?instrument_name=BTC-PERPETUAL&amount=10&price=1&label=a%20b";
	function header(change: Partial<Record<"id" | "ts" | "nonce" | "text" | "secret", string>> = {}): RequestInit {
		const { id = clientId, ts = String(Date.now()), nonce = "n-1", secret = clientSecret } = change;
		const text = change.text ?? `${ts}\n${nonce}\nGET\n${path}\n\n`;
		const sig = createHmac("sha256", secret).update(text).digest("hex");
		return { headers: { authorization: `deri-hmac-sha256 id=${id},ts=${ts},nonce=${nonce},sig=${sig}` } };
	}
	const call = (link: Link, init: RequestInit) => callHttp(link, path.slice("/api/v2".length), init);

	it("Authorization: deri-hmac-sha256 authorizes an HTTP call that places an order; the order belongs to no connection", async () => {
		const { venue, link } = await stage();
		expect(await call(link, header())).toMatchObject({ status: 200, body: { result: { order: { label: "a b" } } } });
		expect(venue.orders()).toMatchObject([{ state: "open" }]);
		expect(venue.orders()[0]).not.toHaveProperty("connection");
	});

	it.each([
		["another secret", { secret: "x" }],
		["another id", { id: "x" }],
		["another request", { text: "x" }],
		["a timestamp 61 s old", { ts: String(1_765_463_719_142 - 61_000) }],
		["no timestamp", { ts: "" }],
	])("Authorization: deri-hmac-sha256 with %s is refused with 13004", async (_, change) => {
		const { link } = await stage();
		expect(await call(link, header(change))).toMatchObject({ status: 400, body: { error: { code: 13004 } } });
	});

	it("Authorization: deri-hmac-sha256 is refused if its nonce was used before", async () => {
		const { link } = await stage();
		await call(link, header());
		expect(await call(link, header())).toMatchObject({ body: { error: { code: -32602, data: { param: "nonce" } } } });
	});

	it("Authorization: deri-hmac-sha256 has a signature that covers the body of a POST", async () => {
		const { link } = await stage();
		const body = JSON.stringify({ id: 5, method: "private/get_open_orders", params: {} });
		const text = `${Date.now()}\nn-2\nPOST\n/api/v2/private/get_open_orders\n${body}\n`;
		const init = { ...header({ nonce: "n-2", text }), method: "POST", body };
		expect(await callHttp(link, "/private/get_open_orders", init)).toMatchObject({ body: { id: 5, result: [] } });
	});
});

it("public/auth with client_signature accepts a timestamp as a string or as a number", async () => {
	const { bare } = await stage();
	for (const timestamp of [Date.now(), String(Date.now())]) {
		const signature = createHmac("sha256", clientSecret).update(`${timestamp}\n\n`).digest("hex");
		const params = { grant_type: "client_signature", client_id: clientId, timestamp, signature };
		expect(await bare.ask("public/auth", params)).toHaveProperty("result");
	}
});
