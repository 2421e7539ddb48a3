// @ts-nocheck: ccxt is installed only where the scenario runs.
/** ccxt and ccxt pro at Deribit: orders go over HTTP, and are watched over the WebSocket. */
import { equal, ok } from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import ccxt from "ccxt";
import { fault, peerFault, sims, step, until } from "./scenario.mjs";

const symbol = "BTC/USD:BTC";
const { clientId, clientSecret } = sims.credentials.deribit;
const exchange = new ccxt.pro.deribit({ apiKey: clientId, secret: clientSecret });
exchange.urls.api = { rest: new URL(sims.deribit.http).origin, ws: sims.deribit.ws };

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

await step("log in", async () => {
	await exchange.loadMarkets();
	ok(exchange.markets[symbol]);
	// What ccxt asks for before a ws:// address.
	await exchange.loadHttpProxyAgent();
});
await step("arm, by its implicit call with scope account", async () => {
	await exchange.privateGetEnableCancelOnDisconnect({ scope: "account" });
	const { result } = await exchange.privateGetGetCancelOnDisconnect({ scope: "account" });
	equal(result.enabled, true);
});
await step("place", async () => {
	void watch();
	await until(async () => (await connections()).some(({ armed, authenticated }) => armed && authenticated));
	order = await exchange.createOrder(symbol, "limit", "buy", 10, 30_000);
	const open = await exchange.fetchOpenOrders(symbol);
	equal(open.find(({ id }) => id === order.id).price, 30_000);
});
await step("amend", async () => {
	await exchange.editOrder(order.id, symbol, "limit", "buy", 20, 31_000);
	await until(() => watched.get(order.id)?.amount === 20 && watched.get(order.id).price === 31_000);
});
await peerFault(
	"be disconnected",
	"places orders over HTTP, so no connection owns them and none is cancelled",
	async () => {
		await fault("drop", "deribit");
		await until(() => losses > 0);
		equal((await exchange.fetchOrder(order.id, symbol)).status, "open");
	},
);
await step("cancel", async () => {
	await exchange.cancelOrder(order.id, symbol);
});
await step("see the cancel and its reason", async () => {
	const { status, info } = await exchange.fetchOrder(order.id, symbol);
	equal(status, "canceled");
	equal(info.cancel_reason, "user_request");
	return info.cancel_reason;
});
process.exit(0);
