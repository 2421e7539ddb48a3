// @ts-nocheck: ccxt is installed only where the scenario runs.
/**
 * Functions that the scenarios with ccxt share: they set the addresses of the simulators, watch orders, and play the steps that are the
 * same in all scenarios at Deribit.
 */
import { equal, ok } from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import ccxt from "ccxt";
import { fault, sims, step, until } from "./scenario.mjs";

/** Creates a ccxt or ccxt pro exchange, such as `ccxt.pro.bybit`, that uses the simulated Bybit. */
export function atBybit(Exchange) {
	const { apiKey, apiSecret } = sims.credentials.bybit;
	const exchange = new Exchange({ apiKey, secret: apiSecret });
	const { api } = exchange.urls;
	for (const name of Object.keys(api)) if (typeof api[name] === "string") api[name] = sims.bybit.http;
	return exchange;
}

/** Creates a ccxt pro exchange for the simulated Deribit, or for the agent's relay, which accepts the same calls. */
export function atDeribit({ clientId, clientSecret, http, ws }) {
	const exchange = new ccxt.pro.deribit({ apiKey: clientId, secret: clientSecret });
	// The paths of the relay contain the name of the session.
	exchange.urls.api = { rest: http.replace("/api/v2", ""), ws };
	return exchange;
}

/** Loads what ccxt needs before its first call. */
export async function load(exchange, symbol) {
	await exchange.loadMarkets();
	ok(exchange.markets[symbol]);
	// ccxt requires this call before it connects to a ws:// address.
	await exchange.loadHttpProxyAgent();
}

/** Watches the orders from now on. The watch continues after a lost connection. */
export function watchOrders(exchange) {
	const watched = {
		/** For each order id, the last state of the order that the venue has pushed. */
		orders: new Map(),
		losses: 0,
	};
	const watch = async () => {
		for (;;) {
			try {
				for (const order of await exchange.watchOrders()) watched.orders.set(order.id, order);
			} catch {
				// When the connection is lost, the call rejects. The next call connects again.
				watched.losses += 1;
				await sleep(100);
			}
		}
	};
	void watch();
	return watched;
}

/** The connections that the simulated Deribit has. */
export const deribitConnections = async () => (await fault("truth", "deribit")).connections;

/** Places an order at Deribit, and checks that it is among the open orders. */
export async function place(exchange, symbol) {
	const order = await exchange.createOrder(symbol, "limit", "buy", 10, 30_000);
	const open = await exchange.fetchOpenOrders(symbol);
	equal(open.find(({ id }) => id === order.id).price, 30_000);
	return order;
}

/** Plays the step that amends an order, and waits until the venue pushes the change. */
export async function amendStep(exchange, symbol, { id }, { orders }) {
	await step("amend", async () => {
		await exchange.editOrder(id, symbol, "limit", "buy", 20, 31_000);
		await until(() => orders.get(id)?.amount === 20 && orders.get(id).price === 31_000);
	});
}
