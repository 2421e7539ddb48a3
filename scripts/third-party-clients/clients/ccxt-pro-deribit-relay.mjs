// @ts-nocheck: ccxt is installed only where the scenario runs.
/**
 * Plays the scenario with ccxt and ccxt pro at Deribit over the agent's relay. Only the addresses and the key differ from the scenario
 * without a relay.
 */
import { equal, ok } from "node:assert/strict";
import { amendStep, atDeribit, deribitConnections, load, place, watchOrders } from "./ccxt.mjs";
import { fault, sims, step, until } from "./scenario.mjs";

const symbol = "BTC/USD:BTC";
const exchange = atDeribit(sims.relay);
let watched;
let order;

await step("log in with the local token", async () => {
	await load(exchange, symbol);
	watched = watchOrders(exchange);
	await until(async () => (await deribitConnections()).length === 1);
});
await step("place, over the guarded connection", async () => {
	order = await place(exchange, symbol);
	equal((await deribitConnections())[0].openOrders, 1);
});
await amendStep(exchange, symbol, order, watched);
await step("be disconnected, and see the cancel and its reason", async () => {
	await fault("drop", "deribit");
	await until(() => watched.losses > 0);
	// Repeats the call until the relay accepts it. The relay refuses calls until the agent is connected again and has confirmed
	// cancel-on-disconnect for the new connection.
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
	// Makes the venue leave the keeper's pings unanswered.
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
