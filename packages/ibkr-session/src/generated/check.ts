// Generated from specs/ibkr-session.yaml by "npm run generate". Change the spec, not this file.

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

/** One of them at least. The first one's difference is told. */
const any = (...rules: Rule[]): Rule => (value, at) => {
	const differences = rules.map((rule) => rule(value, at));
	return differences.every(Boolean) ? differences[0] : undefined;
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

const brokerageSessionStatusRule = all(type("object"), members([], { "authenticated": type("boolean", "null"), "established": type("boolean", "null"), "competing": type("boolean", "null"), "connected": type("boolean", "null"), "message": type("string", "null"), "MAC": type("string", "null"), "serverInfo": all(type("object", "null"), members([], { "serverName": type("string", "null"), "serverVersion": type("string", "null") })), "hardware_info": type("string", "null"), "fail": type("string", "null"), "passed": type("boolean", "null") }));

const ssoValidateResponseRule = all(type("object"), members([], { "USER_ID": type("integer", "null"), "USER_NAME": type("string", "null"), "RESULT": type("boolean", "null"), "AUTH_TIME": type("integer", "null"), "SF_ENABLED": type("boolean", "null"), "IS_FREE_TRIAL": type("boolean", "null"), "CREDENTIAL": type("string", "null"), "IP": type("string", "null"), "EXPIRES": type("integer", "null"), "QUALIFIED_FOR_MOBILE_AUTH": type("boolean", "null"), "LANDING_APP": type("string", "null"), "IS_MASTER": type("boolean", "null"), "lastAccessed": type("integer", "null"), "loginType": type("integer", "null"), "LOGIN_TYPE": type("integer", "null"), "PAPER_USER_NAME": type("string", "null"), "features": all(type("object", "null"), members([], { "envs": type("string", "null"), "env": type("string", "null"), "wlms": type("boolean", "null"), "realtime": type("boolean", "null"), "bond": type("boolean", "null"), "optionChains": type("boolean", "null"), "calendar": type("boolean", "null"), "newMf": type("boolean", "null") })), "region": type("string", "null") }));

const successfulTickleResponseRule = all(type("object"), members([], { "session": type("string", "null"), "ssoExpires": type("integer", "null"), "collission": type("boolean", "null"), "userId": type("integer", "null"), "hmds": all(type("object", "null"), members([], { "error": type("string", "null"), "authStatus": type("object", "null") })), "iserver": all(type("object", "null"), members([], { "authStatus": brokerageSessionStatusRule, "tickle": type("boolean", "null") })) }));

const failedTickleResponseRule = all(type("object"), members(["error"], { "error": type("string") }));

const tickleResponseRule = any(successfulTickleResponseRule, failedTickleResponseRule);

const iserverAccountsRule = all(type("object"), members([], { "accounts": all(type("array", "null"), list(type("string"))), "selectedAccount": type("string", "null") }));

const oAuthRequestTokenRule = all(type("object"), members(["oauth_token"], { "oauth_token": type("string") }));

const oAuthAccessTokenRule = all(type("object"), members(["oauth_token","oauth_token_secret"], { "is_paper": type("boolean", "null"), "oauth_token": type("string"), "oauth_token_secret": type("string") }));

const oAuthLiveSessionTokenRule = all(type("object"), members(["diffie_hellman_response","live_session_token_signature","live_session_token_expiration"], { "diffie_hellman_response": type("string"), "live_session_token_signature": type("string"), "live_session_token_expiration": type("integer") }));

const oAuth2TokenRule = all(type("object"), members(["access_token"], { "access_token": type("string"), "token_type": type("string", "null"), "scope": type("string", "null"), "expires_in": type("integer", "null") }));

const ssoSessionRule = all(type("object"), members(["access_token"], { "active": type("boolean", "null"), "access_token": type("string"), "token_type": type("string", "null") }));

const socketSystemRule = all(type("object"), members(["topic"], { "topic": all(type("string"), among("system")), "success": type("string", "null"), "isFT": type("boolean", "null"), "isPaper": type("boolean", "null"), "hb": type("integer", "null") }));

const socketActRule = all(type("object"), members(["topic","args"], { "topic": all(type("string"), among("act")), "args": all(type("object"), members([], { "accounts": all(type("array", "null"), list(type("string"))), "acctProps": type("object", "null"), "aliases": type("object", "null"), "allowFeatures": type("object", "null"), "chartPeriods": type("object", "null"), "groups": all(type("array", "null"), list(type("string"))), "profiles": all(type("array", "null"), list(type("string"))), "selectedAccount": type("string", "null"), "serverInfo": all(type("object", "null"), members([], { "serverName": type("string", "null"), "serverVersion": type("string", "null") })), "sessionId": type("string", "null"), "isFT": type("boolean", "null"), "isPaper": type("boolean", "null") })) }));

const socketStsRule = all(type("object"), members(["topic","args"], { "topic": all(type("string"), among("sts")), "args": all(type("object"), members([], { "connected": type("boolean", "null"), "authenticated": type("boolean", "null"), "established": type("boolean", "null"), "competing": type("boolean", "null"), "message": type("string", "null"), "fail": type("string", "null"), "serverName": type("string", "null"), "serverVersion": type("string", "null"), "username": type("string", "null") })) }));

const socketTicReplyRule = all(type("object"), members(["topic"], { "topic": all(type("string"), among("tic")), "alive": type("boolean", "null"), "id": type("string", "null"), "lastAccessed": type("integer", "null") }));

/** The checks by "METHOD path status" or by the name of a received frame. */
export const checks = {
	"POST /iserver/auth/ssodh/init 200": check(brokerageSessionStatusRule),
	"POST /iserver/auth/status 200": check(brokerageSessionStatusRule),
	"GET /iserver/reauthenticate 200": check(all(type("object"), members([], { "message": type("string", "null") }))),
	"POST /logout 200": check(all(type("object"), members([], { "status": type("boolean", "null") }))),
	"GET /sso/validate 200": check(ssoValidateResponseRule),
	"POST /tickle 200": check(tickleResponseRule),
	"GET /iserver/accounts 200": check(iserverAccountsRule),
	"POST /oauth/request_token 200": check(oAuthRequestTokenRule),
	"POST /oauth/access_token 200": check(oAuthAccessTokenRule),
	"POST /oauth/live_session_token 200": check(oAuthLiveSessionTokenRule),
	"POST /oauth2/api/v1/token 200": check(oAuth2TokenRule),
	"POST /gw/api/v1/sso-sessions 200": check(ssoSessionRule),
	"SocketSystem": check(socketSystemRule),
	"SocketAct": check(socketActRule),
	"SocketSts": check(socketStsRule),
	"SocketTicReply": check(socketTicReplyRule),
} as const;
