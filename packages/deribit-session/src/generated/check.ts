// Generated from specs/deribit-session.yaml by "npm run generate". Change the spec, not this file.

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

const requestIdRule = type("integer", "string");

const envelopeRule = all(type("object"), members([], { "jsonrpc": all(type("string"), among("2.0")), "id": requestIdRule, "usIn": type("integer"), "usOut": type("integer"), "usDiff": type("integer"), "testnet": type("boolean") }));

const okReplyRule = all(type("object"), envelopeRule, members(["result"], { "result": all(type("string"), among("ok")) }));

const cancelOnDisconnectRule = all(type("object"), members([], { "scope": all(type("string"), among("connection", "account")), "enabled": type("boolean") }));

const cancelOnDisconnectReplyRule = all(type("object"), envelopeRule, members(["result"], { "result": cancelOnDisconnectRule }));

const tokensRule = all(type("object"), members(["access_token","token_type","expires_in","refresh_token","scope"], { "access_token": type("string"), "token_type": type("string"), "expires_in": type("integer"), "refresh_token": type("string"), "scope": type("string"), "state": type("string"), "sid": type("string"), "enabled_features": all(type("array"), list(type("string"))), "mandatory_tfa_status": type("string"), "google_login": type("boolean") }));

const tokensReplyRule = all(type("object"), envelopeRule, members(["result"], { "result": tokensRule }));

const versionRule = all(type("object"), members(["version"], { "version": type("string") }));

const versionReplyRule = all(type("object"), envelopeRule, members(["result"], { "result": versionRule }));

const platformStatusRule = all(type("object"), members([], { "locked": type("string", "boolean"), "locked_indices": all(type("array"), list(type("string"))), "locked_currencies": all(type("array"), list(type("string"))) }));

const platformStatusReplyRule = all(type("object"), envelopeRule, members(["result"], { "result": platformStatusRule }));

const timeReplyRule = all(type("object"), envelopeRule, members(["result"], { "result": type("integer") }));

const rpcErrorRule = all(type("object"), members(["code","message"], { "code": type("integer"), "message": type("string"), "data": type("object", "array", "string", "number", "boolean", "null") }));

const replyFrameRule = all(type("object"), envelopeRule, members([], { "result": type("object", "array", "string", "number", "boolean", "null"), "error": rpcErrorRule }));

const heartbeatFrameRule = all(type("object"), members(["method","params"], { "jsonrpc": all(type("string"), among("2.0")), "method": all(type("string"), among("heartbeat")), "params": all(type("object"), members(["type"], { "type": all(type("string"), among("heartbeat", "test_request")) })) }));

const subscriptionFrameRule = all(type("object"), members(["method","params"], { "jsonrpc": all(type("string"), among("2.0")), "method": all(type("string"), among("subscription")), "params": all(type("object"), members(["channel","data"], { "channel": type("string"), "data": type("object", "array", "string", "number", "boolean", "null"), "label": type("string") })) }));

/** The checks by "METHOD path status" or by the name of a received frame. */
export const checks = {
	"GET /public/set_heartbeat 200": check(okReplyRule),
	"GET /public/disable_heartbeat 200": check(okReplyRule),
	"GET /private/enable_cancel_on_disconnect 200": check(okReplyRule),
	"GET /private/disable_cancel_on_disconnect 200": check(okReplyRule),
	"GET /private/get_cancel_on_disconnect 200": check(cancelOnDisconnectReplyRule),
	"GET /public/auth 200": check(tokensReplyRule),
	"GET /public/exchange_token 200": check(tokensReplyRule),
	"GET /public/fork_token 200": check(tokensReplyRule),
	"GET /public/hello 200": check(versionReplyRule),
	"GET /public/test 200": check(versionReplyRule),
	"GET /public/status 200": check(platformStatusReplyRule),
	"GET /public/get_time 200": check(timeReplyRule),
	"ReplyFrame": check(replyFrameRule),
	"HeartbeatFrame": check(heartbeatFrameRule),
	"SubscriptionFrame": check(subscriptionFrameRule),
} as const;
