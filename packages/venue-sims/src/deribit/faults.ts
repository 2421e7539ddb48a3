import type { components } from "../generated/deribit-session.ts";
import type { SimFault } from "../venue.ts";
import type { SimConnection } from "./connection.ts";
import type { State } from "./methods.ts";
import { truthOf } from "./truth.ts";

/**
 * - `place {instrument?}`: an order over the newest authenticated connection;
 * - `suppressAnswers {on?, methods?}`: requests are carried out but not answered, all or those methods;
 * - `failArming {on?}`: enabling cancel-on-disconnect answers 10049;
 * - `ignoreArming {on?}`: enabling it answers `ok` and arms nothing;
 * - `disarmAll`: somebody else switches it off, everywhere and for later connections;
 * - `maintenance {on?}`: announced to subscribers, then every connection ends and nothing is answered until it is off;
 * - `revoke {on?}`: the credentials are 13004 from now on;
 * - `skew {ms}`: by how much the venue's clock is ahead of this machine's;
 * - `announceMaintenance {on?}`: only announced to subscribers, or taken back;
 * - `voidTokens`: every access and refresh token ends, the connections stay;
 * - `spendRefreshTokens`: somebody else used every refresh token there is: -32602 from now on;
 * - `rateLimit`: the next private call answers 10028;
 * - `truth`: what the venue would really do.
 */
export function deribitFaults(
	state: State,
	connections: ReadonlySet<SimConnection>,
): Readonly<Record<string, SimFault>> {
	const { faults, tokens, book, settings } = state;
	const isOn = (on: unknown): boolean => on !== false;
	return {
		place: ({ instrument }) => {
			const connection = [...connections].findLast(({ grant }) => grant !== undefined);
			if (!connection) throw new Error("no authenticated connection to place an order over");
			return book.place(typeof instrument === "string" ? instrument : "BTC-PERPETUAL", connection.id);
		},
		suppressAnswers: ({ on, methods }) => {
			const all = Array.isArray(methods) ? new Set(methods.map(String)) : true;
			faults.suppressed = isOn(on) ? all : undefined;
			return isOn(on);
		},
		failArming: ({ on }) => {
			faults.failArming = isOn(on);
			return faults.failArming;
		},
		ignoreArming: ({ on }) => {
			faults.ignoreArming = isOn(on);
			return faults.ignoreArming;
		},
		disarmAll: () => {
			state.accountArmed = false;
			for (const connection of connections) connection.armed = false;
			return connections.size;
		},
		maintenance: ({ on }) => {
			faults.maintenance = isOn(on);
			if (!faults.maintenance) return 0;
			const ending = [...connections];
			for (const connection of ending) {
				if (connection.channels.has("platform_state")) connection.send(announcement(true));
				connection.close(settings.maintenanceCloseCode, "", "maintenance");
			}
			return ending.length;
		},
		revoke: ({ on }) => {
			tokens.revoked = isOn(on);
			return tokens.revoked;
		},
		announceMaintenance: ({ on }) => {
			const told = [...connections].filter(({ id, channels, grant }) => {
				const over = settings.expiryStopsSubscriptions && grant !== undefined && !tokens.isGood(grant, id);
				return channels.has("platform_state") && !over;
			});
			for (const connection of told) connection.send(announcement(isOn(on)));
			return told.length;
		},
		skew: ({ ms }) => {
			tokens.skewMs = typeof ms === "number" ? ms : 0;
			return tokens.skewMs;
		},
		voidTokens: () => tokens.void(),
		spendRefreshTokens: () => tokens.spend(),
		rateLimit: () => {
			faults.rateLimitNext = true;
			return true;
		},
		truth: () => truthOf(state, connections),
	};
}

function announcement(maintenance: boolean): components["schemas"]["SubscriptionFrame"] {
	return {
		params: { channel: "platform_state", data: { maintenance } },
		method: "subscription",
		jsonrpc: "2.0",
	};
}
