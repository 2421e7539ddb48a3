import type { components } from "../generated/deribit-session.ts";
import type { SimFaults } from "../venue.ts";
import type { SimConnection } from "./connection.ts";
import type { State } from "./methods.ts";
import { truthOf } from "./truth.ts";

/** The names of the faults of a simulated Deribit. */
export type DeribitFault =
	| "place"
	| "suppressAnswers"
	| "failArming"
	| "ignoreArming"
	| "disarmAll"
	| "maintenance"
	| "announceMaintenance"
	| "revoke"
	| "skew"
	| "voidTokens"
	| "spendRefreshTokens"
	| "rateLimit"
	| "truth";

/** The faults of a simulated Deribit. The TSDoc of `DeribitVenue` describes them. */
export function deribitFaults(state: State, connections: ReadonlySet<SimConnection>): SimFaults<DeribitFault> {
	const { faults, tokens, book, settings } = state;
	const isOn = (on: unknown): boolean => on !== false;
	return {
		place: ({ instrument }) => {
			const connection = [...connections].findLast(({ grant }) => grant !== undefined);
			if (!connection)
				throw new Error("@x/venue-sims: place: there is no authenticated connection to place an order over");
			return book.place(typeof instrument === "string" ? instrument : "BTC-PERPETUAL", connection.id);
		},
		suppressAnswers: ({ on, methods }) => {
			const suppressed = Array.isArray(methods) ? new Set(methods.map(String)) : true;
			faults.suppressed = isOn(on) ? suppressed : undefined;
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
			const closing = [...connections];
			for (const connection of closing) {
				if (connection.channels.has("platform_state")) connection.send(platformState(true));
				connection.close(settings.maintenanceCloseCode, "", "maintenance");
			}
			return closing.length;
		},
		revoke: ({ on }) => {
			tokens.revoked = isOn(on);
			return tokens.revoked;
		},
		announceMaintenance: ({ on }) => {
			const subscribers = [...connections].filter(({ id, channels, grant }) => {
				const hasExpired = settings.expiryStopsSubscriptions && grant !== undefined && !tokens.isValid(grant, id);
				return channels.has("platform_state") && !hasExpired;
			});
			for (const connection of subscribers) connection.send(platformState(isOn(on)));
			return subscribers.length;
		},
		skew: ({ ms }) => {
			tokens.skewMs = typeof ms === "number" ? ms : 0;
			return tokens.skewMs;
		},
		voidTokens: () => tokens.voidAll(),
		spendRefreshTokens: () => tokens.spendRefreshTokens(),
		rateLimit: () => {
			faults.rateLimitNext = true;
			return true;
		},
		truth: () => truthOf(state, connections),
	};
}

function platformState(maintenance: boolean): components["schemas"]["SubscriptionFrame"] {
	return {
		params: { channel: "platform_state", data: { maintenance } },
		method: "subscription",
		jsonrpc: "2.0",
	};
}
