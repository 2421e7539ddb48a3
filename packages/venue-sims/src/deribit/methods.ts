import type { components } from "../generated/deribit-session.ts";
import { cancelMethods } from "./cancel-methods.ts";
import { DeribitFailure, invalid } from "./error-reply.ts";
import { type Call, type Method, onConnection, type State } from "./method-definition.ts";
import type { DeribitSettings } from "./options.ts";
import { orderQueries } from "./order-queries.ts";
import { referenceData } from "./reference-data.ts";
import type { Params } from "./request-params.ts";
import { subscriptionMethods } from "./subscriptions.ts";
import { type Grant, tokensResult } from "./tokens.ts";
import { tradingMethods } from "./trading-methods.ts";

type CancelOnDisconnect = components["schemas"]["CancelOnDisconnect"];
const cancelScopes = ["connection", "account"] as const;

function cancelScope(params: Params): (typeof cancelScopes)[number] {
	return params.choice("scope", cancelScopes) ?? "connection";
}

function arm({ params, connection }: Call, state: State, armed: boolean): "ok" {
	if (connection) connection.armed = armed;
	if (cancelScope(params) === "account") state.accountArmed = armed;
	return "ok";
}

const isWebSocketOnly = (params: Params, settings: DeribitSettings): boolean =>
	cancelScope(params) === "connection" || !settings.accountScopeOverHttp;

/** Stores the grant (the tokens of a login) on the connection, and returns the result of the login. */
function authenticated({ connection }: Call, grant: Grant, state?: string): components["schemas"]["Tokens"] {
	if (connection) connection.grant = grant;
	return tokensResult(grant, state);
}

/** All methods of the venue. */
export const methods: Readonly<Record<string, Method>> = {
	"public/set_heartbeat": onConnection((connection, { params }, { settings }) => {
		const interval = params.number("interval");
		const least = settings.minIntervalSeconds;
		if (interval < least) throw invalid("interval", `value must be >= ${least}`);
		connection.heartbeat.start(interval);
		return "ok";
	}),
	"public/disable_heartbeat": onConnection((connection) => {
		connection.heartbeat.stop();
		return "ok";
	}),
	"private/enable_cancel_on_disconnect": {
		needs: "account:read_write",
		webSocketOnly: isWebSocketOnly,
		handle: (call, state) => {
			if (state.faults.failArming) throw new DeribitFailure(10049);
			return state.faults.ignoreArming ? "ok" : arm(call, state, true);
		},
	},
	"private/disable_cancel_on_disconnect": {
		needs: "account:read_write",
		webSocketOnly: isWebSocketOnly,
		handle: (call, state) => arm(call, state, false),
	},
	"private/get_cancel_on_disconnect": {
		needs: "account:read",
		webSocketOnly: isWebSocketOnly,
		handle: ({ params, connection }, state): CancelOnDisconnect => {
			const scope = cancelScope(params);
			return { scope, enabled: scope === "account" ? state.accountArmed : (connection?.armed ?? false) };
		},
	},
	"private/logout": {
		needs: "any",
		...onConnection((connection, { params, grant }, { settings, tokens }) => {
			if (params.flag("invalidate_token", true) && grant) tokens.invalidate(grant);
			connection.close(settings.logoutCloseCode, "", "logout");
			return undefined;
		}),
	},
	"public/hello": onConnection((_, { params }) => {
		params.text("client_name");
		params.text("client_version");
		return version;
	}),
	"public/test": {
		handle: ({ params }, { settings }) => {
			if (params.choice("expected_result", ["exception"])) throw new DeribitFailure(settings.exceptionCode);
			return version;
		},
	},
	"public/status": { handle: (_, { settings }) => ({ locked: settings.statusLocked }) },
	"public/get_time": { handle: (_, { tokens }) => Date.now() + tokens.skewMs },
	"public/auth": {
		handle: (call, { tokens }) => {
			const { params, connection } = call;
			const grantType = params.choice("grant_type", ["client_credentials", "client_signature", "refresh_token"]);
			const request = { scope: params.optionalText("scope"), connection: connection?.id };
			const state = params.optionalText("state");
			if (grantType === "client_credentials") {
				const grant = tokens.byCredentials(params.text("client_id"), params.text("client_secret"), request);
				return authenticated(call, grant, state);
			}
			if (grantType === "refresh_token") {
				return authenticated(call, tokens.byRefreshToken(params.text("refresh_token"), request), state);
			}
			if (grantType === undefined) throw invalid("grant_type", "value is required");
			const signed = {
				clientId: params.text("client_id"),
				timestamp: params.numberOrText("timestamp"),
				nonce: params.optionalText("nonce") ?? "",
				data: params.optionalText("data") ?? "",
				signature: params.text("signature"),
			};
			return authenticated(call, tokens.bySignature(signed, request), state);
		},
	},
	"public/exchange_token": {
		handle: (call, { tokens }) => {
			const { params, connection } = call;
			const request = { scope: params.optionalText("scope"), connection: connection?.id };
			return tokensResult(tokens.exchange(params.text("refresh_token"), params.number("subject_id"), request));
		},
	},
	"public/fork_token": {
		handle: ({ params, connection }, { tokens }) =>
			tokensResult(tokens.fork(params.text("refresh_token"), params.text("session_name"), connection?.id)),
	},
	...subscriptionMethods,
	...referenceData,
	...tradingMethods,
	...cancelMethods,
	...orderQueries,
};

const version: components["schemas"]["Version"] = { version: "1.2.26" };
