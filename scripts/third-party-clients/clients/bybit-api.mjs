// @ts-nocheck: bybit-api is installed only where the scenario runs.
/** Plays the scenario with the client bybit-api (by tiagosiebler) at Bybit, over HTTP and the private WebSocket. */
import { equal, ok } from "node:assert/strict";
import { RestClientV5, WebsocketClient } from "bybit-api";
import { fault, orderAtVenue, peerFault, protection, sims, step, until, windowSeconds } from "./scenario.mjs";

const [category, symbol] = ["linear", "BTCUSDT"];
const { apiKey: key, apiSecret: secret } = sims.credentials.bybit;
// A logger that prints nothing. The client would log to stdout, where this scenario prints its rows.
const silent = { trace() {}, info() {}, error() {} };
const rest = new RestClientV5({ key, secret, baseUrl: sims.bybit.http });
const socket = new WebsocketClient({ key, secret, market: "v5", wsUrl: sims.bybit.ws }, silent);

/** For each order id, the last state of the order that the venue has pushed. */
const pushed = new Map();
let reconnects = 0;
socket.on("update", ({ topic, data }) => {
	if (topic === "order") for (const order of data) pushed.set(order.orderId, order);
});
socket.on("reconnected", () => {
	reconnects += 1;
});
socket.on("exception", () => {});

async function call(promise) {
	const { retCode, retMsg, result } = await promise;
	equal(retCode, 0, retMsg);
	return result;
}

async function place() {
	const terms = { side: "Buy", orderType: "Limit", qty: "0.01", price: "30000" };
	return (await call(rest.submitOrder({ category, symbol, ...terms, orderLinkId: `ba-${Date.now()}` }))).orderId;
}
let id;

await step("log in", async () => {
	// Waits until no countdown is running, because the countdown of the previous scenario may not have ended yet.
	await until(async () => (await protection()) !== "counting");
	equal((await call(rest.getAccountInfo())).unifiedMarginStatus > 1, true);
	await Promise.all(socket.subscribeV5(["order"], category));
});
await peerFault(
	"arm, by setDisconnectCancelAllWindow",
	"sends a category and no product, so the venue sets the window of options",
	async () => {
		await call(rest.setDisconnectCancelAllWindow("linear", windowSeconds));
		const { dcpInfos } = await call(rest.getDCPInfo());
		equal(dcpInfos.find(({ product }) => product === "OPTIONS").timeWindow, String(windowSeconds));
	},
);
await step("arm, by setDisconnectCancelAllWindowV2 and dcp.future", async () => {
	await call(rest.setDisconnectCancelAllWindowV2({ product: "DERIVATIVES", timeWindow: windowSeconds }));
	await Promise.all(socket.subscribeV5(["dcp.future"], category));
	await until(async () => (await protection()) === "armed");
	const { dcpInfos } = await call(rest.getDCPInfo());
	ok(dcpInfos.some(({ product, timeWindow }) => product === "DERIVATIVES" && timeWindow === String(windowSeconds)));
});
await step("place", async () => {
	id = await place();
	await until(() => pushed.get(id)?.orderStatus === "New");
});
await step("amend", async () => {
	await call(rest.amendOrder({ category, symbol, orderId: id, qty: "0.02", price: "31000" }));
	await until(() => pushed.get(id)?.qty === "0.02" && pushed.get(id).price === "31000");
});
await step("cancel", async () => {
	await call(rest.cancelOrder({ category, symbol, orderId: id }));
	await until(() => pushed.get(id)?.orderStatus === "Cancelled");
	equal(pushed.get(id).cancelType, "CancelByUser");
});
await step("be disconnected", async () => {
	id = await place();
	await fault("drop");
	await until(() => reconnects > 0);
	await until(async () => (await orderAtVenue(id)).state === "cancelled");
});
await step("see the cancel and its reason", async () => {
	// Reads the reason of the cancel by HTTP, because a client that reconnects slowly misses the pushed message.
	const { list } = await call(rest.getHistoricOrders({ category, symbol, orderId: id }));
	const { cancelType } = list.find(({ orderId }) => orderId === id);
	equal(cancelType, "CancelByDCP");
	return cancelType;
});
process.exit(0);
