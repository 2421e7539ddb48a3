import { createIbkrOAuth } from "../auth/oauth2/index.ts";
import type { RecordedReply, SimulatedPosition } from "./recorded-replies.ts";

type OtherCall = NonNullable<SimulatedPosition["call"]>;

const tickle: RecordedReply["call"] = (client) => client.tickle();
const init: RecordedReply["call"] = (client) => client.init();
const status: RecordedReply["call"] = (client) => client.status();
const accounts: RecordedReply["call"] = (client) => client.accounts();

const withoutBrokerage = { start: "login" } as const;
const withoutLogin = { start: "none" } as const;
const baseUrl = "https://localhost:5000/v1/api";
const asked =
	(path: string, init?: RequestInit): OtherCall =>
	(fetch) =>
		fetch(baseUrl + path, init);
/** A consumer whose keys are never used: the calls of this file fail before the venue verifies a signature. */
const consumer = { key: "TESTCONS", signatureKey: "", encryptionKey: "", dhPrime: "" };
/** The header of a request for a live session token, without a signature: the venue verifies the access token first. */
const signedFor = (accessToken: string): string => {
	const parameters = {
		oauth_consumer_key: consumer.key,
		oauth_signature_method: "RSA-SHA256",
		oauth_timestamp: String(Math.floor(Date.now() / 1_000)),
		oauth_nonce: "0123456789abcdef",
		oauth_token: accessToken,
	};
	const texts = Object.entries({ realm: "limited_poa", ...parameters }).map(([name, value]) => `${name}="${value}"`);
	return `OAuth ${texts.join(", ")}`;
};

/** The replies whose status is not 200. */
export const recordedRefusals: readonly RecordedReply[] = [
	{
		when: "auth/status by the method that this server does not take",
		call: status,
		status: 400,
		body: '{"error":"Bad Request","statusCode":400}',
		reads: { kind: "http", status: 400, venueMessage: "Bad Request" },
		simulated: { options: { statusVerb: "POST" }, call: asked("/iserver/auth/status") },
	},
	{
		when: "init with publish false, or of an account that is not entitled",
		call: init,
		status: 500,
		body: '{"error":"failed to generate sso dh token"}',
		reads: { kind: "unavailable", status: 500, venueMessage: "failed to generate sso dh token" },
		simulated: {
			options: withoutBrokerage,
			call: asked("/iserver/auth/ssodh/init", { method: "POST", body: '{"publish":false,"compete":true}' }),
		},
	},
	{
		when: "init of some paper users over OAuth, and after a logout",
		call: init,
		status: 410,
		body: "",
		reads: { kind: "no-session", because: "gone" },
		simulated: { options: { ...withoutLogin, loggedOut: { init: 410 } } },
	},
	{
		when: "init while the backend is down",
		call: init,
		status: 503,
		body: '{"error":"service unavailable","statusCode":503}',
		reads: { kind: "unavailable", status: 503 },
		simulated: { options: { ...withoutLogin, loggedOut: { init: 503 } } },
	},
	{
		when: "init while the backend is down, whose statusCode is text, as in the spec",
		call: init,
		status: 503,
		body: '{"error":"service unavailable","statusCode":"503"}',
		reads: { kind: "unavailable", status: 503, venueMessage: "service unavailable" },
	},
	{
		when: "tickle without a login, as the problem document of newer specs",
		call: tickle,
		status: 401,
		body: '{"type":"about:blank","title":"Unauthorized","status":401,"detail":"no valid session","invalidArguments":[]}',
		headers: { "content-type": "application/problem+json" },
		reads: { kind: "no-session", because: "access-denied" },
	},
	{
		when: "tickle without a login, as 401",
		call: tickle,
		status: 401,
		body: "Access Denied",
		reads: { kind: "no-session", because: "access-denied" },
		simulated: { options: withoutLogin },
	},
	{
		when: "tickle that fails once in a living session, as an empty 401",
		call: tickle,
		status: 401,
		body: "",
		reads: { kind: "no-session", because: "access-denied" },
		simulated: { before: (_, trigger) => trigger("oddTickle", { as: "empty-401" }) },
	},
	{
		when: "tickle at a gateway that redirects to its login page",
		call: tickle,
		status: 302,
		body: "",
		headers: { location: "/sso/Login?forwardTo=22&RL=1" },
		reads: { kind: "no-session", because: "login-redirect" },
		simulated: { options: { ...withoutLogin, redirectToLogin: true } },
	},
	{
		when: "tickle at a gateway that redirects to its dispatcher",
		call: tickle,
		status: 302,
		body: "",
		headers: { location: "/sso/Dispatcher" },
		reads: { kind: "no-session", because: "login-redirect" },
	},
	{
		when: "tickle during the penalty",
		call: tickle,
		status: 429,
		body: "",
		reads: { kind: "banned", status: 429 },
		simulated: { before: (_, trigger) => trigger("penalty") },
	},
	{
		when: "tickle whose call took ten seconds in the backend",
		call: tickle,
		status: 503,
		body: "",
		reads: { kind: "unavailable", status: 503 },
		simulated: { before: (_, trigger) => trigger("answer") },
	},
	{
		when: "status during the nightly reset",
		call: status,
		status: 503,
		body: "",
		reads: { kind: "unavailable", status: 503 },
		simulated: { options: { resetEndsLogin: false }, before: (_, trigger) => trigger("reset", { forMs: 60_000 }) },
	},
	{
		when: "tickle that the edge refuses",
		call: tickle,
		status: 403,
		body: "<html><body><h1>Access Denied</h1></body></html>",
		reads: { kind: "http", status: 403 },
		simulated: { lostHeader: "user-agent" },
	},
	{
		when: "a call without Content-Length, at the edge",
		call: tickle,
		status: 411,
		body: "<html><body><h1>Length Required</h1></body></html>",
		reads: { kind: "http", status: 411 },
		simulated: { lostHeader: "content-length" },
	},
	{
		when: "a wrong path",
		call: (client) => client.reauthenticate(),
		status: 404,
		body: "<html><body><h1>Resource not found</h1></body></html>",
		reads: { kind: "http", status: 404 },
		simulated: { options: { reauthenticate: false } },
	},
	{
		when: "iserver/accounts without a brokerage session, as text",
		call: accounts,
		status: 401,
		body: "not authenticated",
		reads: { kind: "no-brokerage", because: "not-authenticated" },
		simulated: { options: withoutBrokerage },
	},
	{
		when: "iserver/accounts without a brokerage session, as JSON",
		call: accounts,
		status: 400,
		body: '{"error":"Bad Request: no bridge","statusCode":400}',
		reads: { kind: "no-brokerage", because: "no-bridge" },
		simulated: { options: { ...withoutBrokerage, accountsWithoutBrokerage: 400 } },
	},
	{
		when: "a call below iserver before init",
		call: accounts,
		status: 400,
		body: '{"error":"Init session first","statusCode":400}',
		reads: { kind: "no-brokerage", because: "init-first" },
	},
	{
		when: "a call that needs the accounts first",
		call: status,
		status: 400,
		body: '{"error":"Bad Request: Please query /accounts first","statusCode":400}',
		reads: { kind: "http", status: 400, venueMessage: "Bad Request: Please query /accounts first" },
		simulated: { call: asked("/iserver/account/orders") },
	},
	{
		when: "a call of a consumer that is not active yet",
		call: tickle,
		status: 401,
		body: '{"error":"id: 12, error: invalid consumer","statusCode":401}',
		reads: { kind: "no-session", because: "invalid-consumer", venueMessage: "id: 12, error: invalid consumer" },
		simulated: { options: { mode: "oauth1", consumer } },
	},
	{
		when: "a call with a token that has to be made again",
		call: tickle,
		status: 401,
		body: '{"error":"id: 12, error: LST failed, error: No access secret key found for x","statusCode":401}',
		reads: { kind: "no-session", because: "token-refused" },
		simulated: {
			options: { mode: "oauth1", consumer },
			call: (fetch) => createIbkrOAuth({ fetch }).liveSessionToken({ authorization: signedFor("x") }),
		},
	},
	{
		when: "a call with a bearer token that has expired",
		call: tickle,
		status: 401,
		body: '{"type":"about:blank","title":"Access token expired","status":401}',
		reads: { kind: "no-session", because: "token-expired" },
		simulated: {
			options: { mode: "oauth2" },
			call: (fetch) => createIbkrOAuth({ fetch }).ssoSession({ bearer: "x", assertion: "head.claims.signature" }),
		},
	},
];
