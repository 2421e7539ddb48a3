// @ts-nocheck: ccxt is installed only where the scenario runs.
/** Plays the scenario with ccxt and ccxt pro at Deribit. Orders go over HTTP, and are watched over the WebSocket. */
import { equal } from "node:assert/strict";
import { amendStep, atDeribit, deribitConnections, load, place, watchOrders } from "./ccxt.mjs";
import { fault, peerFault, sims, step, until } from "./scenario.mjs";

const symbol = "BTC/USD:BTC";
const exchange = atDeribit({ ...sims.credentials.deribit, ...sims.deribit });
let watched;
let order;

await step("log in", async () => {
	await load(exchange, symbol);
});
await step("arm, by its implicit call with scope account", async () => {
	await exchange.privateGetEnableCancelOnDisconnect({ scope: "account" });
	const { result } = await exchange.privateGetGetCancelOnDisconnect({ scope: "account" });
	equal(result.enabled, true);
});
await step("place", async () => {
	watched = watchOrders(exchange);
	await until(async () => (await deribitConnections()).some(({ armed, authenticated }) => armed && authenticated));
	order = await place(exchange, symbol);
});
await amendStep(exchange, symbol, order, watched);
await peerFault(
	"be disconnected",
	"places orders over HTTP, so no connection owns them and none is cancelled",
	async () => {
		await fault("drop", "deribit");
		await until(() => watched.losses > 0);
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
