import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import { DeribitVenue, type DeribitVenueOptions } from "../deribit.ts";
import { Link } from "../network-link.ts";
import { serve } from "../serve-venue.ts";
import { BareClient, settle } from "./testing/bare-client.ts";

const { clientId, clientSecret } = DeribitVenue.defaults;
const credentials = { grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret };
const links: Link[] = [];

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
	for (const link of links.splice(0)) link.close();
	vi.useRealTimers();
});

async function stage(options: DeribitVenueOptions = {}) {
	const venue = new DeribitVenue(options);
	const link = new Link(venue);
	links.push(link);
	const open = async (): Promise<BareClient> => {
		const client = await BareClient.open(link);
		await client.ask("public/auth", credentials);
		return client;
	};
	const bare = await open();
	/** The result of a call, or its error code. */
	const call = async (method: string, params: Record<string, unknown> = {}): Promise<unknown> => {
		const { result, error } = await bare.ask(method, params);
		// The cast is safe: an error has a code.
		return result ?? (error as { code: number }).code;
	};
	const states = (): unknown[] => venue.orders().map(({ id, state }) => `${id} ${state}`);
	return { venue, link, bare, open, call, states };
}

const buy = { instrument_name: "BTC-PERPETUAL", amount: 10, price: 50_000 };

describe("orders at the simulated Deribit", () => {
	it("an order at DeribitVenue has in every reply the label, price, amount, side and type of the call that placed it", async () => {
		const { call } = await stage();
		const kept = { label: "a", price: 3_500, amount: 4, direction: "sell", order_type: "limit", post_only: true };
		const params = { instrument_name: "ETH-PERPETUAL", amount: 4, price: 3_500, label: "a", post_only: true };
		expect(await call("private/sell", params)).toMatchObject({ order: kept });
		expect(await call("private/get_order_state", { order_id: "SIM-1" })).toMatchObject(kept);
		expect(await call("private/get_open_orders")).toMatchObject([kept]);
		expect(await call("private/get_open_orders_by_currency", { currency: "ETH" })).toMatchObject([kept]);
		expect(await call("private/get_open_orders_by_currency", { currency: "BTC" })).toEqual([]);
		expect(await call("private/get_open_orders_by_instrument", { instrument_name: "ETH-PERPETUAL" })).toMatchObject([
			kept,
		]);
		expect(await call("private/get_open_orders_by_label", { currency: "ETH", label: "a" })).toMatchObject([kept]);
		expect(await call("private/get_order_state_by_label", { currency: "ETH", label: "a" })).toMatchObject([kept]);
	});

	it("an open order at DeribitVenue can be edited by id or label, and still belongs to the connection that placed it", async () => {
		const { call, open, bare, venue } = await stage();
		await call("private/enable_cancel_on_disconnect");
		await call("private/buy", { ...buy, label: "b" });
		const other = await open();
		const edited = await other.ask("private/edit", { order_id: "SIM-1", amount: 20, price: 51_000 });
		expect(edited).toMatchObject({
			result: { order: { order_id: "SIM-1", amount: 20, price: 51_000, replaced: true } },
		});
		const byLabel = { label: "b", instrument_name: "BTC-PERPETUAL", amount: 30, price: 52_000 };
		expect(await call("private/edit_by_label", byLabel)).toMatchObject({ order: { amount: 30 } });
		bare.close();
		await settle();
		expect(venue.orders()).toMatchObject([{ state: "cancelled", cancelReason: "cancel_on_disconnect" }]);
		expect(await other.ask("private/edit", { order_id: "SIM-1", amount: 1 })).toMatchObject({ error: { code: 11044 } });
		expect(await other.ask("private/edit_by_label", byLabel)).toMatchObject({ error: { code: 11044 } });
		expect(await other.ask("private/cancel", { order_id: "SIM-1" })).toMatchObject({ error: { code: 11044 } });
	});

	it("an order at DeribitVenue is filled at the mark price if it crosses that price, and otherwise rests in the book", async () => {
		const { call } = await stage();
		const market = { instrument_name: "BTC-PERPETUAL", amount: 10, type: "market" };
		expect(await call("private/buy", market)).toMatchObject({
			order: { order_state: "filled", price: "market_price", average_price: 90_000 },
			trades: [{ price: 90_000, liquidity: "T", state: "filled" }],
		});
		expect(await call("private/sell", { ...buy, price: 89_999 })).toMatchObject({ order: { order_state: "filled" } });
		expect(await call("private/sell", { ...buy, price: 90_000 })).toMatchObject({ order: { order_state: "open" } });
		expect(await call("private/buy", { ...buy, price: 95_000, post_only: true })).toMatchObject({
			order: { order_state: "open", price: 89_999.5 },
			trades: [],
		});
		for (const time_in_force of ["immediate_or_cancel", "fill_or_kill"]) {
			expect(await call("private/buy", { ...buy, time_in_force })).toMatchObject({
				order: { order_state: "cancelled" },
			});
		}
		expect(await call("private/get_position", { instrument_name: "BTC-PERPETUAL" })).toMatchObject({ size: 0 });
		expect(await call("private/get_user_trades_by_currency", { currency: "BTC" })).toMatchObject({
			trades: [{ trade_id: "T-2" }, { trade_id: "T-1" }],
			has_more: false,
		});
	});

	it("order history of DeribitVenue lists ended orders; a cancelled order without a trade is listed only with include_unfilled", async () => {
		const { call } = await stage();
		await call("private/buy", buy);
		await call("private/cancel_all");
		await call("private/buy", { instrument_name: "BTC-PERPETUAL", amount: 10, type: "market" });
		await call("private/buy", buy);
		const read = (params: object) =>
			call("private/get_order_history_by_instrument", { instrument_name: "BTC-PERPETUAL", ...params });
		expect(await read({})).toMatchObject([{ order_id: "SIM-2" }]);
		expect(await read({ include_unfilled: true })).toMatchObject([{ order_id: "SIM-2" }, { order_id: "SIM-1" }]);
		expect(await call("private/get_order_history_by_currency", { currency: "BTC" })).toMatchObject([
			{ order_id: "SIM-2" },
		]);
	});

	it("private/buy refuses an amount that is not positive, and an order whose valid_until has passed", async () => {
		const { call, states } = await stage();
		expect(await call("private/buy", { ...buy, amount: 0 })).toBe(-32602);
		expect(await call("private/buy", { instrument_name: "BTC-PERPETUAL", price: 1 })).toBe(-32602);
		expect(await call("private/buy", { ...buy, valid_until: Date.now() - 1 })).toBe(13888);
		expect(states()).toEqual([]);
	});

	it("a stop order at DeribitVenue waits for its trigger price; then a new order replaces it, with the stop order's id as trigger_order_id", async () => {
		const { call, link, bare, venue } = await stage();
		await call("private/enable_cancel_on_disconnect");
		const stop = { ...buy, type: "stop_limit", trigger: "mark_price", trigger_price: 80_000 };
		expect(await call("private/sell", { ...stop, price: 99_000 })).toMatchObject({
			order: { order_state: "untriggered", trigger: "mark_price", trigger_price: 80_000, triggered: false },
		});
		expect(link.faults.triggerStop({})).toMatchObject({ id: "SIM-2" });
		expect(await call("private/get_order_state", { order_id: "SIM-1" })).toMatchObject({
			order_state: "triggered",
			triggered: true,
		});
		expect(await call("private/get_open_orders")).toMatchObject([{ order_id: "SIM-2", trigger_order_id: "SIM-1" }]);
		bare.close();
		await settle();
		expect(venue.orders()[1]).toMatchObject({ state: "cancelled", cancelReason: "cancel_on_disconnect" });
	});
});

it("public/get_currencies, get_instruments and get_instrument return the simulated currencies and instruments", async () => {
	const { call } = await stage();
	const listed = (await call("public/get_currencies")) as { currency: string }[];
	expect(listed.map(({ currency }) => currency)).toEqual(["BTC", "ETH", "USDC"]);
	expect(await call("public/get_instruments", { currency: "BTC" })).toMatchObject([
		{ instrument_name: "BTC-PERPETUAL" },
	]);
	expect(await call("public/get_instruments", { currency: "any", kind: "spot" })).toMatchObject([
		{ instrument_name: "BTC_USDC", base_currency: "BTC", quote_currency: "USDC" },
	]);
	expect(await call("public/get_instrument", { instrument_name: "BTC-PERPETUAL" })).toMatchObject({
		contract_size: 10,
	});
});

describe("mass cancels at the simulated Deribit", () => {
	async function book() {
		const all = await stage();
		await all.call("private/buy", { ...buy, label: "a" });
		await all.call("private/buy", { ...buy, instrument_name: "ETH-PERPETUAL", price: 1_000, label: "a" });
		await all.call("private/buy", { ...buy, instrument_name: "BTC_USDC", price: 1_000, label: "b" });
		await all.call("private/buy", { ...buy, type: "stop_market", trigger: "last_price", trigger_price: 99_000 });
		return all;
	}

	it.each([
		["private/cancel_all", {}, ["SIM-1", "SIM-2", "SIM-3", "SIM-4"]],
		["private/cancel_all_by_currency", { currency: "BTC" }, ["SIM-1", "SIM-4"]],
		["private/cancel_all_by_currency", { currency: "BTC", type: "limit" }, ["SIM-1"]],
		["private/cancel_all_by_currency", { currency: "BTC", type: "trigger_all" }, ["SIM-4"]],
		["private/cancel_all_by_currency", { currency: "BTC", type: "stop" }, ["SIM-4"]],
		["private/cancel_all_by_currency_pair", { currency_pair: "btc_usdc" }, ["SIM-3"]],
		["private/cancel_all_by_instrument", { instrument_name: "ETH-PERPETUAL" }, ["SIM-2"]],
		["private/cancel_all_by_kind_or_type", { currency: "any", kind: "spot" }, ["SIM-3"]],
		["private/cancel_all_by_kind_or_type", { currency: ["BTC", "ETH"], kind: "future" }, ["SIM-1", "SIM-2", "SIM-4"]],
		["private/cancel_by_label", { label: "a" }, ["SIM-1", "SIM-2"]],
		["private/cancel_by_label", { label: "a", currency: "ETH" }, ["SIM-2"]],
		["private/cancel_quotes", { cancel_type: "all" }, []],
	])("%s with %j cancels %j and returns the number of cancelled orders", async (method, params, ids) => {
		const { call, venue } = await book();
		expect(await call(method, params)).toBe(ids.length);
		const cancelled = venue.orders().filter(({ state }) => state === "cancelled");
		expect(cancelled.map(({ id }) => id)).toEqual(ids);
		expect(cancelled.every(({ cancelReason }) => cancelReason === "user_request")).toBe(true);
	});

	it("private/cancel_all with detailed: true lists the cancelled orders by instrument", async () => {
		const { call } = await book();
		expect(await call("private/cancel_all", { detailed: true })).toMatchObject([
			{ instrument_name: "BTC-PERPETUAL", currency: "BTC", result: [{ order_id: "SIM-1" }, { order_id: "SIM-4" }] },
			{ instrument_name: "ETH-PERPETUAL", result: [{ order_state: "cancelled" }] },
			{ instrument_name: "BTC_USDC", currency: "USDC" },
		]);
	});

	it("private/cancel_quotes cancels the quotes of a quote set, instrument or currency; a new quote replaces the quote of the same side and set", async () => {
		const { call, states } = await stage();
		await call("private/enable_cancel_on_disconnect");
		const side = (price: number) => ({ price, amount: 10 });
		const quote = { instrument_name: "BTC-PERPETUAL", quote_set_id: "1", bid: side(1), ask: side(99_999) };
		const eth = { instrument_name: "ETH-PERPETUAL", quote_set_id: "2", bid: side(1) };
		await call("private/mass_quote", { quotes: [quote, eth] });
		await call("private/mass_quote", { quotes: [{ ...quote, bid: side(2) }] });
		expect(states()).toEqual(["SIM-1 open", "SIM-2 open", "SIM-3 open"]);
		expect(await call("private/cancel_quotes", { cancel_type: "quote_set_id", quote_set_id: "2" })).toBe(1);
		expect(await call("private/cancel_quotes", { cancel_type: "instrument", instrument_name: "ETH-PERPETUAL" })).toBe(
			0,
		);
		expect(await call("private/cancel_quotes", { cancel_type: "currency", currency: "BTC" })).toBe(2);
		expect(await call("private/cancel_quotes", {})).toBe(-32602);
	});
});

describe("channels of the account at the simulated Deribit", () => {
	const news = (client: BareClient): unknown[] =>
		client.frames.flatMap(({ method, params }) =>
			method === "subscription" ? [(params as { channel: string }).channel] : [],
		);

	it("account channels of DeribitVenue send only orders that match the instrument, or the kind and currency, in the channel's name", async () => {
		const { call, bare } = await stage();
		const channels = [
			"user.orders.BTC-PERPETUAL.raw",
			"user.orders.future.BTC.raw",
			"user.orders.spot.any.raw",
			"user.orders.option.BTC.raw",
			"user.changes.any.ETH.raw",
			"user.orders.any.any.100ms",
		];
		await call("private/subscribe", { channels });
		await call("private/buy", buy);
		expect(news(bare)).toEqual([
			"user.orders.BTC-PERPETUAL.raw",
			"user.orders.future.BTC.raw",
			"user.orders.any.any.100ms",
		]);
		const data = bare.frames.flatMap(({ params }) => (params ? [(params as { data: unknown }).data] : []));
		expect(data.map(Array.isArray)).toEqual([false, false, true]);
	});

	it("account channels of DeribitVenue send changes of orders, including cancels by cancel-on-disconnect, until the client unsubscribes", async () => {
		const { call, bare, open } = await stage();
		const watcher = await open();
		await watcher.ask("private/subscribe", { channels: ["user.orders.any.any.raw"] });
		await call("private/enable_cancel_on_disconnect");
		await call("private/buy", buy);
		bare.close();
		await settle();
		expect(watcher.frames.at(-1)).toMatchObject({
			params: { data: { order_id: "SIM-1", order_state: "cancelled", cancel_reason: "cancel_on_disconnect" } },
		});
		await watcher.ask("private/unsubscribe", { channels: ["user.orders.any.any.raw"] });
		const count = news(watcher).length;
		await watcher.ask("private/buy", buy);
		expect(news(watcher)).toHaveLength(count);
	});
});

describe("public/get_instruments", () => {
	it("public/get_instruments without a currency lists all instruments, with the members that ccxt needs for its symbols", async () => {
		const { call } = await stage();
		const listed = await call("public/get_instruments");
		expect(listed).toEqual(await call("public/get_instruments", { currency: "any" }));
		expect(listed).toContainEqual(
			expect.objectContaining({
				settlement_period: "perpetual",
				base_currency: "BTC",
				instrument_name: "BTC-PERPETUAL",
				settlement_currency: "BTC",
				counter_currency: "USD",
				future_type: "reversed",
			}),
		);
		expect(listed).toContainEqual(
			expect.objectContaining({
				instrument_name: "SOL_USDC-PERPETUAL",
				settlement_currency: "USDC",
				future_type: "linear",
			}),
		);
		const spot = expect.objectContaining({ instrument_name: "BTC_USDC", counter_currency: "USDC" });
		expect(listed).toContainEqual(spot);
	});
});

describe("credits of the simulated Deribit", () => {
	it.each([
		["public/subscribe", { channels: ["platform_state"] }, 10, 300],
		["private/subscribe", { channels: ["user.portfolio.btc"] }, 10, 300],
		["public/get_instruments", { currency: "BTC" }, 50, 1_000],
		["private/get_transaction_log", { currency: "BTC" }, 8, 1_000],
		["private/move_positions", {}, 6, 10_000],
		["private/get_open_orders", {}, 100, 50],
	])("%s with %j can be called %i times at once, then again after %i ms", async (method, params, burst, refillMs) => {
		const { bare } = await stage({ closeOnRateLimit: false });
		await vi.advanceTimersByTimeAsync(10_000);
		const isPaid = async (): Promise<boolean> => "result" in (await bare.ask(method, params));
		for (let count = 1; count <= burst; count += 1) expect(await isPaid()).toBe(true);
		expect(await isPaid()).toBe(false);
		await vi.advanceTimersByTimeAsync(refillMs - 1);
		expect(await isPaid()).toBe(false);
		await vi.advanceTimersByTimeAsync(1);
		expect(await isPaid()).toBe(true);
	});

	it("order calls to DeribitVenue have no rate limit, unless limitsMatching is true: then 20 calls at once and 5 per second", async () => {
		const unlimited = await stage();
		for (let count = 0; count < 200; count += 1)
			expect(await unlimited.call("private/buy", buy)).toHaveProperty("order");
		const { call } = await stage({ limitsMatching: true, closeOnRateLimit: false });
		for (let count = 0; count < 20; count += 1) expect(await call("private/buy", buy)).toHaveProperty("order");
		expect(await call("private/cancel_all")).toBe(10028);
		await vi.advanceTimersByTimeAsync(200);
		expect(await call("private/cancel_all")).toBe(20);
	});
});

describe("an idle connection to the simulated Deribit", () => {
	it("an idle connection to DeribitVenue is dropped after 60 s, unless it has a subscription", async () => {
		const { bare, open, call } = await stage();
		const idle = await open();
		await call("private/subscribe", { channels: ["user.portfolio.btc"] });
		await vi.advanceTimersByTimeAsync(122_000);
		expect(idle.closed).toMatchObject({ code: 1006, at: 60_000 });
		expect(bare.closed).toBeUndefined();
	});

	it("an idle connection to DeribitVenue is kept open by WebSocket pings over a real socket", async () => {
		vi.useRealTimers();
		const link = new Link(new DeribitVenue({ transportIdleMs: 400 }));
		const served = await serve(link);
		const closed = (socket: WebSocket) =>
			new Promise<number>((resolve) => socket.on("close", () => resolve(performance.now())));
		const [pinging, silent] = [new WebSocket(served.ws), new WebSocket(served.ws)];
		const pings = setInterval(() => pinging.readyState === WebSocket.OPEN && pinging.ping(), 100);
		let isPingingOpen = true;
		void closed(pinging).then(() => {
			isPingingOpen = false;
		});
		await closed(silent);
		expect(isPingingOpen).toBe(true);
		clearInterval(pings);
		await closed(pinging);
		await served.close();
	});
});

describe("faults of the simulated Deribit that act on an order", () => {
	it("fault cancel of DeribitVenue cancels the newest open order or the given order, and sets its cancel reason", async () => {
		const { call, venue, states } = await stage();
		for (const label of ["a", "b", "c"]) await call("private/buy", { ...buy, label });
		venue.faults.cancel({});
		venue.faults.cancel({ orderId: "SIM-1", reason: "mmp_trigger" });
		expect(states()).toEqual(["SIM-1 cancelled", "SIM-2 open", "SIM-3 cancelled"]);
		expect(venue.orders().map(({ cancelReason }) => cancelReason)).toEqual([
			"mmp_trigger",
			undefined,
			"risk_mitigation",
		]);
		expect(() => venue.faults.cancel({ orderId: "SIM-1" })).toThrow(
			'fault cancel: argument orderId must be the id of an open order, got "SIM-1".',
		);
	});

	it.each([
		["fill", "open order that does not wait for its trigger price"],
		["cancel", "open order"],
		["triggerStop", "open order that waits for its trigger price"],
	] as const)("fault %s of DeribitVenue throws if there is no %s", async (fault, wanted) => {
		const { venue } = await stage();
		const trigger = (args: Record<string, unknown>) => () => venue.faults[fault](args);
		expect(trigger({})).toThrow(`fault ${fault}: there is no ${wanted}. Place one first.`);
		expect(trigger({ orderId: 7 })).toThrow(`fault ${fault}: argument orderId must be the id of an ${wanted}, got 7.`);
	});
});

describe("public/ticker", () => {
	it("public/ticker returns the mark price and a price band around it, rounded to the tick size", async () => {
		const { call } = await stage();
		const band = { min_price: 85_500, max_price: 94_500, mark_price: 90_000, best_bid_price: 89_999.5 };
		expect(await call("public/ticker", { instrument_name: "BTC-PERPETUAL" })).toMatchObject(band);
	});
});
