import type { components } from "../generated/deribit-session.ts";
import type { ActiveFaults } from "./active-faults.ts";
import type { Book } from "./book.ts";
import type { SimConnection } from "./connection.ts";
import { DeribitFailure, invalid } from "./failure.ts";
import type { DeribitSettings } from "./options.ts";
import type { Params } from "./params.ts";
import { type Grant, type Tokens, tokensResult } from "./tokens.ts";
import { tradingMethods } from "./trading.ts";

/** The venue's state that outlives connections. */
export interface State {
	settings: DeribitSettings;
	tokens: Tokens;
	book: Book;
	faults: ActiveFaults;
	/** Whether new connections start armed. */
	accountArmed: boolean;
}

export interface Call {
	params: Params;
	/** Absent over HTTP. */
	connection: SimConnection | undefined;
	/** The grant that authorizes the call. Always present for a private method. */
	grant: Grant | undefined;
}

export interface Method {
	/** The scope that a private method requires; `any` for any valid token. */
	needs?: string;
	/** Fails with 10030 over HTTP. */
	webSocketOnly?: boolean | ((params: Params, settings: DeribitSettings) => boolean);
	/** Order calls are paid from another pool, which is not simulated. */
	free?: boolean;
	/** Paid from the subscription pool. */
	subscribes?: boolean;
	/** Returns the result; undefined for no reply. */
	handle(call: Call, state: State): unknown;
}

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

/** A method that requires a WebSocket connection. */
function onConnection(handle: (connection: SimConnection, call: Call, state: State) => unknown): Method {
	return {
		webSocketOnly: true,
		handle: (call, state) => {
			if (!call.connection) throw new DeribitFailure(10030);
			return handle(call.connection, call, state);
		},
	};
}

/** Stores the grant on the connection that authenticated. */
function authenticated({ connection }: Call, grant: Grant, state?: string): components["schemas"]["Tokens"] {
	if (connection) connection.grant = grant;
	return tokensResult(grant, state);
}

/** Per call. The venue's reply to more is not documented. */
const maxChannels = 500;
const channelNames = new Set(["platform_state", "platform_state.public_methods_state"]);

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
				timestamp: params.number("timestamp"),
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
	// Unknown channels are silently left out of the result.
	"public/subscribe": {
		subscribes: true,
		...onConnection((connection, { params }) => {
			const names = params.texts("channels");
			if (names.length > maxChannels) throw invalid("channels", "invalid value");
			const known = names.filter((name) => channelNames.has(name));
			for (const name of known) connection.channels.add(name);
			return known;
		}),
	},
	"public/unsubscribe": onConnection((connection, { params }) =>
		params.texts("channels").filter((name) => connection.channels.delete(name)),
	),
	...tradingMethods,
};

const version: components["schemas"]["Version"] = { version: "1.2.26" };
