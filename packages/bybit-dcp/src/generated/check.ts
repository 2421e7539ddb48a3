// Generated from specs/bybit-dcp.yaml by "npm run generate". Change the spec, not this file.

/** Where and how a value differs from the spec: `path` is a JSON pointer into the value, `message` never quotes it. */
export interface Mismatch {
	instancePath: string;
	message?: string;
}

/** True when the value is as the spec says; otherwise `errors` tells the first difference. */
export interface Check {
	(value: unknown): boolean;
	errors?: Mismatch[] | null;
}

/** The first difference, or nothing. `at` is the JSON pointer of the value. */
type Rule = (value: unknown, at: string) => Mismatch | undefined;

const differs = (instancePath: string, message: string): Mismatch => ({ instancePath, message: `must ${message}` });

const check = (rule: Rule): Check => {
	const checked: Check = (value) => {
		const difference = rule(value, "");
		checked.errors = difference ? [difference] : null;
		return !difference;
	};
	return checked;
};

/** Each of them, in order. */
const all = (...rules: Rule[]): Rule => (value, at) => {
	for (const rule of rules) {
		const difference = rule(value, at);
		if (difference) return difference;
	}
	return undefined;
};

const typeOf = (value: unknown): string => (value === null ? "null" : Array.isArray(value) ? "array" : typeof value);

/** One of these types. A number that JSON cannot hold, such as 1e999 read as Infinity, is none. */
const type = (...types: string[]): Rule => (value, at) => {
	const found = typeof value === "number" && !Number.isFinite(value) ? "none" : typeOf(value);
	const fits = types.includes(found) || (Number.isInteger(value) && types.includes("integer"));
	return fits ? undefined : differs(at, `be ${types}`);
};

const among = (...values: unknown[]): Rule => (value, at) =>
	values.includes(value) ? undefined : differs(at, "be equal to one of the allowed values");

/** Every item, where the value is a list. */
const list = (rule: Rule): Rule => (value, at) => {
	if (!Array.isArray(value)) return undefined;
	for (const [index, item] of value.entries()) {
		const difference = rule(item, `${at}/${index}`);
		if (difference) return difference;
	}
	return undefined;
};

/** The members, where the value is an object: those that must be there, then the form of those that are. */
const members = (required: string[], rules: Record<string, Rule>): Rule => (value, at) => {
	if (typeOf(value) !== "object") return undefined;
	// It is an object: `typeOf` has just said so.
	const object = value as Record<string, unknown>;
	for (const name of required) if (object[name] === undefined) return differs(at, `have required property '${name}'`);
	for (const [name, rule] of Object.entries(rules)) {
		const difference = object[name] === undefined ? undefined : rule(object[name], `${at}/${name}`);
		if (difference) return difference;
	}
	return undefined;
};

const setDcpReplyRule = all(type("object"), members(["retCode"], { "retCode": type("integer"), "retMsg": type("string"), "result": type("object", "null"), "retExtInfo": type("object", "null"), "time": type("integer") }));

const dcpInfoRule = all(type("object"), members(["product","dcpStatus","timeWindow"], { "product": type("string"), "dcpStatus": type("string"), "timeWindow": type("string") }));

const dcpInfosRule = all(type("object", "null"), members([], { "dcpInfos": all(type("array", "null"), list(dcpInfoRule)) }));

const queryDcpReplyRule = all(type("object"), members(["retCode"], { "retCode": type("integer"), "retMsg": type("string"), "result": dcpInfosRule, "retExtInfo": type("object", "null"), "time": type("integer") }));

const orderRule = all(type("object"), members(["orderId","symbol","orderStatus"], { "orderId": type("string"), "orderLinkId": type("string"), "symbol": type("string"), "orderStatus": type("string"), "cancelType": type("string"), "createdTime": type("string"), "updatedTime": type("string") }));

const ordersPageRule = all(type("object", "null"), members([], { "category": type("string"), "nextPageCursor": type("string", "null"), "list": all(type("array", "null"), list(orderRule)) }));

const ordersReplyRule = all(type("object"), members(["retCode"], { "retCode": type("integer"), "retMsg": type("string"), "result": ordersPageRule, "retExtInfo": type("object", "null"), "time": type("integer") }));

const marketTimeRule = all(type("object", "null"), members([], { "timeSecond": type("string"), "timeNano": type("string") }));

const marketTimeReplyRule = all(type("object"), members(["retCode"], { "retCode": type("integer"), "retMsg": type("string"), "result": marketTimeRule, "retExtInfo": type("object", "null"), "time": type("integer") }));

const authReplyRule = all(type("object"), members(["op","success"], { "req_id": type("string"), "success": type("boolean"), "ret_msg": type("string"), "op": all(type("string"), among("auth")), "conn_id": type("string") }));

const subscribeReplyRule = all(type("object"), members(["op","success"], { "req_id": type("string"), "success": type("boolean"), "ret_msg": type("string"), "op": all(type("string"), among("subscribe")), "conn_id": type("string") }));

const pongRule = all(type("object"), members(["op"], { "req_id": type("string"), "op": all(type("string"), among("pong")), "args": all(type("array"), list(type("string"))), "conn_id": type("string") }));

const topicPushRule = all(type("object"), members(["topic"], { "topic": type("string"), "id": type("string"), "creationTime": type("integer") }));

/** The checks by "METHOD path status" or by the name of a received frame. */
export const checks = {
	"POST /v5/order/disconnected-cancel-all 200": check(setDcpReplyRule),
	"GET /v5/account/query-dcp-info 200": check(queryDcpReplyRule),
	"GET /v5/order/realtime 200": check(ordersReplyRule),
	"GET /v5/order/history 200": check(ordersReplyRule),
	"GET /v5/market/time 200": check(marketTimeReplyRule),
	"AuthReply": check(authReplyRule),
	"SubscribeReply": check(subscribeReplyRule),
	"Pong": check(pongRule),
	"TopicPush": check(topicPushRule),
} as const;
