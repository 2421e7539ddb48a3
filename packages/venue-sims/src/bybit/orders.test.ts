import { beforeEach, describe, expect, it } from "vitest";
import { epoch, type Frame, restingOrder, start, useFakeClock } from "./testing/harness.ts";

useFakeClock();

let venue: ReturnType<typeof start>;

beforeEach(() => {
	venue = start({ orderCallsPerSecond: 1_000 });
});

const create = (changed: Frame = {}): Promise<Frame> => venue.post("/v5/order/create", { ...restingOrder, ...changed });
const list = async (query: string, path = "/v5/order/realtime"): Promise<Frame[]> => {
	const { result } = await venue.get(path, query);
	return (result as { list: Frame[] }).list;
};
const links = async (query: string, path?: string): Promise<unknown[]> =>
	(await list(query, path)).map(({ orderLinkId }) => orderLinkId);

describe("POST /v5/order/create", () => {
	it("/v5/order/create stores the caller's order id, side, quantity and price, and /v5/order/realtime returns them", async () => {
		expect(await create({ orderLinkId: "mine-1" })).toEqual({
			retCode: 0,
			retMsg: "OK",
			result: { orderId: "sim-000001", orderLinkId: "mine-1" },
			retExtInfo: {},
			time: epoch,
		});
		expect(await list("category=linear&symbol=BTCUSDT")).toMatchObject([
			{ orderId: "sim-000001", orderLinkId: "mine-1", side: "Buy", qty: "0.5", price: "30000", orderStatus: "New" },
		]);
		expect(venue.venue.orders()).toMatchObject([{ linkId: "mine-1", side: "Buy", qty: "0.5", price: "30000" }]);
	});

	it("/v5/order/create refuses an order link id that was used before, even if that order has ended", async () => {
		await create({ orderLinkId: "mine-1" });
		expect(await create({ orderLinkId: "mine-1" })).toMatchObject({ retCode: 110072, result: {} });
		await venue.post("/v5/order/cancel-all", { category: "linear", symbol: "BTCUSDT" });
		expect(await create({ orderLinkId: "mine-1" })).toMatchObject({ retCode: 110072 });
		expect(await create({ category: "spot", orderLinkId: "mine-1" })).toMatchObject({ retCode: 170141 });
		expect(await create({ orderLinkId: "mine-2" })).toMatchObject({ retCode: 0 });
	});

	it.each([
		["an unknown category", { category: "future" }],
		["an unknown symbol", { symbol: "NOPEUSDT" }],
		["a symbol of another category", { symbol: "BTCUSD" }],
		["no side", { side: undefined }],
		["a quantity that is a number", { qty: 0.5 }],
		["a quantity of zero", { qty: "0" }],
		["a limit order without a price", { price: undefined }],
		["an order link id of 37 characters", { orderLinkId: "x".repeat(37) }],
		["an option without an order link id", { category: "option", symbol: "BTC-27DEC30-100000-C" }],
	])("/v5/order/create refuses %s with 10001", async (_, changed) => {
		expect(await create(changed)).toMatchObject({ retCode: 10001, result: {} });
		expect(venue.venue.orders()).toEqual([]);
	});

	it("/v5/order/create fills orders that cross the last price, except post-only orders, and cancels IOC orders that do not cross", async () => {
		await create({ orderType: "Market", price: undefined, orderLinkId: "market" });
		await create({ price: "70000", orderLinkId: "crosses" });
		await create({ price: "70000", timeInForce: "PostOnly", orderLinkId: "post" });
		await create({ timeInForce: "IOC", orderLinkId: "ioc" });
		expect(await list("category=linear", "/v5/order/history")).toMatchObject([
			{ orderLinkId: "ioc", orderStatus: "Cancelled", rejectReason: "EC_NoImmediateQtyToFill" },
			{ orderLinkId: "post", orderStatus: "Cancelled", rejectReason: "EC_PostOnlyWillTakeLiquidity" },
			{ orderLinkId: "crosses", orderStatus: "Filled", avgPrice: "60000", cumExecQty: "0.5", leavesQty: "0" },
			{ orderLinkId: "market", orderStatus: "Filled", orderType: "Market", timeInForce: "IOC" },
		]);
	});
});

describe("POST /v5/order/amend", () => {
	it("/v5/order/amend changes price or quantity of the order with the given orderId or orderLinkId; a value that is not sent stays the same", async () => {
		await create({ orderLinkId: "mine-1" });
		const amended = await venue.post("/v5/order/amend", {
			...restingOrder,
			orderLinkId: "mine-1",
			qty: "0.7",
			price: undefined,
		});
		expect(amended).toMatchObject({ retMsg: "OK", result: { orderId: "sim-000001", orderLinkId: "mine-1" } });
		await venue.post("/v5/order/amend", {
			category: "linear",
			symbol: "BTCUSDT",
			orderId: "sim-000001",
			price: "31000",
		});
		expect(await list("category=linear&symbol=BTCUSDT")).toMatchObject([{ qty: "0.7", price: "31000" }]);
	});

	it("/v5/order/amend refuses an unknown order id with 110001, and a call without an id with 10001", async () => {
		const call = { category: "linear", symbol: "BTCUSDT", price: "1" };
		expect(await venue.post("/v5/order/amend", { ...call, orderId: "x" })).toMatchObject({ retCode: 110001 });
		expect(await venue.post("/v5/order/amend", call)).toMatchObject({ retCode: 10001 });
	});
});

describe("POST /v5/order/cancel", () => {
	it("/v5/order/cancel ignores the orderLinkId if the call also has an orderId", async () => {
		await create({ orderLinkId: "a" });
		await create({ orderLinkId: "b" });
		const call = { category: "linear", symbol: "BTCUSDT" };
		const cancelled = await venue.post("/v5/order/cancel", { ...call, orderId: "sim-000001", orderLinkId: "b" });
		expect(cancelled).toMatchObject({ retMsg: "OK", result: { orderId: "sim-000001", orderLinkId: "a" } });
		expect(await links("category=linear&symbol=BTCUSDT")).toEqual(["b"]);
		expect(await venue.post("/v5/order/cancel", { ...call, orderLinkId: "a" })).toMatchObject({ retCode: 110001 });
		expect(await venue.post("/v5/order/cancel", { ...call, orderLinkId: "b", orderId: null })).toMatchObject({
			retCode: 0,
		});
	});
});

describe("POST /v5/order/cancel-all", () => {
	beforeEach(async () => {
		await create({ orderLinkId: "btc" });
		await create({ symbol: "ETHUSDT", price: "1500", orderLinkId: "eth" });
		await create({ symbol: "BTCPERP", orderLinkId: "perp" });
		await create({ category: "inverse", symbol: "BTCUSD", qty: "100", orderLinkId: "inverse" });
		await create({ category: "spot", orderLinkId: "spot" });
		await create({ category: "spot", triggerPrice: "20000", orderLinkId: "spot-stop" });
		await create({ triggerPrice: "20000", triggerDirection: 2, orderLinkId: "stop" });
	});

	const cancelled = async (body: Frame): Promise<unknown[]> => {
		const { retMsg, result } = await venue.post("/v5/order/cancel-all", body);
		expect(retMsg).toBe("OK");
		expect(Object.keys(result as object)).toEqual(["list", "success"]);
		expect(result).toMatchObject({ success: "1" });
		return (result as { list: Frame[] }).list.map(({ orderLinkId }) => orderLinkId).sort();
	};

	it.each<[Frame, string[]]>([
		[{ category: "linear", symbol: "BTCUSDT" }, ["btc", "stop"]],
		[{ category: "linear", symbol: null, settleCoin: "USDT" }, ["btc", "eth", "stop"]],
		[{ category: "linear", settleCoin: "USDC" }, ["perp"]],
		[{ category: "linear", baseCoin: "BTC" }, ["btc", "perp", "stop"]],
		[{ category: "linear", symbol: "ETHUSDT", baseCoin: "BTC", settleCoin: "USDC" }, ["eth"]],
		[{ category: "linear", symbol: "BTCUSDT", orderFilter: "StopOrder" }, ["stop"]],
		[{ category: "inverse", settleCoin: "BTC" }, ["inverse"]],
		[{ category: "spot" }, ["spot"]],
		[{ category: "spot", orderFilter: "tpslOrder" }, []],
		[{ category: "spot", symbol: "ETHUSDT" }, []],
		[{ category: "option" }, []],
	])("/v5/order/cancel-all with %j cancels %j and nothing else", async (body, expected) => {
		expect(await cancelled(body)).toEqual(expected);
		const open = venue.venue.orders().filter(({ state }) => state === "open");
		expect(open).toHaveLength(7 - expected.length);
	});

	it.each(["linear", "inverse"])("/v5/order/cancel-all requires a symbol or coin for category %s", async (category) => {
		expect(await venue.post("/v5/order/cancel-all", { category })).toMatchObject({ retCode: 10001 });
		expect(venue.open()).toBe(7);
	});
});

describe("GET /v5/order/realtime", () => {
	it("/v5/order/realtime lists the open orders of a category; category linear requires a symbol, settle coin or base coin", async () => {
		for (const instrument of ["BTCUSDT", "BTCPERP", "BTCUSD"])
			venue.trigger("place", { product: "DERIVATIVES", instrument });
		const symbols = async (query: string): Promise<unknown> => {
			const { result, retCode } = await venue.get("/v5/order/realtime", query);
			return retCode === 0 ? (result as { list: { symbol: string }[] }).list.map(({ symbol }) => symbol) : retCode;
		};
		expect(await symbols("category=linear&settleCoin=USDT")).toEqual(["BTCUSDT"]);
		expect(await symbols("category=linear&settleCoin=USDC")).toEqual(["BTCPERP"]);
		expect(await symbols("category=linear&baseCoin=BTC")).toEqual(["BTCPERP", "BTCUSDT"]);
		expect(await symbols("category=inverse")).toEqual(["BTCUSD"]);
		expect(await symbols("category=spot")).toEqual([]);
		expect(await symbols("category=linear")).toBe(10001);
		expect(await symbols("category=future")).toBe(10001);
		expect(await symbols("category=spot&limit=51")).toBe(10001);
		expect(await symbols("category=spot&cursor=made-up")).toBe(10001);
	});

	it("/v5/order/realtime selects orders by orderId, or else orderLinkId, or else symbol; it lists ended orders only by id or with openOnly=1", async () => {
		await create({ orderLinkId: "a" });
		await create({ orderLinkId: "b" });
		await create({ symbol: "ETHUSDT", price: "1500", orderLinkId: "c" });
		expect(await links("category=linear&symbol=ETHUSDT&settleCoin=USDT")).toEqual(["c"]);
		expect(await links("category=linear&orderLinkId=b&symbol=ETHUSDT")).toEqual(["b"]);
		expect(await links("category=linear&orderId=sim-000001&orderLinkId=b")).toEqual(["a"]);
		await venue.post("/v5/order/cancel", { category: "linear", symbol: "BTCUSDT", orderLinkId: "a" });
		expect(await links("category=linear&orderLinkId=a")).toEqual(["a"]);
		expect(await links("category=linear&symbol=BTCUSDT")).toEqual(["b"]);
		expect(await links("category=linear&symbol=BTCUSDT&openOnly=1")).toEqual(["a"]);
		expect(await links("category=linear&symbol=BTCUSDT", "/v5/order/history")).toEqual(["a"]);
	});

	it("/v5/order/realtime lists the newest orders first, in pages; the cursor of the next page contains percent signs", async () => {
		for (let placed = 0; placed < 3; placed += 1) venue.trigger("place", { product: "SPOT" });
		const first = await venue.get("/v5/order/realtime", "category=spot&limit=2");
		const { nextPageCursor } = first["result"] as Frame;
		expect(first["result"]).toMatchObject({ list: [{ orderId: "sim-000003" }, { orderId: "sim-000002" }] });
		expect(nextPageCursor).toContain("%3D");
		const second = await venue.get(
			"/v5/order/realtime",
			`category=spot&limit=2&cursor=${encodeURIComponent(String(nextPageCursor))}`,
		);
		expect(second["result"]).toMatchObject({ nextPageCursor: "", list: [{ orderId: "sim-000001" }] });
	});
});

describe("fault cancel of the simulated Bybit", () => {
	it("fault cancel of BybitVenue cancels the newest open order or the given order, and sets its cancelType", async () => {
		for (const orderLinkId of ["a", "b", "c"]) await create({ orderLinkId });
		venue.venue.faults.cancel({});
		venue.venue.faults.cancel({ orderId: "sim-000001", cancelType: "CancelByPrepareLiq" });
		expect(await list("category=linear&symbol=BTCUSDT&openOnly=1")).toMatchObject([
			{ orderLinkId: "c", orderStatus: "Cancelled", cancelType: "CancelByAdmin" },
			{ orderLinkId: "a", orderStatus: "Cancelled", cancelType: "CancelByPrepareLiq" },
		]);
		expect(await links("category=linear&symbol=BTCUSDT")).toEqual(["b"]);
		expect(() => venue.venue.faults.cancel({ orderId: "sim-000001" })).toThrow(
			'fault cancel: argument orderId must be the id of an open order, got "sim-000001".',
		);
	});

	it("fault cancel of BybitVenue throws if the account has no open order", () => {
		expect(() => venue.venue.faults.cancel({})).toThrow("fault cancel: there is no open order. Place one first.");
	});
});

describe("GET /v5/market/tickers", () => {
	it("/v5/market/tickers returns the last price of an instrument", async () => {
		expect(await list("category=linear&symbol=BTCUSDT", "/v5/market/tickers")).toMatchObject([
			{ symbol: "BTCUSDT", lastPrice: "60000", bid1Price: "60000" },
		]);
		expect(await venue.get("/v5/market/tickers", "category=none")).toMatchObject({ retCode: 10001 });
	});
});
