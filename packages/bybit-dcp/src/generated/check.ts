// Generated from specs/bybit-dcp.yaml by "npm run generate". Change the spec, not this file.

import { all, among, any, check, list, members, type } from "@x/base/reply-check";

const setDcpReplyRule = /* @__PURE__ */ all(/* @__PURE__ */ type("object"), /* @__PURE__ */ members(["retCode"], { "retCode": /* @__PURE__ */ type("integer"), "retMsg": /* @__PURE__ */ type("string"), "result": /* @__PURE__ */ type("object", "null"), "retExtInfo": /* @__PURE__ */ type("object", "null"), "time": /* @__PURE__ */ type("integer") }));

const dcpInfoRule = /* @__PURE__ */ all(/* @__PURE__ */ type("object"), /* @__PURE__ */ members(["product","dcpStatus","timeWindow"], { "product": /* @__PURE__ */ type("string"), "dcpStatus": /* @__PURE__ */ type("string"), "timeWindow": /* @__PURE__ */ type("string") }));

const dcpInfosRule = /* @__PURE__ */ all(/* @__PURE__ */ type("object", "null"), /* @__PURE__ */ members([], { "dcpInfos": /* @__PURE__ */ all(/* @__PURE__ */ type("array", "null"), /* @__PURE__ */ list(dcpInfoRule)) }));

const queryDcpReplyRule = /* @__PURE__ */ all(/* @__PURE__ */ type("object"), /* @__PURE__ */ members(["retCode"], { "retCode": /* @__PURE__ */ type("integer"), "retMsg": /* @__PURE__ */ type("string"), "result": dcpInfosRule, "retExtInfo": /* @__PURE__ */ type("object", "null"), "time": /* @__PURE__ */ type("integer") }));

const accountInfoRule = /* @__PURE__ */ all(/* @__PURE__ */ type("object", "null"), /* @__PURE__ */ members([], { "unifiedMarginStatus": /* @__PURE__ */ type("integer") }));

const accountInfoReplyRule = /* @__PURE__ */ all(/* @__PURE__ */ type("object"), /* @__PURE__ */ members(["retCode"], { "retCode": /* @__PURE__ */ type("integer"), "retMsg": /* @__PURE__ */ type("string"), "result": accountInfoRule, "retExtInfo": /* @__PURE__ */ type("object", "null"), "time": /* @__PURE__ */ type("integer") }));

const orderRule = /* @__PURE__ */ all(/* @__PURE__ */ type("object"), /* @__PURE__ */ members(["orderId","symbol","orderStatus"], { "orderId": /* @__PURE__ */ type("string"), "orderLinkId": /* @__PURE__ */ type("string"), "symbol": /* @__PURE__ */ type("string"), "side": /* @__PURE__ */ type("string"), "price": /* @__PURE__ */ type("string"), "qty": /* @__PURE__ */ type("string"), "leavesQty": /* @__PURE__ */ type("string"), "cumExecQty": /* @__PURE__ */ type("string"), "orderStatus": /* @__PURE__ */ type("string"), "cancelType": /* @__PURE__ */ type("string"), "createdTime": /* @__PURE__ */ type("string"), "updatedTime": /* @__PURE__ */ type("string") }));

const ordersPageRule = /* @__PURE__ */ all(/* @__PURE__ */ type("object", "null"), /* @__PURE__ */ members([], { "category": /* @__PURE__ */ type("string"), "nextPageCursor": /* @__PURE__ */ type("string", "null"), "list": /* @__PURE__ */ all(/* @__PURE__ */ type("array", "null"), /* @__PURE__ */ list(orderRule)) }));

const ordersReplyRule = /* @__PURE__ */ all(/* @__PURE__ */ type("object"), /* @__PURE__ */ members(["retCode"], { "retCode": /* @__PURE__ */ type("integer"), "retMsg": /* @__PURE__ */ type("string"), "result": ordersPageRule, "retExtInfo": /* @__PURE__ */ type("object", "null"), "time": /* @__PURE__ */ type("integer") }));

const marketTimeRule = /* @__PURE__ */ all(/* @__PURE__ */ type("object", "null"), /* @__PURE__ */ members([], { "timeSecond": /* @__PURE__ */ type("string"), "timeNano": /* @__PURE__ */ type("string") }));

const marketTimeReplyRule = /* @__PURE__ */ all(/* @__PURE__ */ type("object"), /* @__PURE__ */ members(["retCode"], { "retCode": /* @__PURE__ */ type("integer"), "retMsg": /* @__PURE__ */ type("string"), "result": marketTimeRule, "retExtInfo": /* @__PURE__ */ type("object", "null"), "time": /* @__PURE__ */ type("integer") }));

const authReplyRule = /* @__PURE__ */ all(/* @__PURE__ */ type("object"), /* @__PURE__ */ members(["op","success"], { "req_id": /* @__PURE__ */ type("string"), "success": /* @__PURE__ */ type("boolean"), "ret_msg": /* @__PURE__ */ type("string"), "op": /* @__PURE__ */ all(/* @__PURE__ */ type("string"), /* @__PURE__ */ among("auth")), "conn_id": /* @__PURE__ */ type("string") }));

const subscribeReplyRule = /* @__PURE__ */ all(/* @__PURE__ */ type("object"), /* @__PURE__ */ members(["op","success"], { "req_id": /* @__PURE__ */ type("string"), "success": /* @__PURE__ */ type("boolean"), "ret_msg": /* @__PURE__ */ type("string"), "op": /* @__PURE__ */ all(/* @__PURE__ */ type("string"), /* @__PURE__ */ among("subscribe")), "conn_id": /* @__PURE__ */ type("string") }));

const pongRule = /* @__PURE__ */ all(/* @__PURE__ */ type("object"), /* @__PURE__ */ members(["op"], { "req_id": /* @__PURE__ */ type("string"), "op": /* @__PURE__ */ all(/* @__PURE__ */ type("string"), /* @__PURE__ */ among("pong")), "args": /* @__PURE__ */ all(/* @__PURE__ */ type("array"), /* @__PURE__ */ list(/* @__PURE__ */ type("string"))), "conn_id": /* @__PURE__ */ type("string") }));

const topicPushRule = /* @__PURE__ */ all(/* @__PURE__ */ type("object"), /* @__PURE__ */ members(["topic"], { "topic": /* @__PURE__ */ type("string"), "id": /* @__PURE__ */ type("string"), "creationTime": /* @__PURE__ */ type("integer") }));

export const postV5OrderDisconnectedCancelAll200 = /* @__PURE__ */ check(setDcpReplyRule);

export const getV5AccountQueryDcpInfo200 = /* @__PURE__ */ check(queryDcpReplyRule);

export const getV5AccountInfo200 = /* @__PURE__ */ check(accountInfoReplyRule);

export const getV5OrderRealtime200 = /* @__PURE__ */ check(ordersReplyRule);

export const getV5OrderHistory200 = /* @__PURE__ */ check(ordersReplyRule);

export const getV5MarketTime200 = /* @__PURE__ */ check(marketTimeReplyRule);

export const authReply = /* @__PURE__ */ check(authReplyRule);

export const subscribeReply = /* @__PURE__ */ check(subscribeReplyRule);

export const pong = /* @__PURE__ */ check(pongRule);

export const topicPush = /* @__PURE__ */ check(topicPushRule);

/** All checks by "METHOD path status" or by the name of a received frame. Tree-shakeable: import only the checks you use. */
export const checks = {
	"POST /v5/order/disconnected-cancel-all 200": postV5OrderDisconnectedCancelAll200,
	"GET /v5/account/query-dcp-info 200": getV5AccountQueryDcpInfo200,
	"GET /v5/account/info 200": getV5AccountInfo200,
	"GET /v5/order/realtime 200": getV5OrderRealtime200,
	"GET /v5/order/history 200": getV5OrderHistory200,
	"GET /v5/market/time 200": getV5MarketTime200,
	"AuthReply": authReply,
	"SubscribeReply": subscribeReply,
	"Pong": pong,
	"TopicPush": topicPush,
} as const;
