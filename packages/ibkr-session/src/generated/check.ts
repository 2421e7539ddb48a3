// Generated from specs/ibkr-session.yaml by "npm run generate". Change the spec, not this file.

import { all, among, any, check, list, members, type } from "@x/base/reply-check";

const undocumentedRule = /* @__PURE__ */ type("string", "number", "boolean", "object", "array", "null");

const brokerageSessionStatusRule = /* @__PURE__ */ all(/* @__PURE__ */ type("object"), /* @__PURE__ */ members([], { "authenticated": /* @__PURE__ */ type("boolean", "null"), "established": /* @__PURE__ */ type("boolean", "null"), "competing": /* @__PURE__ */ type("boolean", "null"), "connected": /* @__PURE__ */ type("boolean", "null"), "message": /* @__PURE__ */ type("string", "null"), "MAC": /* @__PURE__ */ type("string", "null"), "serverInfo": /* @__PURE__ */ all(/* @__PURE__ */ type("object", "null"), /* @__PURE__ */ members([], { "serverName": /* @__PURE__ */ type("string", "null"), "serverVersion": /* @__PURE__ */ type("string", "null"), "fail": /* @__PURE__ */ type("string", "null") })), "hardware_info": /* @__PURE__ */ type("string", "null"), "fail": /* @__PURE__ */ type("string", "null"), "passed": /* @__PURE__ */ type("boolean", "null"), "prompts": undocumentedRule }));

const ssoValidateResponseRule = /* @__PURE__ */ all(/* @__PURE__ */ type("object"), /* @__PURE__ */ members([], { "USER_ID": /* @__PURE__ */ type("integer", "null"), "USER_NAME": /* @__PURE__ */ type("string", "null"), "RESULT": /* @__PURE__ */ type("boolean", "null"), "AUTH_TIME": /* @__PURE__ */ type("integer", "null"), "SF_ENABLED": /* @__PURE__ */ type("boolean", "null"), "IS_FREE_TRIAL": /* @__PURE__ */ type("boolean", "null"), "CREDENTIAL": /* @__PURE__ */ type("string", "null"), "IP": /* @__PURE__ */ type("string", "null"), "EXPIRES": /* @__PURE__ */ type("integer", "null"), "QUALIFIED_FOR_MOBILE_AUTH": /* @__PURE__ */ type("boolean", "null"), "LANDING_APP": /* @__PURE__ */ type("string", "null"), "IS_MASTER": /* @__PURE__ */ type("boolean", "null"), "lastAccessed": /* @__PURE__ */ type("integer", "null"), "loginType": /* @__PURE__ */ type("integer", "null"), "LOGIN_TYPE": /* @__PURE__ */ type("integer", "null"), "PAPER_USER_NAME": /* @__PURE__ */ type("string", "null"), "features": /* @__PURE__ */ all(/* @__PURE__ */ type("object", "null"), /* @__PURE__ */ members([], { "envs": /* @__PURE__ */ type("string", "null"), "env": /* @__PURE__ */ type("string", "null"), "wlms": /* @__PURE__ */ type("boolean", "null"), "realtime": /* @__PURE__ */ type("boolean", "null"), "bond": /* @__PURE__ */ type("boolean", "null"), "optionChains": /* @__PURE__ */ type("boolean", "null"), "calendar": /* @__PURE__ */ type("boolean", "null"), "newMf": /* @__PURE__ */ type("boolean", "null"), "alpha": undocumentedRule, "ibamWidget": undocumentedRule, "debugMenu": undocumentedRule, "record": undocumentedRule })), "region": /* @__PURE__ */ type("string", "null"), "SFT": undocumentedRule, "IS_PENDING_APPLICANT": undocumentedRule, "HARDWARE_INFO": undocumentedRule, "UNIQUE_LOGIN_ID": undocumentedRule, "SF_CONFIG": undocumentedRule, "CREDENTIAL_TYPE": undocumentedRule, "ANOMALOUS_LOGIN": undocumentedRule, "TOKEN": undocumentedRule, "took": undocumentedRule, "isGw": undocumentedRule }));

const successfulTickleResponseRule = /* @__PURE__ */ all(/* @__PURE__ */ type("object"), /* @__PURE__ */ members([], { "session": /* @__PURE__ */ type("string", "null"), "ssoExpires": /* @__PURE__ */ type("integer", "null"), "collission": /* @__PURE__ */ type("boolean", "null"), "userId": /* @__PURE__ */ type("integer", "null"), "hmds": /* @__PURE__ */ all(/* @__PURE__ */ type("object", "null"), /* @__PURE__ */ members([], { "error": /* @__PURE__ */ type("string", "null"), "authStatus": /* @__PURE__ */ type("object", "array", "null") })), "iserver": /* @__PURE__ */ all(/* @__PURE__ */ type("object", "null"), /* @__PURE__ */ members([], { "authStatus": brokerageSessionStatusRule, "tickle": /* @__PURE__ */ type("boolean", "null") })) }));

const failedTickleResponseRule = /* @__PURE__ */ all(/* @__PURE__ */ type("object"), /* @__PURE__ */ members(["error"], { "error": /* @__PURE__ */ type("string") }));

const tickleResponseRule = /* @__PURE__ */ any(successfulTickleResponseRule, failedTickleResponseRule);

const iserverAccountsRule = /* @__PURE__ */ all(/* @__PURE__ */ type("object"), /* @__PURE__ */ members([], { "accounts": /* @__PURE__ */ all(/* @__PURE__ */ type("array", "null"), /* @__PURE__ */ list(/* @__PURE__ */ type("string"))), "selectedAccount": /* @__PURE__ */ type("string", "null"), "acctProps": /* @__PURE__ */ type("object", "null"), "aliases": /* @__PURE__ */ type("object", "null"), "allowFeatures": /* @__PURE__ */ type("object", "null"), "chartPeriods": /* @__PURE__ */ type("object", "null"), "groups": /* @__PURE__ */ all(/* @__PURE__ */ type("array", "null"), /* @__PURE__ */ list(/* @__PURE__ */ type("string"))), "profiles": /* @__PURE__ */ all(/* @__PURE__ */ type("array", "null"), /* @__PURE__ */ list(/* @__PURE__ */ type("string"))), "serverInfo": /* @__PURE__ */ all(/* @__PURE__ */ type("object", "null"), /* @__PURE__ */ members([], { "serverName": /* @__PURE__ */ type("string", "null"), "serverVersion": /* @__PURE__ */ type("string", "null") })), "sessionId": /* @__PURE__ */ type("string", "null"), "isFT": /* @__PURE__ */ type("boolean", "null"), "isPaper": /* @__PURE__ */ type("boolean", "null") }));

const oAuthRequestTokenRule = /* @__PURE__ */ all(/* @__PURE__ */ type("object"), /* @__PURE__ */ members(["oauth_token"], { "oauth_token": /* @__PURE__ */ type("string") }));

const oAuthAccessTokenRule = /* @__PURE__ */ all(/* @__PURE__ */ type("object"), /* @__PURE__ */ members(["oauth_token","oauth_token_secret"], { "is_paper": /* @__PURE__ */ type("boolean", "null"), "oauth_token": /* @__PURE__ */ type("string"), "oauth_token_secret": /* @__PURE__ */ type("string") }));

const oAuthLiveSessionTokenRule = /* @__PURE__ */ all(/* @__PURE__ */ type("object"), /* @__PURE__ */ members(["diffie_hellman_response","live_session_token_signature","live_session_token_expiration"], { "diffie_hellman_response": /* @__PURE__ */ type("string"), "live_session_token_signature": /* @__PURE__ */ type("string"), "live_session_token_expiration": /* @__PURE__ */ type("integer") }));

const oAuth2TokenRule = /* @__PURE__ */ all(/* @__PURE__ */ type("object"), /* @__PURE__ */ members(["access_token"], { "access_token": /* @__PURE__ */ type("string"), "token_type": /* @__PURE__ */ type("string", "null"), "scope": /* @__PURE__ */ type("string", "null"), "expires_in": /* @__PURE__ */ type("integer", "null") }));

const ssoSessionRule = /* @__PURE__ */ all(/* @__PURE__ */ type("object"), /* @__PURE__ */ members(["access_token"], { "active": /* @__PURE__ */ type("boolean", "null"), "access_token": /* @__PURE__ */ type("string"), "token_type": /* @__PURE__ */ type("string", "null") }));

const socketSystemRule = /* @__PURE__ */ all(/* @__PURE__ */ type("object"), /* @__PURE__ */ members(["topic"], { "topic": /* @__PURE__ */ all(/* @__PURE__ */ type("string"), /* @__PURE__ */ among("system")), "success": /* @__PURE__ */ type("string", "null"), "isFT": /* @__PURE__ */ type("boolean", "null"), "isPaper": /* @__PURE__ */ type("boolean", "null"), "hb": /* @__PURE__ */ type("integer", "null") }));

const socketActRule = /* @__PURE__ */ all(/* @__PURE__ */ type("object"), /* @__PURE__ */ members(["topic","args"], { "topic": /* @__PURE__ */ all(/* @__PURE__ */ type("string"), /* @__PURE__ */ among("act")), "args": /* @__PURE__ */ all(/* @__PURE__ */ type("object"), /* @__PURE__ */ members([], { "accounts": /* @__PURE__ */ all(/* @__PURE__ */ type("array", "null"), /* @__PURE__ */ list(/* @__PURE__ */ type("string"))), "acctProps": /* @__PURE__ */ type("object", "null"), "aliases": /* @__PURE__ */ type("object", "null"), "allowFeatures": /* @__PURE__ */ type("object", "null"), "chartPeriods": /* @__PURE__ */ type("object", "null"), "groups": /* @__PURE__ */ all(/* @__PURE__ */ type("array", "null"), /* @__PURE__ */ list(/* @__PURE__ */ type("string"))), "profiles": /* @__PURE__ */ all(/* @__PURE__ */ type("array", "null"), /* @__PURE__ */ list(/* @__PURE__ */ type("string"))), "selectedAccount": /* @__PURE__ */ type("string", "null"), "serverInfo": /* @__PURE__ */ all(/* @__PURE__ */ type("object", "null"), /* @__PURE__ */ members([], { "serverName": /* @__PURE__ */ type("string", "null"), "serverVersion": /* @__PURE__ */ type("string", "null") })), "sessionId": /* @__PURE__ */ type("string", "null"), "isFT": /* @__PURE__ */ type("boolean", "null"), "isPaper": /* @__PURE__ */ type("boolean", "null") })) }));

const socketStsRule = /* @__PURE__ */ all(/* @__PURE__ */ type("object"), /* @__PURE__ */ members(["topic","args"], { "topic": /* @__PURE__ */ all(/* @__PURE__ */ type("string"), /* @__PURE__ */ among("sts")), "args": /* @__PURE__ */ all(/* @__PURE__ */ type("object"), /* @__PURE__ */ members([], { "connected": /* @__PURE__ */ type("boolean", "null"), "authenticated": /* @__PURE__ */ type("boolean", "null"), "established": /* @__PURE__ */ type("boolean", "null"), "competing": /* @__PURE__ */ type("boolean", "null"), "message": /* @__PURE__ */ type("string", "null"), "fail": /* @__PURE__ */ type("string", "null"), "serverName": /* @__PURE__ */ type("string", "null"), "serverVersion": /* @__PURE__ */ type("string", "null"), "username": /* @__PURE__ */ type("string", "null") })) }));

const socketTicReplyRule = /* @__PURE__ */ all(/* @__PURE__ */ type("object"), /* @__PURE__ */ members(["topic"], { "topic": /* @__PURE__ */ all(/* @__PURE__ */ type("string"), /* @__PURE__ */ among("tic")), "alive": /* @__PURE__ */ type("boolean", "null"), "id": /* @__PURE__ */ type("string", "null"), "lastAccessed": /* @__PURE__ */ type("integer", "null") }));

export const postIserverAuthSsodhInit200 = /* @__PURE__ */ check(brokerageSessionStatusRule);

export const postIserverAuthStatus200 = /* @__PURE__ */ check(brokerageSessionStatusRule);

export const getIserverReauthenticate200 = /* @__PURE__ */ check(/* @__PURE__ */ all(/* @__PURE__ */ type("object"), /* @__PURE__ */ members([], { "message": /* @__PURE__ */ type("string", "null") })));

export const postLogout200 = /* @__PURE__ */ check(/* @__PURE__ */ all(/* @__PURE__ */ type("object"), /* @__PURE__ */ members([], { "status": /* @__PURE__ */ type("boolean", "null") })));

export const getSsoValidate200 = /* @__PURE__ */ check(ssoValidateResponseRule);

export const postTickle200 = /* @__PURE__ */ check(tickleResponseRule);

export const getIserverAccounts200 = /* @__PURE__ */ check(iserverAccountsRule);

export const postOauthRequestToken200 = /* @__PURE__ */ check(oAuthRequestTokenRule);

export const postOauthAccessToken200 = /* @__PURE__ */ check(oAuthAccessTokenRule);

export const postOauthLiveSessionToken200 = /* @__PURE__ */ check(oAuthLiveSessionTokenRule);

export const postOauth2ApiV1Token200 = /* @__PURE__ */ check(oAuth2TokenRule);

export const postGwApiV1SsoSessions200 = /* @__PURE__ */ check(ssoSessionRule);

export const socketSystem = /* @__PURE__ */ check(socketSystemRule);

export const socketAct = /* @__PURE__ */ check(socketActRule);

export const socketSts = /* @__PURE__ */ check(socketStsRule);

export const socketTicReply = /* @__PURE__ */ check(socketTicReplyRule);

/** All checks by "METHOD path status" or by the name of a received frame. Tree-shakeable: import only the checks you use. */
export const checks = {
	"POST /iserver/auth/ssodh/init 200": postIserverAuthSsodhInit200,
	"POST /iserver/auth/status 200": postIserverAuthStatus200,
	"GET /iserver/reauthenticate 200": getIserverReauthenticate200,
	"POST /logout 200": postLogout200,
	"GET /sso/validate 200": getSsoValidate200,
	"POST /tickle 200": postTickle200,
	"GET /iserver/accounts 200": getIserverAccounts200,
	"POST /oauth/request_token 200": postOauthRequestToken200,
	"POST /oauth/access_token 200": postOauthAccessToken200,
	"POST /oauth/live_session_token 200": postOauthLiveSessionToken200,
	"POST /oauth2/api/v1/token 200": postOauth2ApiV1Token200,
	"POST /gw/api/v1/sso-sessions 200": postGwApiV1SsoSessions200,
	"SocketSystem": socketSystem,
	"SocketAct": socketAct,
	"SocketSts": socketSts,
	"SocketTicReply": socketTicReply,
} as const;
