import { noOrderError } from "../fault-order-id-errors.ts";
import type { components } from "../generated/deribit-session.ts";
import type { SimFaults } from "../venue.ts";
import { truthOf } from "./actual-state.ts";
import type { SimConnection } from "./connection.ts";
import type { State } from "./method-definition.ts";
import type { DeribitOrder } from "./order.ts";

/** The names of the faults that a test can trigger at a simulated Deribit. */
export type DeribitFault =
	| "place"
	| "fill"
	| "cancel"
	| "triggerStop"
	| "suppressAnswers"
	| "refuse"
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

/** Creates the faults of a simulated Deribit, which are described in the comment of the class `DeribitVenue`. */
export function deribitFaults(state: State, connections: ReadonlySet<SimConnection>): SimFaults<DeribitFault> {
	const { faults, tokens, book, settings } = state;
	const isOn = (on: unknown): boolean => on !== false;
	const findOrder = (
		fault: DeribitFault,
		orderId: unknown,
		wanted: string,
		isWanted: (order: DeribitOrder) => boolean,
	): DeribitOrder => {
		const order = book.open().findLast((each) => isWanted(each) && (orderId === undefined || each.id === orderId));
		if (!order) throw noOrderError(fault, orderId, wanted);
		return order;
	};
	return {
		place: ({ instrument, direction, amount, price, label }) => {
			const connection = [...connections].findLast(({ grant }) => grant !== undefined);
			if (!connection)
				throw new Error("@x/venue-sims: fault place: there is no authenticated connection. Log a client in first.");
			const { order } = book.place(typeof instrument === "string" ? instrument : "BTC-PERPETUAL", connection.id, {
				...(direction === "sell" ? { direction, price: 1e9 } : {}),
				...(typeof amount === "number" ? { amount } : {}),
				...(typeof price === "number" ? { price } : {}),
				...(typeof label === "string" ? { label } : {}),
			});
			// Returns the order itself, not a copy, so that the caller sees later changes of the order.
			return order;
		},
		fill: ({ orderId, amount }) => {
			const wanted = "open order that does not wait for its trigger price";
			const order = findOrder("fill", orderId, wanted, (each) => !each.isUntriggered);
			const left = order.amount - order.filledAmount;
			book.fill(order, typeof amount === "number" ? Math.min(amount, left) : left);
			return order;
		},
		cancel: ({ orderId, reason }) => {
			const order = findOrder("cancel", orderId, "open order", () => true);
			book.cancel([order], typeof reason === "string" ? reason : "risk_mitigation");
			return order;
		},
		triggerStop: ({ orderId }) => {
			const wanted = "open order that waits for its trigger price";
			return book.trigger(findOrder("triggerStop", orderId, wanted, (each) => each.isUntriggered)).order;
		},
		suppressAnswers: ({ on, methods }) => {
			const suppressed = Array.isArray(methods) ? new Set(methods.map(String)) : true;
			faults.suppressed = isOn(on) ? suppressed : undefined;
			return isOn(on);
		},
		refuse: ({ code, data, methods, times }) => {
			if (code !== undefined && typeof code !== "number") {
				throw new Error(`@x/venue-sims: fault refuse: argument code must be a number, got ${JSON.stringify(code)}.`);
			}
			const names = Array.isArray(methods) ? new Set(methods.map(String)) : undefined;
			const count = typeof times === "number" ? times : 1;
			faults.refused = code === undefined || count <= 0 ? undefined : { code, data, methods: names, times: count };
			return faults.refused !== undefined;
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
		jsonrpc: "2.0",
		method: "subscription",
		params: { channel: "platform_state", data: { maintenance } },
	};
}
