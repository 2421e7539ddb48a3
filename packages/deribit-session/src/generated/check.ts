// Generated from specs/deribit-session.yaml by "npm run generate". Change the spec, not this file.

import { all, among, any, check, list, members, type } from "@x/base/reply-check";

const requestIdRule = /* @__PURE__ */ type("integer", "string");

const envelopeRule = /* @__PURE__ */ all(/* @__PURE__ */ type("object"), /* @__PURE__ */ members([], { "jsonrpc": /* @__PURE__ */ all(/* @__PURE__ */ type("string"), /* @__PURE__ */ among("2.0")), "id": requestIdRule, "usIn": /* @__PURE__ */ type("integer"), "usOut": /* @__PURE__ */ type("integer"), "usDiff": /* @__PURE__ */ type("integer"), "testnet": /* @__PURE__ */ type("boolean") }));

const okReplyRule = /* @__PURE__ */ all(/* @__PURE__ */ type("object"), envelopeRule, /* @__PURE__ */ members(["result"], { "result": /* @__PURE__ */ all(/* @__PURE__ */ type("string"), /* @__PURE__ */ among("ok")) }));

const cancelOnDisconnectRule = /* @__PURE__ */ all(/* @__PURE__ */ type("object"), /* @__PURE__ */ members([], { "scope": /* @__PURE__ */ all(/* @__PURE__ */ type("string"), /* @__PURE__ */ among("connection", "account")), "enabled": /* @__PURE__ */ type("boolean") }));

const cancelOnDisconnectReplyRule = /* @__PURE__ */ all(/* @__PURE__ */ type("object"), envelopeRule, /* @__PURE__ */ members(["result"], { "result": cancelOnDisconnectRule }));

const tokensRule = /* @__PURE__ */ all(/* @__PURE__ */ type("object"), /* @__PURE__ */ members(["access_token","token_type","expires_in","refresh_token","scope"], { "access_token": /* @__PURE__ */ type("string"), "token_type": /* @__PURE__ */ type("string"), "expires_in": /* @__PURE__ */ type("integer"), "refresh_token": /* @__PURE__ */ type("string"), "scope": /* @__PURE__ */ type("string"), "state": /* @__PURE__ */ type("string"), "sid": /* @__PURE__ */ type("string"), "enabled_features": /* @__PURE__ */ all(/* @__PURE__ */ type("array"), /* @__PURE__ */ list(/* @__PURE__ */ type("string"))), "mandatory_tfa_status": /* @__PURE__ */ type("string"), "google_login": /* @__PURE__ */ type("boolean") }));

const tokensReplyRule = /* @__PURE__ */ all(/* @__PURE__ */ type("object"), envelopeRule, /* @__PURE__ */ members(["result"], { "result": tokensRule }));

const channelsReplyRule = /* @__PURE__ */ all(/* @__PURE__ */ type("object"), envelopeRule, /* @__PURE__ */ members(["result"], { "result": /* @__PURE__ */ all(/* @__PURE__ */ type("array"), /* @__PURE__ */ list(/* @__PURE__ */ type("string"))) }));

const rateAndBurstRule = /* @__PURE__ */ all(/* @__PURE__ */ type("object"), /* @__PURE__ */ members(["rate","burst"], { "rate": /* @__PURE__ */ type("number"), "burst": /* @__PURE__ */ type("number") }));

const accountSummaryRule = /* @__PURE__ */ all(/* @__PURE__ */ type("object"), /* @__PURE__ */ members([], { "limits": /* @__PURE__ */ all(/* @__PURE__ */ type("object"), /* @__PURE__ */ members([], { "non_matching_engine": rateAndBurstRule })) }));

const accountSummaryReplyRule = /* @__PURE__ */ all(/* @__PURE__ */ type("object"), envelopeRule, /* @__PURE__ */ members(["result"], { "result": accountSummaryRule }));

const orderRule = /* @__PURE__ */ all(/* @__PURE__ */ type("object"), /* @__PURE__ */ members(["order_id","order_state"], { "order_id": /* @__PURE__ */ type("string"), "order_state": /* @__PURE__ */ type("string"), "cancel_reason": /* @__PURE__ */ type("string"), "trigger_order_id": /* @__PURE__ */ type("string", "null"), "instrument_name": /* @__PURE__ */ type("string"), "label": /* @__PURE__ */ type("string"), "direction": /* @__PURE__ */ type("string"), "order_type": /* @__PURE__ */ type("string"), "price": /* @__PURE__ */ type("number", "string"), "amount": /* @__PURE__ */ type("number"), "filled_amount": /* @__PURE__ */ type("number"), "creation_timestamp": /* @__PURE__ */ type("integer"), "last_update_timestamp": /* @__PURE__ */ type("integer") }));

const ordersReplyRule = /* @__PURE__ */ all(/* @__PURE__ */ type("object"), envelopeRule, /* @__PURE__ */ members(["result"], { "result": /* @__PURE__ */ all(/* @__PURE__ */ type("array"), /* @__PURE__ */ list(orderRule)) }));

const orderReplyRule = /* @__PURE__ */ all(/* @__PURE__ */ type("object"), envelopeRule, /* @__PURE__ */ members(["result"], { "result": orderRule }));

const versionRule = /* @__PURE__ */ all(/* @__PURE__ */ type("object"), /* @__PURE__ */ members(["version"], { "version": /* @__PURE__ */ type("string") }));

const versionReplyRule = /* @__PURE__ */ all(/* @__PURE__ */ type("object"), envelopeRule, /* @__PURE__ */ members(["result"], { "result": versionRule }));

const platformStatusRule = /* @__PURE__ */ all(/* @__PURE__ */ type("object"), /* @__PURE__ */ members([], { "locked": /* @__PURE__ */ type("string", "boolean"), "locked_indices": /* @__PURE__ */ all(/* @__PURE__ */ type("array"), /* @__PURE__ */ list(/* @__PURE__ */ type("string"))), "locked_currencies": /* @__PURE__ */ all(/* @__PURE__ */ type("array"), /* @__PURE__ */ list(/* @__PURE__ */ type("string"))) }));

const platformStatusReplyRule = /* @__PURE__ */ all(/* @__PURE__ */ type("object"), envelopeRule, /* @__PURE__ */ members(["result"], { "result": platformStatusRule }));

const timeReplyRule = /* @__PURE__ */ all(/* @__PURE__ */ type("object"), envelopeRule, /* @__PURE__ */ members(["result"], { "result": /* @__PURE__ */ type("integer") }));

const rpcErrorRule = /* @__PURE__ */ all(/* @__PURE__ */ type("object"), /* @__PURE__ */ members(["code","message"], { "code": /* @__PURE__ */ type("integer"), "message": /* @__PURE__ */ type("string"), "data": /* @__PURE__ */ type("object", "array", "string", "number", "boolean", "null") }));

const replyFrameRule = /* @__PURE__ */ all(/* @__PURE__ */ type("object"), envelopeRule, /* @__PURE__ */ members([], { "result": /* @__PURE__ */ type("object", "array", "string", "number", "boolean", "null"), "error": rpcErrorRule }));

const heartbeatFrameRule = /* @__PURE__ */ all(/* @__PURE__ */ type("object"), /* @__PURE__ */ members(["method","params"], { "jsonrpc": /* @__PURE__ */ all(/* @__PURE__ */ type("string"), /* @__PURE__ */ among("2.0")), "method": /* @__PURE__ */ all(/* @__PURE__ */ type("string"), /* @__PURE__ */ among("heartbeat")), "params": /* @__PURE__ */ all(/* @__PURE__ */ type("object"), /* @__PURE__ */ members(["type"], { "type": /* @__PURE__ */ all(/* @__PURE__ */ type("string"), /* @__PURE__ */ among("heartbeat", "test_request")) })) }));

const subscriptionFrameRule = /* @__PURE__ */ all(/* @__PURE__ */ type("object"), /* @__PURE__ */ members(["method","params"], { "jsonrpc": /* @__PURE__ */ all(/* @__PURE__ */ type("string"), /* @__PURE__ */ among("2.0")), "method": /* @__PURE__ */ all(/* @__PURE__ */ type("string"), /* @__PURE__ */ among("subscription")), "params": /* @__PURE__ */ all(/* @__PURE__ */ type("object"), /* @__PURE__ */ members(["channel","data"], { "channel": /* @__PURE__ */ type("string"), "data": /* @__PURE__ */ type("object", "array", "string", "number", "boolean", "null"), "label": /* @__PURE__ */ type("string") })) }));

export const getPublicSetHeartbeat200 = /* @__PURE__ */ check(okReplyRule);

export const getPublicDisableHeartbeat200 = /* @__PURE__ */ check(okReplyRule);

export const getPrivateEnableCancelOnDisconnect200 = /* @__PURE__ */ check(okReplyRule);

export const getPrivateDisableCancelOnDisconnect200 = /* @__PURE__ */ check(okReplyRule);

export const getPrivateGetCancelOnDisconnect200 = /* @__PURE__ */ check(cancelOnDisconnectReplyRule);

export const getPublicAuth200 = /* @__PURE__ */ check(tokensReplyRule);

export const getPublicExchangeToken200 = /* @__PURE__ */ check(tokensReplyRule);

export const getPublicForkToken200 = /* @__PURE__ */ check(tokensReplyRule);

export const getPublicSubscribe200 = /* @__PURE__ */ check(channelsReplyRule);

export const getPrivateSubscribe200 = /* @__PURE__ */ check(channelsReplyRule);

export const getPublicUnsubscribe200 = /* @__PURE__ */ check(channelsReplyRule);

export const getPrivateUnsubscribe200 = /* @__PURE__ */ check(channelsReplyRule);

export const getPrivateGetAccountSummary200 = /* @__PURE__ */ check(accountSummaryReplyRule);

export const getPrivateGetOpenOrders200 = /* @__PURE__ */ check(ordersReplyRule);

export const getPrivateGetOrderState200 = /* @__PURE__ */ check(orderReplyRule);

export const getPublicHello200 = /* @__PURE__ */ check(versionReplyRule);

export const getPublicTest200 = /* @__PURE__ */ check(versionReplyRule);

export const getPublicStatus200 = /* @__PURE__ */ check(platformStatusReplyRule);

export const getPublicGetTime200 = /* @__PURE__ */ check(timeReplyRule);

export const replyFrame = /* @__PURE__ */ check(replyFrameRule);

export const heartbeatFrame = /* @__PURE__ */ check(heartbeatFrameRule);

export const subscriptionFrame = /* @__PURE__ */ check(subscriptionFrameRule);

/** All checks by "METHOD path status" or by the name of a received frame. Tree-shakeable: import only the checks you use. */
export const checks = {
	"GET /public/set_heartbeat 200": getPublicSetHeartbeat200,
	"GET /public/disable_heartbeat 200": getPublicDisableHeartbeat200,
	"GET /private/enable_cancel_on_disconnect 200": getPrivateEnableCancelOnDisconnect200,
	"GET /private/disable_cancel_on_disconnect 200": getPrivateDisableCancelOnDisconnect200,
	"GET /private/get_cancel_on_disconnect 200": getPrivateGetCancelOnDisconnect200,
	"GET /public/auth 200": getPublicAuth200,
	"GET /public/exchange_token 200": getPublicExchangeToken200,
	"GET /public/fork_token 200": getPublicForkToken200,
	"GET /public/subscribe 200": getPublicSubscribe200,
	"GET /private/subscribe 200": getPrivateSubscribe200,
	"GET /public/unsubscribe 200": getPublicUnsubscribe200,
	"GET /private/unsubscribe 200": getPrivateUnsubscribe200,
	"GET /private/get_account_summary 200": getPrivateGetAccountSummary200,
	"GET /private/get_open_orders 200": getPrivateGetOpenOrders200,
	"GET /private/get_order_state 200": getPrivateGetOrderState200,
	"GET /public/hello 200": getPublicHello200,
	"GET /public/test 200": getPublicTest200,
	"GET /public/status 200": getPublicStatus200,
	"GET /public/get_time 200": getPublicGetTime200,
	"ReplyFrame": replyFrame,
	"HeartbeatFrame": heartbeatFrame,
	"SubscriptionFrame": subscriptionFrame,
} as const;
