import { describe, expect, it } from "vitest";
import { readFrame } from "./socket/frames.ts";
import { answered, failure, startSocket, useFakeClock } from "./testing/harness.ts";

useFakeClock();

/** Bodies and frames as they were documented, captured or reported, with made-up values. */
describe("replies over HTTP", () => {
	it.each([
		'{"retCode":0,"retMsg":"success"}',
		'{"retCode":0,"retMsg":"OK","result":{},"retExtInfo":{},"time":1794182400123}',
		'{"retCode":0,"retMsg":"SUCCESS","result":{},"retExtInfo":null,"time":1794182400123}',
		'{"retCode":0,"retMsg":"","result":{},"retExtInfo":{},"time":1794182400123}',
	])("to setDcp succeed, whatever retMsg says: %s", async (body) => {
		await expect(answered(body).setDcp({ product: "SPOT", windowSeconds: 10 })).resolves.toBeUndefined();
	});

	it.each(['{"dcpInfos":[]}', '{"dcpInfos":null}', "{}"])(
		"to queryDcp say that nothing is enabled: %s",
		async (result) => {
			const infos = await answered(
				`{"retCode":0,"retMsg":"success","result":${result},"retExtInfo":{},"time":1}`,
			).queryDcp();
			expect(infos.map(({ enabled }) => enabled)).toEqual([false, false, false]);
		},
	);

	it("to openOrders have list, nextPageCursor and category, in this order, and members that are not needed", async () => {
		const order =
			'{"orderId":"1c1b","orderLinkId":"mine-1","blockTradeId":"","symbol":"BTCUSDT","price":"30000.5","qty":"0.01","side":"Buy",' +
			'"isLeverage":"","positionIdx":0,"orderStatus":"New","cancelType":"UNKNOWN","rejectReason":"EC_NoError","avgPrice":"",' +
			'"createdTime":"1794182400000","updatedTime":"1794182400123","smpGroup":0,"placeType":""}';
		const body = `{"retCode":0,"retMsg":"OK","result":{"list":[${order}],"nextPageCursor":"a%3D1","category":"linear"},"retExtInfo":{},"time":1794182400123}`;
		const page = await answered(body).openOrders({ category: "linear", settleCoin: "USDT" });
		expect(page).toMatchObject({
			orders: [{ orderId: "1c1b", orderLinkId: "mine-1", status: "New" }],
			nextCursor: "a%3D1",
		});
	});

	it("of an account's information are read, although its DCP members are always off", async () => {
		const result =
			'{"marginMode":"REGULAR_MARGIN","updatedTime":"1697078946000","unifiedMarginStatus":5,"dcpStatus":"OFF","timeWindow":0,' +
			'"smpGroup":0,"isMasterTrader":false,"spotHedgingStatus":"OFF"}';
		expect(await answered(`{"retCode":0,"retMsg":"OK","result":${result}}`).accountMode()).toBe("unified-2");
	});

	it.each([
		[403, "access too frequent", "banned"],
		[403, '{"retCode":403,"retMsg":"access too frequent"}', "banned"],
		[403, "<HTML><BODY>Request blocked.</BODY></HTML>", "blocked"],
		[200, '{"retCode":10009,"retMsg":"IP has been banned.","result":{},"retExtInfo":{},"time":1}', "account"],
		[
			200,
			'{"retCode":10016,"retMsg":"System error. Please try again later.","result":null,"retExtInfo":null}',
			"unknown-outcome",
		],
		[200, '{"retCode":110072,"retMsg":"OrderLinkedID is duplicate","result":{},"retExtInfo":{},"time":1}', "venue"],
	])("with HTTP %i and %s have the kind %s", async (status, body, kind) => {
		expect((await failure(answered(body, status).queryDcp())).kind).toBe(kind);
	});
});

describe("frames", () => {
	it.each([
		'{"req_id":"1","success":true,"ret_msg":"","op":"auth","conn_id":"cejreaspqfh2k0dtbgb0-1x2y"}',
		'{"success":true,"ret_msg":"","op":"auth","conn_id":"cejreaspqfh2k0dtbgb0-1x2y"}',
		'{"conn_id":"cejreaspqfh2k0dtbgb0-1x2y","op":"auth","ret_msg":"Params Error","success":false}',
		'{"success":false,"ret_msg":"API key is invalid.","op":"auth","conn_id":"cejreaspqfh2k0dtbgb0-1x2y"}',
		'{"success":true,"ret_msg":"","op":"subscribe","conn_id":"cejreaspqfh2k0dtbgb0-1x2y","req_id":"2"}',
		'{"success":false,"ret_msg":"error:already subscribed,topic:dcp.future","conn_id":"c-1","req_id":"2","op":"subscribe"}',
		'{"success":false,"ret_msg":"error:handler not found,topic:dcp.future","conn_id":"c-1","req_id":"","op":"subscribe"}',
		'{"success":false,"ret_msg":"Request not authorized","conn_id":"c-1","op":"subscribe"}',
		'{"req_id":"3","op":"pong","args":["1794182400123"],"conn_id":"cejreaspqfh2k0dtbgb0-1x2y"}',
		'{"args":["1794182400123"],"conn_id":"cejreaspqfh2k0dtbgb0-1x2y","op":"pong"}',
	])("are read as replies: %s", (text) => {
		expect(readFrame(text).type).toBe("reply");
	});

	it.each([
		'{"id":"5923240c6880ab-c59f-420b-9adb-3639adc9dd90","topic":"order","creationTime":1672364262474,"data":[{"symbol":"ETH-30DEC22-1400-C","orderId":"5cf98598","side":"Sell","orderStatus":"New","cancelType":"UNKNOWN"}]}',
		'{"topic":"order.linear","id":"a-1","creationTime":1794182400123,"data":[{"category":"linear","orderLinkId":"mine-1","orderStatus":"Cancelled","cancelType":"CancelByDCP"}]}',
		'{"topic":"execution.fast","creationTime":1794182400123,"data":[{"category":"linear","symbol":"ICPUSDT","execId":"3510f361"}]}',
		'{"id":"592324803b2785-26fa-4214-9963-bdd4727f07be","topic":"position.linear","creationTime":1672364174455,"data":[]}',
		'{"id":"w-1","topic":"wallet","creationTime":1694757937418,"data":[{"accountType":"UNIFIED","coin":[]}]}',
		'{"topic":"dcp.future","data":null}',
	])("are read as messages of a topic: %s", (text) => {
		expect(readFrame(text).type).toBe("topic");
	});

	it("of categorised topics reach onTopic", async () => {
		const seen: string[] = [];
		const { connect, venue } = startSocket({}, { onTopic: ({ topic }) => void seen.push(topic) });
		const socket = await connect();
		for (const topic of ["order.linear", "order.spot", "position.linear", "execution.linear", "execution.fast"]) {
			await socket.subscribe(topic);
			venue.faults["sendFrame"]?.({ text: JSON.stringify({ topic, id: "1", creationTime: 1, data: [] }) });
		}
		await socket.ping();
		expect([seen.length, socket.unexpectedCount]).toEqual([5, 0]);
	});
});
