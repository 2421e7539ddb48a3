// @ts-nocheck: ccxt is installed only where the scenario runs.
/** ccxt and ccxt pro at Deribit over the agent's relay: only the addresses and the key are others. */
import { equal, ok } from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import ccxt from "ccxt";
import { fault, sims, step, until } from "./scenario.mjs";

const symbol = "BTC/USD:BTC";
const { clientId, clientSecret, http, ws } = sims.relay;
const exchange = new ccxt.pro.deribit({ apiKey: clientId, secret: clientSecret });
exchange.urls.api = { rest: http.replace("/api/v2", ""), ws };

/** What was pushed last, by order id. */
const watched = new Map();
let losses = 0;
async function watch() {
	for (;;) {
		try {
			for (const order of await exchange.watchOrders()) watched.set(order.id, order);
		} catch {
			// A lost connection rejects the call. The next one connects again.
			losses += 1;
			await sleep(100);
		}
	}
}
const connections = async () => (await fault("truth", "deribit")).connections;
let order;

await step("log in with the local token", async () => {
	await exchange.loadMarkets();
	ok(exchange.markets[symbol]);
	// What ccxt asks for before a ws:// address.
	await exchange.loadHttpProxyAgent();
	void watch();
	await until(async () => (await connections()).length === 1);
});
await step("place, over the guarded connection", async () => {
	order = await exchange.createOrder(symbol, "limit", "buy", 10, 30_000);
	const open = await exchange.fetchOpenOrders(symbol);
	equal(open.find(({ id }) => id === order.id).price, 30_000);
	equal((await connections())[0].openOrders, 1);
});
await step("amend", async () => {
	await exchange.editOrder(order.id, symbol, "limit", "buy", 20, 31_000);
	await until(() => watched.get(order.id)?.amount === 20 && watched.get(order.id).price === 31_000);
});
await step("be disconnected, and see the cancel and its reason", async () => {
	await fault("drop", "deribit");
	await until(() => losses > 0);
	// Refused with 503, or while it is not proved to be armed, until the agent is back.
	const { status, info } = await until(() => exchange.fetchOrder(order.id, symbol).catch(() => undefined));
	equal(status, "canceled");
	equal(info.cancel_reason, "cancel_on_disconnect");
	return info.cancel_reason;
});
await step("place and cancel again", async () => {
	const again = await until(() => exchange.createOrder(symbol, "limit", "buy", 10, 30_000).catch(() => undefined));
	await exchange.cancelOrder(again.id, symbol);
	equal((await exchange.fetchOrder(again.id, symbol)).status, "canceled");
});
await step("be told why an order is refused", async () => {
	// The keeper's pings get no answer.
	await fetch(`${sims.control}/deribit/suppressAnswers`, {
		method: "POST",
		headers: { "content-type": "application/json" },
		body: JSON.stringify({ methods: ["public/test"] }),
	});
	const refusal = await until(() =>
		exchange.createOrder(symbol, "limit", "buy", 10, 30_000).then(
			({ id }) => exchange.cancelOrder(id, symbol).then(() => undefined),
			(error) => String(error),
		),
	);
	ok(refusal.includes("cod_not_enabled"), refusal);
	ok(refusal.includes("not proved to be armed"), refusal);
});
process.exit(0);
