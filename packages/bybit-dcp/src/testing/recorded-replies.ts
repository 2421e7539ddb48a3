import type { BybitFault, BybitVenueOptions } from "@x/venue-sims";
import type { BybitHttp } from "../http/http-client.ts";

/** How to bring the simulator into the state in which it sends the recorded reply. */
interface Position {
	readonly options?: BybitVenueOptions;
	readonly fault?: readonly [fault: BybitFault, args: Record<string, unknown>];
	/** Whether Disconnection Protect has cancelled the order because the only subscribed connection was lost. */
	readonly isCancelledByDcp?: boolean;
	/** A request header that does not arrive at the venue. */
	readonly lostHeader?: string;
}

/** A reply as it was captured, reported or documented, with made-up values. */
export interface RecordedReply {
	readonly when: string;
	readonly call: (http: BybitHttp) => Promise<unknown>;
	readonly status: number;
	readonly body: string;
	/** Members that the result or the error must have when the client reads this reply. */
	readonly reads: unknown;
	/** How to get this reply from the simulator. Absent if the simulator never sends this reply. */
	readonly simulated?: Position;
}

const set = (http: BybitHttp) => http.setDcp({ product: "DERIVATIVES", windowSeconds: 10 });
const query = (http: BybitHttp) => http.queryDcp();
const openOrders = (http: BybitHttp) => http.openOrders({ category: "linear", settleCoin: "USDT" });
const history = (http: BybitHttp) => http.orderHistory({ category: "linear" });
const mode = (http: BybitHttp) => http.accountMode();

const rest = '"retExtInfo":{},"time":1794182400123}';
const replied = (retMsg: string, result: string): string =>
	`{"retCode":0,"retMsg":"${retMsg}","result":${result},${rest}`;
const refused = (retCode: number, retMsg: string): string =>
	`{"retCode":${retCode},"retMsg":"${retMsg}","result":{},${rest}`;
const clock = "invalid request, please check your server timestamp or recv_window param.";
const nothingEnabled = [{ enabled: false }, { enabled: false }, { enabled: false }];

const order = (status: string, cancelType: string): string =>
	'{"orderId":"fd4300ae","orderLinkId":"mine-1","blockTradeId":"","symbol":"BTCUSDT","price":"30000","qty":"0.1","side":"Buy",' +
	`"isLeverage":"","positionIdx":0,"orderStatus":"${status}","cancelType":"${cancelType}","rejectReason":"EC_NoError",` +
	'"avgPrice":"","leavesQty":"0.1","leavesValue":"3000","cumExecQty":"0","cumExecValue":"0","cumExecFee":"0",' +
	'"timeInForce":"GTC","orderType":"Limit","stopOrderType":"","orderIv":"","triggerPrice":"","takeProfit":"","stopLoss":"",' +
	'"tpTriggerBy":"","slTriggerBy":"","triggerDirection":0,"triggerBy":"","lastPriceOnCreated":"","reduceOnly":false,' +
	'"closeOnTrigger":false,"smpType":"None","smpGroup":0,"smpOrderId":"","tpslMode":"","tpLimitPrice":"","slLimitPrice":"",' +
	'"placeType":"","createdTime":"1794182400000","updatedTime":"1794182400123","cumFeeDetail":{}}';
const page = (entry: string): string => replied("OK", `{"list":[${entry}],"nextPageCursor":"","category":"linear"}`);
const placed = ["place", { product: "DERIVATIVES", instrument: "BTCUSDT", linkId: "mine-1" }] as const;
const forced = (args: Record<string, unknown>): Position => ({ fault: ["force", args] });

export const recordedReplies: readonly RecordedReply[] = [
	{
		when: "the set call, as documented",
		call: set,
		status: 200,
		body: '{"retCode":0,"retMsg":"success"}',
		reads: undefined,
		simulated: {},
	},
	{
		when: "the set call, in the form of other calls",
		call: set,
		status: 200,
		body: replied("success", "{}"),
		reads: undefined,
		simulated: { options: { setReply: "full" } },
	},
	...["OK", "SUCCESS", ""].map((retMsg) => ({
		when: `the set call with retMsg ${JSON.stringify(retMsg)}`,
		call: set,
		status: 200,
		body: replied(retMsg, "{}"),
		reads: undefined,
	})),
	{
		when: "the set call of an account without protection",
		call: set,
		status: 200,
		body: refused(10005, "Permission denied, please check your API key permissions."),
		reads: { kind: "permission", venueCode: 10005 },
		simulated: { options: { enabled: [] } },
	},
	{
		when: "the query, one product enabled",
		call: query,
		status: 200,
		body: replied("success", '{"dcpInfos":[{"product":"DERIVATIVES","dcpStatus":"ON","timeWindow":"10"}]}'),
		reads: [{ product: "DERIVATIVES", enabled: true, windowSeconds: 10 }, { enabled: false }, { enabled: false }],
		simulated: { options: { enabled: ["DERIVATIVES"] } },
	},
	...(["array", "null", "absent"] as const).map((emptyList) => ({
		when: `the query, nothing enabled: ${emptyList}`,
		call: query,
		status: 200,
		body: replied("success", { array: '{"dcpInfos":[]}', null: '{"dcpInfos":null}', absent: "{}" }[emptyList]),
		reads: nothingEnabled,
		simulated: { options: { enabled: [], emptyList } },
	})),
	{
		when: "the account's information, whose DCP members always say off",
		call: mode,
		status: 200,
		body: replied(
			"OK",
			'{"marginMode":"REGULAR_MARGIN","updatedTime":"1697078946000","unifiedMarginStatus":5,"dcpStatus":"OFF","timeWindow":0,' +
				'"smpGroup":0,"isMasterTrader":false,"spotHedgingStatus":"OFF"}',
		),
		reads: "unified-2",
		simulated: {},
	},
	{
		when: "the open orders",
		call: openOrders,
		status: 200,
		body: page(order("New", "UNKNOWN")),
		reads: {
			orders: [
				{
					orderId: "fd4300ae",
					orderLinkId: "mine-1",
					status: "New",
					side: "Buy",
					price: "30000",
					qty: "0.1",
					leavesQty: "0.1",
					filledQty: "0",
				},
			],
		},
		simulated: { fault: placed },
	},
	{
		when: "the open orders of linear without a coin",
		call: (http) => http.openOrders({ category: "linear" }),
		status: 200,
		body: refused(
			10001,
			"params error: Missing some parameters that must be filled in, symbol or settleCoin or baseCoin",
		),
		reads: { kind: "parameter", venueCode: 10001 },
		simulated: {},
	},
	{
		when: "the history, with an order that protection cancelled",
		call: history,
		status: 200,
		body: page(order("Cancelled", "CancelByDCP")),
		reads: { orders: [{ status: "Cancelled", cancelType: "CancelByDCP" }] },
		simulated: { fault: placed, isCancelledByDcp: true },
	},
	{
		when: "the venue's clock",
		call: (http) => http.serverTime(),
		status: 200,
		body: replied("OK", '{"timeSecond":"1794182400","timeNano":"1794182400123456789"}'),
		reads: { epochMs: 1_794_182_400_123, epochNs: 1_794_182_400_123_456_789n },
		simulated: {},
	},
	{
		when: "a timestamp that is ahead",
		call: query,
		status: 200,
		body: refused(10002, `${clock} req_timestamp[1755542601897],server_timestamp[1755542600895],recv_window[5000]`),
		reads: { kind: "clock", venueCode: 10002 },
		simulated: { options: { skewMs: -2_000 } },
	},
	{
		when: "a timestamp that is late",
		call: query,
		status: 200,
		body: refused(10002, `${clock} req_timestamp[1678623600260],server_timestamp[1678623606869],recv_window[5000]`),
		reads: { kind: "clock", venueCode: 10002 },
		simulated: { options: { skewMs: 6_609 } },
	},
	{
		when: "a key of another environment",
		call: query,
		status: 200,
		body: refused(10003, "API key is invalid."),
		reads: { kind: "environment", venueCode: 10003 },
		simulated: { options: { apiKey: "another" } },
	},
	{
		when: "a wrong signature, with the string that the venue signed",
		call: query,
		status: 200,
		body: refused(10004, "error sign! origin_string[1700000000000test_api_key5000]"),
		reads: { kind: "signature", venueCode: 10004 },
		simulated: { options: { apiSecret: "another" } },
	},
	{
		when: "an address that is not in the key's list",
		call: query,
		status: 200,
		body: refused(10010, "Unmatched IP, please check your API key's bound IP addresses."),
		reads: { kind: "address", venueCode: 10010 },
		simulated: forced({ retCode: 10010, retMsg: "Unmatched IP, please check your API key's bound IP addresses." }),
	},
	{
		when: "a call that exceeds the rate limit",
		call: query,
		status: 200,
		body: refused(10006, "Too many visits. Exceeded the API Rate Limit."),
		reads: { kind: "rate", venueCode: 10006 },
		simulated: { options: { dcpCallsPerSecond: 0 } },
	},
	{
		when: "the shorter text of the same",
		call: query,
		status: 200,
		body: refused(10006, "Too many visits!"),
		reads: { kind: "rate" },
		simulated: forced({ retCode: 10006, retMsg: "Too many visits!" }),
	},
	{
		when: "a system error, with retExtInfo null",
		call: query,
		status: 200,
		body: '{"retCode":10016,"retMsg":"System error. Please try again later.","result":{},"retExtInfo":null,"time":1794182400123}',
		reads: { kind: "unknown-outcome", venueCode: 10016 },
		simulated: forced({ retCode: 10016, retMsg: "System error. Please try again later." }),
	},
	{
		when: "the same with result null and without time",
		call: query,
		status: 200,
		body: '{"retCode":10016,"retMsg":"System error. Please try again later.","result":null,"retExtInfo":null}',
		reads: { kind: "unknown-outcome" },
	},
	...(
		[
			[-1, "request expired", "clock"],
			[429, "trading service under load", "overload"],
			[10018, "Exceeded the IP Rate Limit.", "banned"],
			[10029, "The requested symbol is not in the whitelist.", "venue"],
			[100028, "The API cannot be accessed by unified account users.", "venue"],
			[110001, "Order does not exist", "venue"],
			[110065, "MMP not enabled", "venue"],
			[10000, "Server Timeout", "unknown-outcome"],
			[10014, "Duplicate request", "unknown-outcome"],
			[33004, "Your api key has expired.", "key"],
			[-2015, "Your api key has expired.", "key"],
			[10007, "User authentication failed.", "key"],
			[10008, "Common banned", "account"],
			[10009, "IP has been banned.", "account"],
			[10024, "Compliance rules triggered", "account"],
			[10027, "Transactions are banned.", "account"],
			[10028, "The API can only be accessed by unified account users.", "account"],
			[10017, "Route not found.", "route"],
			[10032, "Demo trading are not supported.", "environment"],
			[110072, "OrderLinkedID is duplicate", "venue"],
		] as const
	).map(([retCode, retMsg, kind]) => ({
		when: `the error ${retCode}`,
		call: query,
		status: 200,
		body: refused(retCode, retMsg),
		reads: { kind, venueCode: retCode },
		simulated: forced({ retCode, retMsg }),
	})),
	{
		when: "too many calls from an address, as a short text",
		call: query,
		status: 403,
		body: "access too frequent",
		reads: { kind: "banned", status: 403 },
		simulated: { fault: ["ban", { forMs: 60_000 }] },
	},
	{
		when: "too many calls from an address, as JSON",
		call: query,
		status: 403,
		body: '{"retCode":403,"retMsg":"access too frequent"}',
		reads: { kind: "banned", status: 403 },
	},
	{
		when: "a country that is not served",
		call: query,
		status: 403,
		body:
			'<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN" "http://www.w3.org/TR/html4/loose.dtd">\n' +
			'<HTML><HEAD><META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=iso-8859-1">\n' +
			"<TITLE>ERROR: The request could not be satisfied</TITLE>\n</HEAD><BODY>\n<H1>403 ERROR</H1>\n" +
			"<H2>The request could not be satisfied.</H2>\n" +
			"The Amazon CloudFront distribution is configured to block access from your country.\n</BODY></HTML>",
		reads: { kind: "blocked", status: 403 },
		simulated: { fault: ["geoBlock", { on: true }] },
	},
	{
		when: "a method that is not in capitals",
		call: query,
		status: 400,
		body: "",
		reads: { kind: "http", status: 400 },
		simulated: forced({ status: 400 }),
	},
	{
		when: "a header that is missing",
		call: query,
		status: 401,
		body: "",
		reads: { kind: "environment", status: 401 },
		simulated: { lostHeader: "x-bapi-sign" },
	},
	{
		when: "a path that is not there",
		call: query,
		status: 404,
		body: "",
		reads: { kind: "route", status: 404 },
		simulated: forced({ status: 404 }),
	},
	{
		when: "system-level protection",
		call: query,
		status: 429,
		body: "Too Many Requests",
		reads: { kind: "overload", status: 429 },
		simulated: forced({ status: 429, body: "Too Many Requests" }),
	},
	{
		when: "a page of a server that is down",
		call: query,
		status: 502,
		body: "<html><body>502 Bad Gateway</body></html>",
		reads: { kind: "unknown-outcome", status: 502 },
	},
];
