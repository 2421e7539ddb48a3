import type { SchemaProblem } from "../config/check-against-schema.ts";

/** The options of a bot that may use the relay. Plain data that can be sent to a thread. */
export interface BotConfig {
	/** The token that the bot sends as client secret. The bot's name is its client id. */
	readonly token: string;
	/** The sessions that the bot may use. */
	readonly sessions: readonly string[];
	/** What happens to the bot's open orders when its connection ends without a logout. */
	readonly ordersOnDisconnect: "cancel" | "disconnect" | "keep";
	/**
	 * If `ordersOnDisconnect` is `cancel`: the deadline for cancelling the orders, in milliseconds. If the venue has not confirmed the
	 * cancels by then, the agent's connection to Deribit is ended, so that the venue cancels the orders.
	 */
	readonly cancelWithinMs: number;
	/** If true, a close frame with code 1000 or 1001 counts as a logout. */
	readonly keepsOrdersOnClose: boolean;
	/** If true, the bot stays connected to the relay when the agent's connection to Deribit is lost. */
	readonly staysConnected: boolean;
}

/** The settings of the relay. Plain data that can be sent to a thread. */
export interface RelayConfig {
	/** The port on 127.0.0.1 at which bots connect. */
	readonly port: number;
	/** The rate limit of Deribit's matching engine for the account. */
	readonly orderRate: { readonly perSecond: number; readonly burst: number };
	readonly bots: Readonly<Record<string, BotConfig>>;
}

/** The section `relay` of a configuration, as the schema allows it. */
export interface GivenRelay {
	readonly port?: number;
	readonly orderRate?: Partial<RelayConfig["orderRate"]>;
	readonly bots: Readonly<Record<string, Partial<BotConfig> & Pick<BotConfig, "token">>>;
}

/** The name under which all clients that have not logged in are counted. */
export const anonymous = "anonymous";
const defaults = { port: 7301 } as const;
/** The rate limit of Deribit's lowest tier. */
const lowestTier = { perSecond: 5, burst: 20 } as const;
const botDefaults = {
	ordersOnDisconnect: "cancel",
	cancelWithinMs: 5_000,
	keepsOrdersOnClose: false,
	staysConnected: false,
} as const;

/** The sessions that can be relayed, by name, with their venue. */
export type RelayedSessions = ReadonlyMap<string, "deribit" | "ibkr">;

/** The settings of the relay, with the defaults filled in. */
export function relayConfig(given: GivenRelay, relayed: RelayedSessions): RelayConfig {
	const sessions = [...relayed.keys()];
	const bots = Object.entries(given.bots).map(([name, bot]) => [name, { ...botDefaults, sessions, ...bot }]);
	return {
		port: given.port ?? defaults.port,
		orderRate: { ...lowestTier, ...given.orderRate },
		bots: Object.fromEntries(bots),
	};
}

/** Finds the problems in the section `relay` that the JSON Schema of the configuration cannot find. */
export function relayProblems(given: GivenRelay | undefined, relayed: RelayedSessions): readonly SchemaProblem[] {
	const problems: SchemaProblem[] = [];
	const names = new Map<string, string>();
	for (const [name, { sessions = [...relayed.keys()], token, ...options }] of Object.entries(given?.bots ?? {})) {
		const path = ["relay", "bots", name];
		for (const session of sessions) {
			if (!relayed.has(session)) {
				problems.push({
					path: [...path, "sessions"],
					message: `names ${session}, which is no session at Deribit or IBKR`,
				});
			}
		}
		if (sessions.length === 0) problems.push({ path, message: "has no session at Deribit or IBKR to use" });
		else if (sessions.every((session) => relayed.get(session) === "ibkr")) {
			// This message fits every option for Deribit, because all of them concern orders that the venue cancels when a connection ends.
			const message = "is for sessions at Deribit, and this bot has none: IBKR cancels no orders";
			for (const option of Object.keys(options)) problems.push({ path: [...path, option], message });
		}
		// The token must be long, because any process on this machine may guess tokens, and the number of attempts is not limited.
		if (name === anonymous)
			problems.push({ path, message: "must be another name: clients without a login are counted under this name" });
		if (token.length < 16) problems.push({ path: [...path, "token"], message: "must have 16 characters or more" });
		const other = names.get(token);
		if (other !== undefined)
			problems.push({ path: [...path, "token"], message: `is also the token of bot ${other}: give each bot its own` });
		names.set(token, name);
	}
	return problems;
}
