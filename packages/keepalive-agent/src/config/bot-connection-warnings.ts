import type { NeededPulses } from "../strategies/strategy-config.ts";
import type { SessionConfig } from "./config.ts";

/**
 * Returns warnings for bots that send their orders over connections of their own:
 * - At Deribit, the venue cancels only orders that were sent over the agent's connection, unless `cancelScope` is `account`.
 * - At Bybit, the venue cancels only when the account's last subscribed connection is gone. So it keeps the orders of a dead bot while the
 *   agent is connected.
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
					"each machine opens this session while the bot on that machine sends pulses, and the venue cancels only after the session is closed on every machine. Set shared: true in the session's strategy, or let only the trading bot send pulses",
				];
			}
			if (pulses !== "none") return [];
			return [
				"while the agent is subscribed, the venue does not cancel when a bot dies: it waits until the account's last subscribed connection is gone. List the session in strategies",
			];
		case "ibkr":
			return [];
	}
}
