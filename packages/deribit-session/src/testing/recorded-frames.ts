import type { DeribitFault, DeribitVenueOptions } from "@x/venue-sims";

/** A frame as recorded from the venue or taken from its documentation, with made-up values. */
export interface RecordedFrame {
	readonly when: string;
	readonly text: string;
	/**
	 * How the client must read the frame: the kind of the frame or, for a reply, the result or error that the call
	 * returns.
	 */
	readonly reads:
		| { readonly kind: "test-request" | "heartbeat" | "notification" | "unexpected" }
		| { readonly result: unknown }
		| { readonly venueCode: number; readonly data?: unknown; readonly todo?: string };
	/** The call to which the frame is the reply. Absent for a frame that the venue sends by itself. */
	readonly call?: readonly [method: string, params?: Record<string, unknown>];
	/**
	 * Whether the simulator's reply to the call has the same members as this frame. The test must first send the calls of all
	 * earlier entries.
	 */
	readonly isSimulated?: boolean;
	/** The fault of the simulator that the test triggers before it sends the call. */
	readonly fault?: readonly [fault: DeribitFault, args: Record<string, unknown>];
	/** The options of the simulator that replies with this frame. A separate simulator is started for these options. */
	readonly options?: DeribitVenueOptions;
	/** The event, on another connection, after which the simulator pushes the frame. */
	readonly pushedWhen?: "the connection ends" | "the stop order is triggered" | "the order is placed";
}

const stamps = '"usIn":1790000000000123,"usOut":1790000000000152,"usDiff":29,"testnet":true';
const reply = (result: string): string => `{"jsonrpc":"2.0","id":1,"result":${result},${stamps}}`;
const error = (members: string): string => `{"jsonrpc":"2.0","id":1,"error":{${members}},${stamps}}`;
const invalid = (param: string, reason: string): string =>
	error(`"code":-32602,"data":{"reason":"${reason}","param":"${param}"},"message":"Invalid params"`);
const pushed = (channel: string, data: string): string =>
	`{"jsonrpc":"2.0","method":"subscription","params":{"channel":"${channel}","data":${data}}}`;
const wrongInterval = { interval: 5 };
const tokens =
	'{"enabled_features":[],"access_token":"1.a.b","expires_in":31536000,"refresh_token":"1.c.d",' +
	'"scope":"mainaccount connection account:read_write","token_type":"bearer"}';
const order =
	'{"label":"quote-1","price":32000,"user_id":10580,"amount":10,"direction":"buy","time_in_force":"good_til_cancelled",' +
	'"instrument_name":"BTC-PERPETUAL","web":false,"api":true,"order_id":"SIM-1","creation_timestamp":1790000000000,' +
	'"replaced":false,"filled_amount":0,"last_update_timestamp":1790000000000,"post_only":false,"reduce_only":false,' +
	'"average_price":0,"mmp":false,"contracts":1,"order_state":"open","order_type":"limit","is_liquidation":false,' +
	'"risk_reducing":false}';
const buy = { instrument_name: "BTC-PERPETUAL", amount: 10, price: 32_000, label: "quote-1" };
const quotes = [
	{ instrument_name: "BTC-PERPETUAL", bid: { price: 1, amount: 10 }, ask: { price: 99_999, amount: 10 } },
];

/** The frames, in the order in which the test sends their calls to the simulator over one connection. */
export const recordedFrames: readonly RecordedFrame[] = [
	{
		when: "a call of a private method before login",
		text: error('"code":13009,"data":{"reason":"invalid_token"},"message":"unauthorized"'),
		call: ["private/subscribe", { channels: ["user.orders.any.any.raw"] }],
		reads: { venueCode: 13009, data: { reason: "invalid_token" } },
		isSimulated: true,
	},
	{
		when: "a raw channel before login",
		text: error('"code":13778,"message":"raw_subscriptions_not_available_for_unauthorized"'),
		call: ["public/subscribe", { channels: ["book.BTC-PERPETUAL.raw"] }],
		reads: { venueCode: 13778, todo: "authenticate this connection before subscribing to raw channels" },
		isSimulated: true,
	},
	{
		when: "channels that are no list",
		text: invalid("channels", "value must be a list"),
		call: ["public/subscribe", { channels: "x" }],
		reads: { venueCode: -32602, data: { reason: "value must be a list", param: "channels" } },
		isSimulated: true,
	},
	{
		when: "an interval below 10",
		text: invalid("interval", "value must be >= 10"),
		call: ["public/set_heartbeat", wrongInterval],
		reads: { venueCode: -32602, data: { reason: "value must be >= 10", param: "interval" } },
		isSimulated: true,
	},
	{
		when: "a parameter that is missing",
		text: invalid("interval", "value is required"),
		call: ["public/set_heartbeat", {}],
		reads: { venueCode: -32602 },
		isSimulated: true,
	},
	{
		when: "data with a reason only",
		text: error('"code":-32602,"data":{"reason":"invalid value"},"message":"Invalid params"'),
		call: ["public/set_heartbeat", wrongInterval],
		reads: { venueCode: -32602, data: { reason: "invalid value" } },
	},
	{
		when: "members of an error in another order",
		text: error('"message":"Invalid params","data":{"reason":"invalid format","param":"nonce"},"code":-32602'),
		call: ["public/auth", {}],
		reads: { venueCode: -32602 },
	},
	{
		when: "a method that is not there",
		text: error('"code":-32601,"message":"Method not found"'),
		call: ["public/nothing", {}],
		reads: { venueCode: -32601 },
		isSimulated: true,
	},
	{
		when: "wrong credentials",
		text: error('"code":13004,"message":"invalid_credentials"'),
		call: ["public/auth", { grant_type: "client_credentials", client_id: "x", client_secret: "y" }],
		reads: { venueCode: 13004 },
		isSimulated: true,
	},
	{
		when: "a login, recorded in production",
		text: reply(tokens),
		call: ["public/auth", { grant_type: "client_credentials", client_id: "ID", client_secret: "SECRET" }],
		reads: { result: JSON.parse(tokens) },
		isSimulated: true,
	},
	{
		when: "a login of 2022, without enabled_features",
		text: reply(tokens.replace('"enabled_features":[],', "")),
		call: ["public/auth", {}],
		reads: { result: { token_type: "bearer" } },
	},
	{
		when: "a login with every optional member of the documentation",
		text: reply(
			tokens.replace(/}$/, ',"state":"x","sid":"y","mandatory_tfa_status":"switched_on","google_login":false}'),
		),
		call: ["public/auth", {}],
		reads: { result: { token_type: "bearer", state: "x" } },
	},
	{
		when: "tokens of a subaccount",
		text: reply(tokens),
		call: ["public/exchange_token", { refresh_token: "REFRESH", subject_id: 2 }],
		reads: { result: { token_type: "bearer" } },
		isSimulated: true,
	},
	{
		when: "a refresh token that belongs to no named session, to be forked",
		text: invalid("refresh_token", "invalid value"),
		call: ["public/fork_token", { refresh_token: "REFRESH", session_name: "x" }],
		reads: { venueCode: -32602 },
		isSimulated: true,
	},
	{
		when: "a renewed login",
		text: reply(tokens),
		call: ["public/auth", { grant_type: "refresh_token", refresh_token: "REFRESH" }],
		reads: { result: { token_type: "bearer" } },
		isSimulated: true,
	},
	{
		when: "a refresh token that was replaced: not 13009",
		text: invalid("refresh_token", "invalid value"),
		call: ["public/auth", { grant_type: "refresh_token", refresh_token: "1.a.b" }],
		reads: { venueCode: -32602 },
		isSimulated: true,
	},
	{
		when: "a refresh token that was replaced, without data",
		text: error('"code":-32602,"message":"Invalid params"'),
		call: ["public/auth", { grant_type: "refresh_token", refresh_token: "1.a.b" }],
		reads: { venueCode: -32602 },
	},
	{
		when: "too many attempts with a second factor, and for how many seconds to wait",
		text: error('"code":12998,"data":{"wait":5},"message":"security_key_authorization_over_limit"'),
		call: ["public/test", {}],
		reads: { venueCode: 12998, data: { wait: 5 } },
		isSimulated: true,
		fault: ["refuse", { code: 12998, data: { wait: 5 } }],
	},
	{
		when: "a heartbeat that was set",
		text: reply('"ok"'),
		call: ["public/set_heartbeat", { interval: 10 }],
		reads: { result: "ok" },
		isSimulated: true,
	},
	{
		when: "an example of the documentation, without the times",
		text: '{"jsonrpc":"2.0","id":1,"result":"ok"}',
		call: ["public/set_heartbeat", { interval: 10 }],
		reads: { result: "ok" },
		options: { stamps: false },
	},
	{
		when: "the answer to a test_request",
		text: reply('{"version":"1.2.26"}'),
		call: ["public/test", {}],
		reads: { result: { version: "1.2.26" } },
		isSimulated: true,
	},
	{
		when: "a hello",
		text: reply('{"version":"1.2.26"}'),
		call: ["public/hello", { client_name: "x", client_version: "1" }],
		reads: { result: { version: "1.2.26" } },
		isSimulated: true,
	},
	{
		when: "the read back of cancel-on-disconnect",
		text: reply('{"scope":"connection","enabled":false}'),
		call: ["private/get_cancel_on_disconnect", {}],
		reads: { result: { scope: "connection", enabled: false } },
		isSimulated: true,
	},
	{
		when: "a mass quote on a connection that is not armed",
		text: error('"code":13042,"message":"cod_not_enabled"'),
		call: ["private/mass_quote", { quotes }],
		reads: { venueCode: 13042 },
		isSimulated: true,
	},
	{
		when: "arming that failed",
		text: error('"code":10049,"message":"cancel_on_disconnect_failed"'),
		call: ["private/enable_cancel_on_disconnect", {}],
		reads: { venueCode: 10049 },
		isSimulated: true,
		fault: ["failArming", { on: true }],
	},
	{
		when: "arming that succeeded",
		text: reply('"ok"'),
		call: ["private/enable_cancel_on_disconnect", {}],
		reads: { result: "ok" },
		isSimulated: true,
		fault: ["failArming", { on: false }],
	},
	{
		when: "a mass quote: counts and no ids",
		text: reply('{"errors_count":0,"pending_requests_count":0}'),
		call: ["private/mass_quote", { quotes }],
		reads: { result: { errors_count: 0, pending_requests_count: 0 } },
		isSimulated: true,
	},
	{
		when: "a subscription: an unknown channel is missing",
		text: reply('["platform_state"]'),
		call: ["public/subscribe", { channels: ["platform_state", "nothing"] }],
		reads: { result: ["platform_state"] },
		isSimulated: true,
	},
	{
		when: "the platform's status, whose locked is a string",
		text: reply('{"locked":"false"}'),
		call: ["public/status", {}],
		reads: { result: { locked: "false" } },
		isSimulated: true,
	},
	{
		when: "the platform's status, whose locked is partial",
		text: reply('{"locked":"partial","locked_indices":["btc_usd"]}'),
		call: ["public/status", {}],
		reads: { result: { locked: "partial" } },
	},
	{
		when: "the platform's status in the spec's example",
		text: reply('{"locked":true,"locked_currencies":["BTC"]}'),
		call: ["public/status", {}],
		reads: { result: { locked: true } },
	},
	{
		when: "the venue's clock",
		text: reply("1790000000000"),
		call: ["public/get_time", {}],
		reads: { result: 1_790_000_000_000 },
		isSimulated: true,
	},
	{
		when: "an order that was placed",
		text: reply(`{"order":${order},"trades":[]}`),
		call: ["private/buy", buy],
		reads: { result: { order: { order_id: "SIM-1", order_state: "open" } } },
		isSimulated: true,
	},
	{
		when: "an order that was cancelled",
		text: reply(
			order.replace('"average_price"', '"cancel_reason":"user_request","average_price"').replace("open", "cancelled"),
		),
		call: ["private/cancel", { order_id: "ORDER" }],
		reads: { result: { order_state: "cancelled", cancel_reason: "user_request" } },
		isSimulated: true,
	},
	...(
		[
			[10000, "authorization_required"],
			[10001, "error"],
			[10028, "too_many_requests"],
			[10030, "must_be_websocket_request"],
			[10040, "retry"],
			[10041, "settlement_in_progress"],
			[10047, "matching_engine_queue_full"],
			[10048, "not_on_this_server"],
			[10066, "too_many_concurrent_requests"],
			[11042, "permission_denied"],
			[11044, "not_open_order"],
			[11051, "system_maintenance"],
			[11052, "subscribe_error_unsubscribed"],
			[11056, "unauthenticated_public_requests_temporarily_disabled"],
			[11094, "internal_server_error"],
			[11098, "account_locked"],
			[12003, "login_over_limit"],
			[12005, "country_is_banned"],
			[12998, "security_key_authorization_over_limit"],
			[13021, "forbidden"],
			[13025, "method_switched_off_by_admin"],
			[13028, "temporarily_unavailable"],
			[13403, "scope_exceeded"],
			[13503, "unavailable"],
			[13666, "request_cancelled_by_user"],
			[13668, "security_key_authorization_error"],
			[13888, "timed_out"],
			[-32000, "Missing params"],
			[-32600, "request entity too large"],
			[-32700, "Parse error"],
		] as const
	).map(
		([code, message]): RecordedFrame => ({
			when: `the error ${code}`,
			text: error(`"code":${code},"message":"${message}"`),
			call: ["public/test", {}],
			reads: { venueCode: code },
			isSimulated: true,
			fault: ["refuse", { code }],
		}),
	),
	{
		when: "text that cannot be parsed",
		text: `{"jsonrpc":"2.0","error":{"code":11050,"data":"invalid json","message":"bad_request"},${stamps}}`,
		reads: { kind: "unexpected" },
		isSimulated: true,
	},
	{
		when: "a result without an id, to a request without one",
		text: `{"jsonrpc":"2.0","result":{"version":"1.2.26"},${stamps}}`,
		reads: { kind: "unexpected" },
		isSimulated: true,
	},
	{
		when: "a demand for a second factor",
		text: reply('{"security_key_authorization_required":true,"challenge":"x"}'),
		call: ["private/get_account_summary", { currency: "BTC" }],
		reads: { result: { security_key_authorization_required: true } },
	},
	{
		when: "a heartbeat",
		text: '{"params":{"type":"heartbeat"},"method":"heartbeat","jsonrpc":"2.0"}',
		reads: { kind: "heartbeat" },
		isSimulated: true,
	},
	{
		when: "a test_request",
		text: '{"params":{"type":"test_request"},"method":"heartbeat","jsonrpc":"2.0"}',
		reads: { kind: "test-request" },
		isSimulated: true,
	},
	{
		when: "the announcement of maintenance",
		text: pushed("platform_state", '{"maintenance":true}'),
		reads: { kind: "notification" },
		isSimulated: true,
	},
	{
		when: "the state of a price index",
		text: pushed("platform_state", '{"locked":false,"price_index":"btc_usd","reasons":[]}'),
		reads: { kind: "notification" },
	},
	{
		when: "the state of a price index, as documented",
		text: pushed("platform_state", '{"locked":true,"price_index":"btc_usd"}'),
		reads: { kind: "notification" },
	},
	{
		when: "an order that cancel-on-disconnect has cancelled",
		text: pushed(
			"user.orders.any.any.raw",
			order
				.replace('"average_price"', '"cancel_reason":"cancel_on_disconnect","average_price"')
				.replace("open", "cancelled"),
		),
		reads: { kind: "notification" },
		pushedWhen: "the connection ends",
	},
	{
		when: "whether public calls need a login",
		text: pushed("platform_state.public_methods_state", '{"allow_unauthenticated_public_requests":true}'),
		reads: { kind: "notification" },
	},
	{
		when: "a notification with params first",
		text: `{"params":{"channel":"user.orders.any.any.raw","data":${order}},"method":"subscription","jsonrpc":"2.0"}`,
		reads: { kind: "notification" },
	},
	{
		when: "an order that a triggered stop order has placed",
		text: pushed(
			"user.orders.any.any.raw",
			// It is not known where the venue puts `trigger_order_id` among the members.
			order.replace('"average_price"', '"trigger_order_id":"SIM-2","average_price"'),
		),
		reads: { kind: "notification" },
		pushedWhen: "the stop order is triggered",
	},
	{
		when: "a private subscription with a label",
		// It is not known where the venue puts `label` among the members.
		text: pushed('user.orders.any.any.raw","label":"x', order),
		reads: { kind: "notification" },
		pushedWhen: "the order is placed",
	},
];
