import { expect, it, vi } from "vitest";
import { type Connection, epoch, type Frame, restingOrder, start, useFakeClock } from "./testing/harness.ts";

useFakeClock();

async function listening(...topics: string[]) {
	const started = start({ orderCallsPerSecond: 1_000 });
	const connection = await started.connect();
	await connection.auth();
	for (const topic of topics) expect(await connection.subscribe(topic)).toMatchObject({ success: true });
	connection.frames.length = 0;
	const create = (changed: Frame = {}): Promise<Frame> =>
		started.post("/v5/order/create", { ...restingOrder, ...changed });
	return { ...started, connection, create };
}

async function pushed(connection: Connection): Promise<Frame[]> {
	await vi.advanceTimersByTimeAsync(0);
	return connection.frames.splice(0);
}

const data = (frames: readonly Frame[], topic: string): Frame[] =>
	frames.filter((frame) => frame["topic"] === topic).flatMap((frame) => frame["data"] as Frame[]);

it("the topic order of BybitVenue pushes every change of an order; the topic of one category pushes only orders of this category", async () => {
	const { connection, create, post } = await listening("order", "order.linear", "order.spot");
	await create({ orderLinkId: "mine" });
	const [all, linear, ...rest] = await pushed(connection);
	expect([all?.["topic"], linear?.["topic"], rest]).toEqual(["order", "order.linear", []]);
	expect(Object.keys(all ?? {})).toEqual(["id", "topic", "creationTime", "data"]);
	expect(all?.["creationTime"]).toBe(epoch);
	expect(linear?.["data"]).toEqual(all?.["data"]);
	const call = { category: "linear", symbol: "BTCUSDT", orderLinkId: "mine" };
	await post("/v5/order/amend", { ...call, price: "31000" });
	await post("/v5/order/cancel", call);
	expect(data(await pushed(connection), "order")).toMatchObject([
		{ orderStatus: "New", price: "31000", orderLinkId: "mine", category: "linear" },
		{ orderStatus: "Cancelled", cancelType: "CancelByUser", rejectReason: "EC_PerCancelRequest" },
	]);
});

it("an order that Disconnection Protect cancels is pushed with cancelType CancelByDCP to connections that are still open", async () => {
	const { connection, create, connect } = await listening("order.linear");
	const armed = await connect();
	await armed.auth();
	await armed.subscribe("dcp.future");
	await create();
	await pushed(connection);
	await armed.close();
	await vi.advanceTimersByTimeAsync(10_000);
	expect(data(await pushed(connection), "order.linear")).toMatchObject([
		{ orderStatus: "Cancelled", cancelType: "CancelByDCP" },
	]);
});

it("a fill at BybitVenue is pushed to the execution, position and wallet topics, and HTTP calls return the same values", async () => {
	const topics = ["order", "execution", "execution.fast", "execution.linear", "position", "position.linear", "wallet"];
	const { connection, create, get } = await listening(...topics);
	await create({ orderType: "Market", price: undefined, orderLinkId: "mine" });
	const frames = await pushed(connection);
	expect(frames.map(({ topic }) => topic)).toEqual([
		"order",
		"execution",
		"execution.linear",
		"execution.fast",
		"position",
		"position.linear",
		"wallet",
	]);
	expect(data(frames, "execution")).toMatchObject([
		{ orderLinkId: "mine", execPrice: "60000", execQty: "0.5", execValue: "30000", isMaker: false, leavesQty: "0" },
	]);
	expect(data(frames, "execution.fast")).toMatchObject([{ orderLinkId: "mine", execPrice: "60000", execQty: "0.5" }]);
	expect(frames.find(({ topic }) => topic === "execution.fast")).not.toHaveProperty("id");
	expect(data(frames, "position")).toMatchObject([
		{ symbol: "BTCUSDT", side: "Buy", size: "0.5", entryPrice: "60000" },
	]);
	const usdt = { coin: "USDT", walletBalance: "9983.5" };
	expect(data(frames, "wallet")).toMatchObject([
		{ accountType: "UNIFIED", coin: expect.arrayContaining([expect.objectContaining(usdt)]) },
	]);
	expect(await get("/v5/position/list", "category=linear&settleCoin=USDT")).toMatchObject({
		retMsg: "OK",
		result: { list: [{ symbol: "BTCUSDT", side: "Buy", size: "0.5", avgPrice: "60000" }] },
	});
	expect(await get("/v5/account/wallet-balance", "accountType=UNIFIED&coin=USDT")).toMatchObject({
		result: { list: [{ coin: [usdt] }] },
	});
});

it("fault fill of BybitVenue fills a resting order in parts; the order is the maker of each fill", async () => {
	const { connection, create, trigger, get } = await listening("order", "execution", "execution.fast");
	await create({ orderLinkId: "mine" });
	await pushed(connection);
	trigger("fill", { orderId: "sim-000001", qty: 0.2 });
	const frames = await pushed(connection);
	expect(data(frames, "order")).toMatchObject([
		{ orderStatus: "PartiallyFilled", cumExecQty: "0.2", leavesQty: "0.3", avgPrice: "30000" },
	]);
	expect(data(frames, "execution")).toMatchObject([{ isMaker: true, orderLinkId: "mine" }]);
	// The topic `execution.fast` sends an empty order link id if the order was the maker.
	expect(data(frames, "execution.fast")).toMatchObject([{ isMaker: true, orderLinkId: "" }]);
	trigger("fill", { orderId: "sim-000001" });
	expect(data(await pushed(connection), "order")).toMatchObject([{ orderStatus: "Filled", leavesQty: "0" }]);
	expect(await get("/v5/order/realtime", "category=linear&symbol=BTCUSDT")).toMatchObject({ result: { list: [] } });
	const problem = "fault fill: argument orderId must be the id of an open order";
	expect(() => trigger("fill", { orderId: "sim-000001" })).toThrow(`${problem}, got "sim-000001".`);
	expect(() => trigger("fill")).toThrow(`${problem}, got undefined.`);
});

it("a fill at BybitVenue that closes a position adds its profit to the wallet", async () => {
	const { create, trigger, get } = await listening("order");
	await create();
	trigger("fill", { orderId: "sim-000001" });
	await create({ side: "Sell", orderType: "Market", price: undefined });
	const { result } = await get("/v5/account/wallet-balance", "accountType=UNIFIED&coin=USDT");
	// The start balance of 10 000, plus a profit of 0.5 × (60 000 − 30 000), minus two fees: as maker on 15 000 and as taker on 30 000.
	expect(result).toMatchObject({ list: [{ coin: [{ walletBalance: "24980.5" }] }] });
	expect(await get("/v5/position/list", "category=linear&symbol=BTCUSDT")).toMatchObject({
		result: { list: [{ symbol: "BTCUSDT", side: "", size: "0" }] },
	});
});
