import { describe, expect, it, vi } from "vitest";
import { type Frame, queryPath, restingOrder, setPath, start, useFakeClock } from "./testing/harness.ts";

useFakeClock();

/** Returns the names of all members of a reply in order, including those of nested objects. A list is represented by its first entry. */
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

const contractMembers = [
	...words("symbol symbolId contractType status baseCoin quoteCoin launchTime deliveryTime deliveryFeeRate priceScale"),
	{ leverageFilter: words("minLeverage maxLeverage leverageStep") },
	{ priceFilter: words("minPrice maxPrice tickSize") },
	{ lotSizeFilter: words("maxOrderQty minOrderQty qtyStep postOnlyMaxOrderQty maxMktOrderQty minNotionalValue") },
	...words("unifiedMarginTrade fundingInterval settleCoin copyTrading upperFundingRate lowerFundingRate isPreListing"),
	"preListingInfo",
	{ riskParameters: words("priceLimitRatioX priceLimitRatioY") },
	"symbolType",
];

const optionMembers = [
	...words("symbol status baseCoin quoteCoin settleCoin optionsType launchTime deliveryTime deliveryFeeRate"),
	{ priceFilter: words("minPrice maxPrice tickSize") },
	{ lotSizeFilter: words("maxOrderQty minOrderQty qtyStep") },
	"displayName",
];

const spotMembers = [
	...words("symbolId symbol baseCoin quoteCoin innovation status marginTrading stTag"),
	{
		lotSizeFilter: words(`basePrecision quotePrecision minOrderQty maxOrderQty minOrderAmt maxOrderAmt maxLimitOrderQty
			maxMarketOrderQty postOnlyMaxLimitOrderSize`),
	},
	{ priceFilter: ["tickSize"] },
	{ riskParameters: words("priceLimitRatioX priceLimitRatioY") },
	"symbolType",
];

const contractTicker =
	words(`symbol lastPrice indexPrice markPrice prevPrice24h price24hPcnt highPrice24h lowPrice24h prevPrice1h
	openInterest openInterestValue turnover24h volume24h fundingRate nextFundingTime predictedDeliveryPrice basisRate
	deliveryFeeRate deliveryTime ask1Size bid1Price ask1Price bid1Size`);

const optionTicker =
	words(`symbol bid1Price bid1Size bid1Iv ask1Price ask1Size ask1Iv lastPrice highPrice24h lowPrice24h markPrice
	indexPrice markIv underlyingPrice openInterest turnover24h volume24h totalVolume totalTurnover delta gamma vega theta
	predictedDeliveryPrice change24h`);

const spotTicker =
	words(`symbol bid1Price bid1Size ask1Price ask1Size lastPrice prevPrice24h price24hPcnt highPrice24h lowPrice24h
	turnover24h volume24h usdIndexPrice`);

const walletMembers = [
	...words(`totalEquity accountIMRate accountIMRateByMp totalMarginBalance totalInitialMargin totalInitialMarginByMp accountType
		totalAvailableBalance accountMMRate accountMMRateByMp totalPerpUPL totalWalletBalance accountLTV totalMaintenanceMargin
		totalMaintenanceMarginByMp`),
	{
		coin: [
			words(`availableToBorrow bonus accruedInterest availableToWithdraw totalOrderIM equity totalPositionMM usdValue
				spotHedgingQty unrealisedPnl collateralSwitch borrowAmount totalPositionIM walletBalance cumRealisedPnl locked
				marginCollateral coin spotBorrow`),
		],
	},
];

const pushedWalletMembers = [
	...words(`accountIMRate accountIMRateByMp accountMMRate accountMMRateByMp totalEquity totalWalletBalance totalMarginBalance
		totalAvailableBalance totalPerpUPL totalInitialMargin totalInitialMarginByMp totalMaintenanceMargin
		totalMaintenanceMarginByMp`),
	{
		coin: [
			words(`coin equity usdValue walletBalance availableToWithdraw availableToBorrow borrowAmount accruedInterest totalOrderIM
				totalPositionIM totalPositionMM unrealisedPnl cumRealisedPnl bonus collateralSwitch marginCollateral locked
				spotHedgingQty spotBorrow`),
		],
	},
	...words("accountLTV accountType"),
];

describe("replies of the simulated Bybit", () => {
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
		...(["linear", "inverse"] as const).flatMap((category): [string, string, string, unknown][] => [
			[
				"/v5/market/instruments-info",
				`category=${category}`,
				"OK",
				envelope(["category", { list: [contractMembers] }, "nextPageCursor"]),
			],
			["/v5/market/tickers", `category=${category}`, "OK", envelope(["category", { list: [contractTicker] }])],
		]),
		[
			"/v5/market/instruments-info",
			"category=option",
			"OK",
			envelope(["category", "nextPageCursor", { list: [optionMembers] }]),
		],
		["/v5/market/instruments-info", "category=spot", "OK", envelope(["category", { list: [spotMembers] }])],
		["/v5/market/tickers", "category=option", "OK", envelope(["category", { list: [optionTicker] }])],
		["/v5/market/tickers", "category=spot", "OK", envelope(["category", { list: [spotTicker] }])],
		["/v5/account/wallet-balance", "accountType=UNIFIED", "OK", envelope([{ list: [walletMembers] }])],
		[
			"/v5/asset/coin/query-info",
			"coin=USDT",
			"success",
			envelope([
				{
					rows: [
						[
							...words("name coin remainAmount"),
							{
								chains: [
									words(`chainType confirmation withdrawFee depositMin withdrawMin chain chainDeposit chainWithdraw
										minAccuracy withdrawPercentageFee contractAddress`),
								],
							},
						],
					],
				},
			]),
		],
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
	])("the reply to %s (%s) has the documented members in documented order", async (path, query, retMsg, expected) => {
		const { get, post } = await traded();
		const body = { ...restingOrder, product: "SPOT", timeWindow: 10 };
		const reply = query === "POST" ? await post(path, body) : await get(path, query);
		expect(members(reply)).toEqual(expected);
		expect(reply).toMatchObject({ retCode: 0, retMsg });
	});

	it.each(["/v5/order/amend", "/v5/order/cancel"])("the reply to %s has the documented members", async (path) => {
		const { post } = await traded();
		await post("/v5/order/create", { ...restingOrder, orderLinkId: "mine-1" });
		const named = { category: "linear", symbol: "BTCUSDT", orderLinkId: "mine-1", qty: "0.6" };
		const reply = await post(path, named);
		expect(members(reply)).toEqual(envelope(words("orderId orderLinkId")));
		expect(reply).toMatchObject({ retCode: 0, retMsg: "OK", result: { orderLinkId: "mine-1" } });
	});

	it("the reply to /v5/order/history has the documented members for an order that Disconnection Protect has cancelled", async () => {
		const { get, post, subscribed, link } = start();
		await post("/v5/order/create", restingOrder);
		await (await subscribed()).ping();
		link.drop();
		await vi.advanceTimersByTimeAsync(10_000);
		const reply = await get("/v5/order/history", "category=linear");
		expect(members(reply)).toEqual(envelope([{ list: [orderMembers] }, "nextPageCursor", "category"]));
		expect(reply).toMatchObject({
			result: { list: [{ orderStatus: "Cancelled", cancelType: "CancelByDCP", rejectReason: "EC_NoError" }] },
		});
	});

	it("the reply to /v5/user/query-api has the documented members and an empty retMsg", async () => {
		const reply = await start().get("/v5/user/query-api");
		expect(reply).toMatchObject({ retCode: 0, retMsg: "", result: { uta: 1, readOnly: 0, apiKey: "sim-bybit-key" } });
		expect(Object.keys(reply["result"] as object)).toEqual(
			words(`id note apiKey readOnly secret permissions ips type deadlineDay expiredAt createdAt unified uta userID inviterID vipLevel
				mktMakerLevel affiliateID rsaPublicKey isMaster parentUid kycLevel kycRegion`),
		);
	});

	it("the error reply to a call that sets the Disconnection Protect time window has the documented members in the documented order", async () => {
		const reply = await start().post(setPath, { product: "SPOT", timeWindow: 1 });
		expect(members(reply)).toEqual(envelope([]));
	});
});

describe("WebSocket frames of the simulated Bybit", () => {
	it("the replies to auth, subscribe and ping requests have the documented members in the documented order, also if the request is refused", async () => {
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

	it("the messages pushed after a fill have the documented members in the documented order", async () => {
		const { connect, post } = start();
		const connection = await connect();
		await connection.auth();
		for (const topic of ["order.linear", "execution", "execution.fast", "position", "wallet"])
			await connection.subscribe(topic);
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
		expect(membersOf("wallet")).toEqual([...head, { data: [pushedWalletMembers] }]);
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
