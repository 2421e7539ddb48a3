// @ts-nocheck: ccxt is installed only where the scenario runs.
/** Plays the scenario with ccxt pro at Bybit. Orders are watched over the private WebSocket. */
import { equal } from "node:assert/strict";
import ccxt from "ccxt";
import { atBybit, load, watchOrders } from "./ccxt.mjs";
import { fault, orderAtVenue, peerFault, protection, sims, step, until, windowSeconds } from "./scenario.mjs";

const symbol = "BTC/USDT:USDT";
const exchange = atBybit(ccxt.pro.bybit);
exchange.urls.api.ws = { ...exchange.urls.api.ws, private: { contract: sims.bybit.ws, usdc: sims.bybit.ws } };

const place = () => exchange.createOrder(symbol, "limit", "buy", 0.01, 30_000, { clientOrderId: `pro-${Date.now()}` });
let order;
let watched;

await step("log in", async () => {
	await load(exchange, symbol);
	watched = watchOrders(exchange);
	await until(async () => (await fault("received")).some(({ frame }) => frame?.args?.includes("order")));
});
await peerFault(
	"arm",
	"no call subscribes to dcp.future: with the window set and orders watched, nothing is armed",
	async () => {
		await exchange.cancelAllOrdersAfter(windowSeconds * 1_000);
		equal(await protection(), "idle");
	},
);
await step("arm, by its internal watchTopics", async () => {
	const url = await exchange.getUrlByMarketType(undefined, true, "watchOrders");
	await exchange.authenticate(url);
	// The promise is not awaited, because the call waits for a pushed message, which this topic never sends.
	exchange.watchTopics(url, ["dcp"], ["dcp.future"]).catch(() => {});
	await until(async () => (await protection()) === "armed");
});
await step("place", async () => {
	order = await place();
	await until(() => watched.orders.get(order.id)?.status === "open");
});
await step("amend", async () => {
	await exchange.editOrder(order.id, symbol, "limit", "buy", 0.02, 31_000);
	await until(() => watched.orders.get(order.id)?.amount === 0.02 && watched.orders.get(order.id).price === 31_000);
});
await step("cancel", async () => {
	await exchange.cancelOrder(order.id, symbol);
	await until(() => watched.orders.get(order.id)?.status === "canceled");
	equal(watched.orders.get(order.id).info.cancelType, "CancelByUser");
});
await step("be disconnected", async () => {
	order = await place();
	await until(() => watched.orders.has(order.id));
	await fault("drop");
	await until(() => watched.losses > 0);
	await until(async () => (await orderAtVenue(order.id)).state === "cancelled");
});
await step("see the cancel and its reason", async () => {
	// Reads the reason of the cancel by HTTP, because a client that reconnects slowly misses the pushed message.
	const { info } = (await exchange.fetchCanceledOrders(symbol)).find(({ id }) => id === order.id);
	equal(info.cancelType, "CancelByDCP");
	return info.cancelType;
});
process.exit(0);
