// relayed-bot.mjs
import { setTimeout } from "node:timers/promises";

const { KEEPALIVE_URL = "http://127.0.0.1:7300", KEEPALIVE_TOKEN = "", BOT_TOKEN = "" } = process.env;
const { RELAY_URL = "ws://127.0.0.1:7301/deribit/deribit/ws/api/v2", SESSION = "deribit" } = process.env;

for (const signal of ["SIGINT", "SIGTERM"]) {
	process.once(signal, () => {
		console.log(`${signal}: ending without a logout, so the relay cancels the orders that are still open`);
		process.exit(0);
	});
}

/** The agent keeps the session open while the bot calls pulse(). Call pulse() from the work that must not hang. */
const pulse = () =>
	fetch(`${KEEPALIVE_URL}/v1/strategies/market-maker/pulse`, {
		method: "POST",
		headers: { authorization: `Bearer ${KEEPALIVE_TOKEN}`, "content-type": "application/json" },
		body: "{}",
	});
const isArmed = async () => (await fetch(`${KEEPALIVE_URL}/v1/sessions/${SESSION}/armed`)).ok;

while (!(await isArmed())) {
	await pulse();
	await setTimeout(500);
}
const socket = new WebSocket(RELAY_URL);
await new Promise((resolve, reject) => {
	socket.onopen = resolve;
	socket.onerror = () => reject(new Error("the relay refused the connection: the session is not open"));
});

/** @type {Map<number, (reply: any) => void>} */
const waiting = new Map();
socket.addEventListener("message", ({ data }) => {
	const message = JSON.parse(data);
	// The venue's notifications and heartbeats have no id and are ignored here.
	waiting.get(message.id)?.(message);
	waiting.delete(message.id);
});
socket.addEventListener("close", ({ code, reason }) => {
	const error = { code, message: `the relay closed the connection: ${reason || "no reason"}` };
	for (const settle of waiting.values()) settle({ error });
	waiting.clear();
});
let lastId = 0;
/** @param {string} method @param {object} params @returns {Promise<any>} */
const call = (method, params) =>
	new Promise((resolve, reject) => {
		lastId += 1;
		waiting.set(lastId, ({ result, error }) => (error ? reject(new Error(JSON.stringify(error))) : resolve(result)));
		socket.send(JSON.stringify({ jsonrpc: "2.0", id: lastId, method, params }));
	});

// The bot logs in to the relay with its own local token. Only the agent knows the venue's API key and tokens.
await call("public/auth", { grant_type: "client_credentials", client_id: "market-maker", client_secret: BOT_TOKEN });
// The relay refuses an order unless the connection is proved to be armed. If this program dies, the relay cancels the order.
const { order } = await call("private/buy", { instrument_name: "BTC-PERPETUAL", amount: 10, price: 1_000 });
console.log("placed:", order.order_id, order.order_state);
console.log("cancelled:", (await call("private/cancel", { order_id: order.order_id })).order_state);
// After a logout, the relay does not cancel orders that are still open.
socket.send(JSON.stringify({ jsonrpc: "2.0", id: 0, method: "private/logout", params: {} }));
