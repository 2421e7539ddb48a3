// Generated from specs/deribit-session.yaml by "npm run generate". Change the spec, not this file.

/** Where and how a value differs from the spec: `path` is a JSON pointer into the value, `message` never quotes it. */
export interface Mismatch {
	instancePath: string;
	message?: string;
}

/** True when the value matches the spec; otherwise `errors` has the first difference. */
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

/** One of them at least. The first one's difference is reported. */
const any = (...rules: Rule[]): Rule => (value, at) => {
	const differences = rules.map((rule) => rule(value, at));
	return differences.every(Boolean) ? differences[0] : undefined;
};

const typeOf = (value: unknown): string => (value === null ? "null" : Array.isArray(value) ? "array" : typeof value);

/** One of these types. Infinity, as 1e999 is parsed, is not a number. */
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
	// An object, as `typeOf` has just checked.
	const object = value as Record<string, unknown>;
	for (const name of required) if (object[name] === undefined) return differs(at, `have required property '${name}'`);
	for (const [name, rule] of Object.entries(rules)) {
		const difference = object[name] === undefined ? undefined : rule(object[name], `${at}/${name}`);
		if (difference) return difference;
	}
	return undefined;
};

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
