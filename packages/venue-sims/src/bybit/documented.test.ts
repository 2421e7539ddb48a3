import { describe, expect, it, vi } from "vitest";
import { type Frame, queryPath, restingOrder, setPath, start, useFakeClock } from "./testing/harness.ts";

useFakeClock();

/** The names of all members in their order, those of the first entry of a list included. */
function members(value: unknown): unknown {
	if (Array.isArray(value)) return value.length === 0 ? [] : [members(value[0])];
	if (typeof value !== "object" || value === null) return undefined;
	const nested = Object.entries(value).map(([name, each]) => {
		const inner = members(each);
		return inner === undefined ? name : { [name]: inner };
	});
	return nested;
}

const words = (text: string): string[] => text.trim().split(/\s+/);
const envelope = (result: unknown): unknown => ["retCode", "retMsg", { result }, { retExtInfo: [] }, "time"];

const orderMembers = [
	...words(`orderId orderLinkId blockTradeId symbol price qty side isLeverage positionIdx orderStatus cancelType rejectReason
		avgPrice leavesQty leavesValue cumExecQty cumExecValue cumExecFee timeInForce orderType stopOrderType orderIv triggerPrice
		takeProfit stopLoss tpTriggerBy slTriggerBy triggerDirection triggerBy lastPriceOnCreated reduceOnly closeOnTrigger smpType
		smpGroup smpOrderId tpslMode tpLimitPrice slLimitPrice placeType createdTime updatedTime`),
	{ cumFeeDetail: [] },
];

const pushedOrderMembers = [
	...words(`symbol orderId side orderType cancelType price qty orderIv timeInForce orderStatus orderLinkId lastPriceOnCreated
		reduceOnly leavesQty leavesValue cumExecQty cumExecValue avgPrice blockTradeId positionIdx cumExecFee closedPnl createdTime
		updatedTime rejectReason stopOrderType tpslMode triggerPrice takeProfit stopLoss tpTriggerBy slTriggerBy tpLimitPrice
		slLimitPrice triggerDirection triggerBy closeOnTrigger category placeType smpType smpGroup smpOrderId feeCurrency`),
	{ cumFeeDetail: [] },
];

describe("replies have the documented members in the documented order:", () => {
	async function traded() {
		const started = start({ orderCallsPerSecond: 1_000 });
		await started.post("/v5/order/create", { ...restingOrder, orderType: "Market" });
		await started.post("/v5/order/create", restingOrder);
		return started;
	}

	it.each<[string, string, string, unknown]>([
		[setPath, "POST", "success", ["retCode", "retMsg"]],
		[queryPath, "", "success", envelope([{ dcpInfos: [words("product dcpStatus timeWindow")] }])],
		["/v5/order/create", "POST", "OK", envelope(words("orderId orderLinkId"))],
		["/v5/order/cancel-all", "POST", "OK", envelope([{ list: [words("orderId orderLinkId")] }, "success"])],
		[
			"/v5/order/realtime",
			"category=linear&symbol=BTCUSDT",
			"OK",
			envelope([{ list: [orderMembers] }, "nextPageCursor", "category"]),
		],
		["/v5/order/history", "category=linear", "OK", envelope([{ list: [orderMembers] }, "nextPageCursor", "category"])],
		["/v5/market/time", "", "OK", envelope(words("timeSecond timeNano"))],
		[
			"/v5/account/info",
			"",
			"OK",
			envelope(
				words(
					"marginMode updatedTime unifiedMarginStatus dcpStatus timeWindow smpGroup isMasterTrader spotHedgingStatus",
				),
			),
		],
		[
			"/v5/position/list",
			"category=linear&symbol=BTCUSDT",
			"OK",
			envelope([
				{
					list: [
						words(`positionIdx riskId riskLimitValue symbol side size avgPrice positionValue tradeMode positionStatus autoAddMargin
							adlRankIndicator leverage positionBalance markPrice liqPrice bustPrice positionMM positionIM tpslMode takeProfit stopLoss
							trailingStop unrealisedPnl curRealisedPnl cumRealisedPnl seq isReduceOnly mmrSysUpdatedTime leverageSysUpdatedTime
							sessionAvgPrice createdTime updatedTime`),
					],
				},
				"nextPageCursor",
				"category",
			]),
		],
	])("%s %s", async (path, query, retMsg, expected) => {
		const { get, post } = await traded();
		const body = { ...restingOrder, product: "SPOT", timeWindow: 10 };
		const reply = query === "POST" ? await post(path, body) : await get(path, query);
		expect(members(reply)).toEqual(expected);
		expect(reply).toMatchObject({ retCode: 0, retMsg });
	});

	it("/v5/user/query-api, whose retMsg is empty", async () => {
		const reply = await start().get("/v5/user/query-api");
		expect(reply).toMatchObject({ retCode: 0, retMsg: "", result: { uta: 1, readOnly: 0, apiKey: "sim-bybit-key" } });
		expect(Object.keys(reply["result"] as object)).toEqual(
			words(`id note apiKey readOnly secret permissions ips type deadlineDay expiredAt createdAt unified uta userID inviterID vipLevel
				mktMakerLevel affiliateID rsaPublicKey isMaster parentUid kycLevel kycRegion`),
		);
	});

	it("an error, and errors of Disconnection Protect", async () => {
		const reply = await start().post(setPath, { product: "SPOT", timeWindow: 1 });
		expect(members(reply)).toEqual(envelope([]));
	});
});

describe("frames have the documented members in the documented order:", () => {
	it("auth, subscribe and pong, accepted and refused", async () => {
		const { connect } = start();
		const connection = await connect();
		const refused = await connection.send({ op: "auth", req_id: "1", args: [] });
		expect(members(refused)).toEqual(words("conn_id op req_id ret_msg success"));
		expect(members(await connection.auth())).toEqual(words("success ret_msg op conn_id"));
		const subscribe = (topic: string) => connection.send({ op: "subscribe", req_id: "2", args: [topic] });
		expect(members(await subscribe("dcp.spot"))).toEqual(words("req_id success ret_msg op conn_id"));
		expect(members(await subscribe("dcp.x"))).toEqual(words("success ret_msg conn_id req_id op"));
		expect(members(await connection.send({ op: "ping", req_id: "3" }))).toEqual([
			"req_id",
			"op",
			{ args: [undefined] },
			"conn_id",
		]);
	});

	it("the pushes of a fill", async () => {
		const { connect, post } = start();
		const connection = await connect();
		await connection.auth();
		for (const topic of ["order.linear", "execution", "execution.fast", "position"]) await connection.subscribe(topic);
		connection.frames.length = 0;
		await post("/v5/order/create", { ...restingOrder, orderType: "Market" });
		await vi.advanceTimersByTimeAsync(0);
		const head = words("id topic creationTime");
		const membersOf = (topic: string): unknown =>
			members(connection.frames.find((frame: Frame) => frame["topic"] === topic));
		expect(membersOf("order.linear")).toEqual([...head, { data: [pushedOrderMembers] }]);
		expect(membersOf("execution")).toEqual([
			...head,
			{
				data: [
					words(`category symbol execFee execId execPrice execQty execType execValue isMaker feeRate tradeIv markIv blockTradeId
						markPrice indexPrice underlyingPrice leavesQty orderId orderLinkId orderPrice orderQty orderType stopOrderType side
						execTime isLeverage`),
				],
			},
		]);
		expect(membersOf("execution.fast")).toEqual([
			"topic",
			"creationTime",
			{ data: [words("category symbol execId execPrice execQty orderId isMaker orderLinkId side execTime seq")] },
		]);
		expect(membersOf("position")).toEqual([
			...head,
			{
				data: [
					words(`positionIdx tradeMode riskId riskLimitValue symbol side size entryPrice leverage positionValue positionBalance
						markPrice positionIM positionMM takeProfit stopLoss trailingStop unrealisedPnl curRealisedPnl cumRealisedPnl
						sessionAvgPrice createdTime updatedTime tpslMode liqPrice bustPrice category positionStatus adlRankIndicator
						autoAddMargin leverageSysUpdatedTime mmrSysUpdatedTime seq isReduceOnly`),
				],
			},
		]);
	});
});
