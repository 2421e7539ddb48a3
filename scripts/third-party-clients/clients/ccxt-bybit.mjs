// @ts-nocheck: ccxt is installed only where the scenario runs.
/** Plays the scenario with ccxt at Bybit, over HTTP. */
import { equal, ok } from "node:assert/strict";
import ccxt from "ccxt";
import { atBybit } from "./ccxt.mjs";
import { fault, orderAtVenue, peerFault, protection, step, windowSeconds } from "./scenario.mjs";

const symbol = "BTC/USDT:USDT";
const exchange = atBybit(ccxt.bybit);
let order;

await step("log in", async () => {
	await exchange.loadMarkets();
	ok(exchange.markets[symbol]);
	const [, isUnified] = await exchange.isUnifiedEnabled();
	equal(isUnified, true);
});
await peerFault(
	"arm",
	"cancelAllOrdersAfter sets the window only. ccxt never subscribes to dcp.future, so nothing is armed",
	async () => {
		await exchange.cancelAllOrdersAfter(windowSeconds * 1_000);
		equal(await protection(), "idle");
	},
);
await step("place", async () => {
	order = await exchange.createOrder(symbol, "limit", "buy", 0.01, 30_000, { clientOrderId: `rest-${Date.now()}` });
	const [open] = await exchange.fetchOpenOrders(symbol);
	equal(open.id, order.id);
	equal(open.price, 30_000);
});
await step("amend", async () => {
	await exchange.editOrder(order.id, symbol, "limit", "buy", 0.02, 31_000);
	const { qty, price } = await orderAtVenue(order.id);
	equal(`${qty} at ${price}`, "0.02 at 31000");
});
await peerFault("be disconnected", "nothing was armed, so the order keeps working", async () => {
	await fault("drop");
	equal((await orderAtVenue(order.id)).state, "open");
	equal(await protection(), "idle");
});
await step("cancel", async () => {
	await exchange.cancelOrder(order.id, symbol);
	equal((await orderAtVenue(order.id)).state, "cancelled");
});
await step("see the cancel and its reason", async () => {
	const cancelled = await exchange.fetchCanceledOrders(symbol);
	const { status, info } = cancelled.find(({ id }) => id === order.id);
	equal(status, "canceled");
	equal(info.cancelType, "CancelByUser");
	return info.cancelType;
});
process.exit(0);
