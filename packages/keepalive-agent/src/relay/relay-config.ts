import type { SchemaProblem } from "../config/check-schema.ts";

/** A bot that may use the relay. Plain data. */
export interface BotConfig {
	/** What it presents as client secret. Its client id is its name. */
	readonly token: string;
	/** The sessions that it may use. */
	readonly sessions: readonly string[];
	/** What becomes of the orders of a connection that ends without a logout. */
	readonly ordersOnDisconnect: "cancel" | "disconnect" | "keep";
	/** Within how many milliseconds `cancel` has to be confirmed; after that the guarded connection is ended. */
	readonly cancelWithinMs: number;
	/** Whether a close frame with 1000 or 1001 counts as a logout. */
	readonly keepsOrdersOnClose: boolean;
	/** Whether it stays connected when the guarded connection is lost. */
	readonly staysConnected: boolean;
}

/** The relay of a configuration. Plain data. */
export interface RelayConfig {
	/** On 127.0.0.1. */
	readonly port: number;
	/** Calls of the matching engine that the venue allows the account. */
	readonly orderRate: { readonly perSecond: number; readonly burst: number };
	readonly bots: Readonly<Record<string, BotConfig>>;
}

/** The section `relay` of a configuration, which follows the schema. */
export interface GivenRelay {
	readonly port?: number;
	readonly orderRate?: Partial<RelayConfig["orderRate"]>;
	readonly bots: Readonly<Record<string, Partial<BotConfig> & Pick<BotConfig, "token">>>;
}

/** What a client is called that has not logged in. */
export const anonymous = "anonymous";
const defaults = { port: 7301 } as const;
/** The lowest tier of Deribit. */
const lowestTier = { perSecond: 5, burst: 20 } as const;
const botDefaults = {
	ordersOnDisconnect: "cancel",
	cancelWithinMs: 5_000,
	keepsOrdersOnClose: false,
	staysConnected: false,
} as const;

/** The venues of the sessions that can be relayed, by name. */
export type RelayedSessions = ReadonlyMap<string, "deribit" | "ibkr">;

/** Adds what was left out. */
export function relayConfig(given: GivenRelay, relayed: RelayedSessions): RelayConfig {
	const sessions = [...relayed.keys()];
	const bots = Object.entries(given.bots).map(([name, bot]) => [name, { ...botDefaults, sessions, ...bot }]);
	return {
		port: given.port ?? defaults.port,
		orderRate: { ...lowestTier, ...given.orderRate },
		bots: Object.fromEntries(bots),
	};
}

/** What the schema cannot say. */
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
			// All others are about connections whose orders the venue cancels.
			const message = "is for sessions at Deribit, and this bot has none: IBKR cancels no orders";
			for (const option of Object.keys(options)) problems.push({ path: [...path, option], message });
		}
		if (name === anonymous) problems.push({ path, message: "is what a client without a login is called" });
		// A token is guessed from this machine, without a limit on attempts.
		if (token.length < 16) problems.push({ path: [...path, "token"], message: "must have 16 characters or more" });
		const other = names.get(token);
		if (other !== undefined) problems.push({ path: [...path, "token"], message: `is the token of ${other} too` });
		names.set(token, name);
	}
	return problems;
}
