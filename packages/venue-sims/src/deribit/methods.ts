import type { components } from "../generated/deribit-session.ts";
import type { ActiveFaults } from "./active-faults.ts";
import type { Book } from "./book.ts";
import type { SimConnection } from "./connection.ts";
import { Failure, invalid } from "./failure.ts";
import type { Settings } from "./options.ts";
import type { Params } from "./params.ts";
import { type Grant, type Tokens, tokensResult } from "./tokens.ts";
import { tradingMethods } from "./trading.ts";

/** What the methods work on: the state of the venue that outlives connections. */
export interface State {
	settings: Settings;
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
	/** What authorises a private call; always there for one. */
	grant: Grant | undefined;
}

export interface Method {
	/** The right that a private method needs; `any` for none in particular. */
	needs?: string;
	/** Over HTTP it answers 10030. */
	webSocketOnly?: boolean | ((params: Params, settings: Settings) => boolean);
	/** Matching calls are paid from another pool, which is not simulated. */
	free?: boolean;
	/** Paid from the pool for subscribing. */
	subscribes?: boolean;
	/** `undefined` means that there is no reply. */
	handle(call: Call, state: State): unknown;
}

type Cod = components["schemas"]["CancelOnDisconnect"];
const armScopes = ["connection", "account"] as const;

function armScope(params: Params): (typeof armScopes)[number] {
	return params.choice("scope", armScopes) ?? "connection";
}

function arm({ params, connection }: Call, state: State, armed: boolean): "ok" {
	if (connection) connection.armed = armed;
	if (armScope(params) === "account") state.accountArmed = armed;
	return "ok";
}

const codOverHttp = (params: Params, settings: Settings): boolean =>
	armScope(params) === "connection" || !settings.accountScopeOverHttp;

/** A method that only runs with a connection. */
function onConnection(handle: (connection: SimConnection, call: Call, state: State) => unknown): Method {
	return {
		webSocketOnly: true,
		handle: (call, state) => {
			if (!call.connection) throw new Failure(10030);
			return handle(call.connection, call, state);
		},
	};
}

/** Puts what was granted on the connection that asked for it. */
function authenticated({ connection }: Call, grant: Grant, state?: string): components["schemas"]["Tokens"] {
	if (connection) connection.grant = grant;
	return tokensResult(grant, state);
}

/** In one call; what the venue answers to more is not documented. */
const mostChannels = 500;
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
		webSocketOnly: codOverHttp,
		handle: (call, state) => {
			if (state.faults.failArming) throw new Failure(10049);
			return state.faults.ignoreArming ? "ok" : arm(call, state, true);
		},
	},
	"private/disable_cancel_on_disconnect": {
		needs: "account:read_write",
		webSocketOnly: codOverHttp,
		handle: (call, state) => arm(call, state, false),
	},
	"private/get_cancel_on_disconnect": {
		needs: "account:read",
		webSocketOnly: codOverHttp,
		handle: ({ params, connection }, state): Cod => {
			const scope = armScope(params);
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
			if (params.choice("expected_result", ["exception"])) throw new Failure(settings.exceptionCode);
			return version;
		},
	},
	"public/status": { handle: (_, { settings }) => ({ locked: settings.statusLocked }) },
	"public/get_time": { handle: (_, { tokens }) => Date.now() + tokens.skewMs },
	"public/auth": {
		handle: (call, { tokens }) => {
			const { params, connection } = call;
			const grantType = params.choice("grant_type", ["client_credentials", "client_signature", "refresh_token"]);
			const asked = { scope: params.optionalText("scope"), connection: connection?.id };
			const state = params.optionalText("state");
			if (grantType === "client_credentials") {
				const grant = tokens.byCredentials(params.text("client_id"), params.text("client_secret"), asked);
				return authenticated(call, grant, state);
			}
			if (grantType === "refresh_token") {
				return authenticated(call, tokens.byRefreshToken(params.text("refresh_token"), asked), state);
			}
			if (grantType === undefined) throw invalid("grant_type", "value is required");
			const signed = {
				clientId: params.text("client_id"),
				timestamp: params.number("timestamp"),
				nonce: params.optionalText("nonce") ?? "",
				data: params.optionalText("data") ?? "",
				signature: params.text("signature"),
			};
			return authenticated(call, tokens.bySignature(signed, asked), state);
		},
	},
	"public/exchange_token": {
		handle: (call, { tokens }) => {
			const { params, connection } = call;
			const asked = { scope: params.optionalText("scope"), connection: connection?.id };
			return tokensResult(tokens.exchange(params.text("refresh_token"), params.number("subject_id"), asked));
		},
	},
	"public/fork_token": {
		handle: ({ params, connection }, { tokens }) =>
			tokensResult(tokens.fork(params.text("refresh_token"), params.text("session_name"), connection?.id)),
	},
	// Names the venue does not know are left out of the result without a word.
	"public/subscribe": {
		subscribes: true,
		...onConnection((connection, { params }) => {
			const names = params.texts("channels");
			if (names.length > mostChannels) throw invalid("channels", "invalid value");
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
