import type { BybitFault } from "@x/venue-sims";
import { apiKey } from "./start-client.ts";

/** A frame of the private WebSocket. */
export interface RecordedFrame {
	readonly text: string;
	readonly reads: "reply" | "topic" | "unexpected";
	/**
	 * The request to which the simulator replies with `text`. The test must first send the `sent` frames of all earlier
	 * entries. Absent if the simulator never sends `text`.
	 */
	readonly sent?: string;
	readonly fault?: readonly [fault: BybitFault, args: Record<string, unknown>];
}

const conn = '"conn_id":"cejreaspqfh2k0dtbgb0-1x2y"';
const auth = (id = ""): string => `{"op":"auth"${id},"args":["${apiKey}",EXPIRES,"SIGNATURE"]}`;

export const recordedFrames: readonly RecordedFrame[] = [
	{
		text: `{"success":false,"ret_msg":"Request not authorized",${conn},"req_id":"0","op":"subscribe"}`,
		reads: "reply",
		sent: '{"op":"subscribe","req_id":"0","args":["dcp.future"]}',
	},
	{
		text: `{${conn},"op":"auth","ret_msg":"Params Error","success":false}`,
		reads: "reply",
		sent: '{"op":"auth","args":[]}',
	},
	{
		text: `{${conn},"op":"auth","ret_msg":"API key is invalid.","success":false}`,
		reads: "reply",
		sent: auth(),
		fault: ["refuse", { auth: "API key is invalid.", times: 1 }],
	},
	{ text: `{"success":true,"ret_msg":"","op":"auth",${conn}}`, reads: "reply", sent: auth() },
	{
		text: `{"req_id":"1","success":true,"ret_msg":"","op":"auth",${conn}}`,
		reads: "reply",
		sent: auth(',"req_id":"1"'),
	},
	{
		text: `{"req_id":"2","success":true,"ret_msg":"","op":"subscribe",${conn}}`,
		reads: "reply",
		sent: '{"op":"subscribe","req_id":"2","args":["dcp.future"]}',
	},
	{
		text: `{"success":false,"ret_msg":"error:already subscribed,topic:dcp.future",${conn},"req_id":"2","op":"subscribe"}`,
		reads: "reply",
		sent: '{"op":"subscribe","req_id":"2","args":["dcp.future"]}',
	},
	{
		text: `{"success":false,"ret_msg":"error:handler not found,topic:dcp.spot",${conn},"req_id":"3","op":"subscribe"}`,
		reads: "reply",
		sent: '{"op":"subscribe","req_id":"3","args":["dcp.spot"]}',
		fault: ["refuse", { subscribe: "wrong-host", times: 1 }],
	},
	{
		text: `{"req_id":"4","op":"pong","args":["1794182400123"],${conn}}`,
		reads: "reply",
		sent: '{"op":"ping","req_id":"4"}',
	},
	{ text: `{"op":"pong","args":["1794182400123"],${conn}}`, reads: "reply", sent: '{"op":"ping"}' },
	{ text: `{"args":["1794182400123"],${conn},"op":"pong"}`, reads: "reply" },
	{
		text: `{"req_id":"5","success":true,"ret_msg":"","op":"unsubscribe",${conn}}`,
		// The reply is unexpected because the client never sends `unsubscribe`.
		reads: "unexpected",
		sent: '{"op":"unsubscribe","req_id":"5","args":["dcp.future"]}',
	},
	{
		text: `{"success":false,"ret_msg":"error:invalid op",${conn},"op":"subscrib"}`,
		reads: "unexpected",
		sent: '{"op":"subscrib"}',
	},
	{
		text: `{"success":false,"ret_msg":"Failed to decode incoming data:",${conn},"op":""}`,
		reads: "unexpected",
		sent: "{",
	},
	// These frames come from other hosts and other kinds of WebSocket, whose replies have other forms.
	{ text: `{"success":true,"ret_msg":"pong",${conn},"req_id":"","op":"ping"}`, reads: "unexpected" },
	{ text: '{"op":"pong","args":["1794182400123"]}', reads: "reply" },
	{ text: `{"success":false,"ret_msg":"Invalid symbol :[orderbook.1.X]",${conn},"op":"subscribe"}`, reads: "reply" },
	{ text: '{"reqId":"1","retCode":0,"retMsg":"OK","op":"auth","connId":"c-1"}', reads: "unexpected" },
	{ text: '{"retCode":0,"retMsg":"OK","op":"pong","data":["1794182400123"],"connId":"c-1"}', reads: "reply" },
	{ text: `{"success":false,"ret_msg":"args size >10",${conn},"req_id":"1","op":"subscribe"}`, reads: "reply" },
	{ text: '{"topic":"dcp.future","data":null}', reads: "topic" },
	...[
		"order",
		"order.linear",
		"order.spot",
		"execution",
		"execution.linear",
		"position",
		"position.linear",
		"wallet",
	].map(
		(topic): RecordedFrame => ({
			text: `{"id":"592324803b2785","topic":"${topic}","creationTime":1672364174455,"data":[]}`,
			reads: "topic",
		}),
	),
	{ text: '{"topic":"execution.fast","creationTime":1672364174455,"data":[{"execId":"3510f361"}]}', reads: "topic" },
];
