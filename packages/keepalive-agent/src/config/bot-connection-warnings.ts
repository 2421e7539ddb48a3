import type { NeededPulses } from "../strategies/strategy-config.ts";
import type { SessionConfig } from "./config.ts";

/**
 * Warnings for bots that send their orders over connections of their own: the agent does not protect these orders, or even keeps the
 * venue from cancelling them.
 *
 * @param pulses - which pulses (health signals) of strategies keep the session open.
 * @param isRelayed - whether bots can send their orders over the agent's own connection.
 * @param hasLeader - whether other machines run the sessions too.
 */
export function botConnectionWarnings(
	config: SessionConfig,
	pulses: NeededPulses,
	isRelayed = false,
	hasLeader = false,
): readonly string[] {
	switch (config.venue) {
		case "deribit":
			if (config.cancelScope === "account" || isRelayed) return [];
			return [
				"cancelScope is connection: only orders over the agent's own connection are protected, not those of your bots. List the bots in relay",
			];
		case "bybit":
			if (pulses === "local" && hasLeader && config.leader !== false) {
				return [
					"the session does not take part in leader: each machine opens it while its own bot pulses, and the venue does not cancel before the last one is closed. Set shared: true in its strategy, or let only the bot that trades pulse",
				];
			}
			if (pulses !== "none") return [];
			return [
				"while the agent is subscribed, the venue does not cancel when a bot dies: it waits for the last connection. List the session in strategies",
			];
		case "ibkr":
			return [];
	}
}
