// ibkr-oauth.mjs
import { createIbkrFetch, createIbkrHttp, createIbkrPacing } from "@x/ibkr-session";
import { createIbkrConsumer } from "@x/ibkr-session/oauth1";

const end = () => {
	console.log("ending: IBKR cancels no orders, and the brokerage session stays until it times out");
	process.exit(0);
};
process.once("SIGINT", end).once("SIGTERM", end);

const baseUrl = process.env["IBKR_OAUTH_URL"] ?? "https://api.ibkr.com/v1/api";
// The keys from IBKR's self-service page, as JSON in your secret store. `dhPrime` may also be a PEM text (DH PARAMETERS).
const keys = JSON.parse(process.env["IBKR_OAUTH_KEYS"] ?? "{}");
const consumer = createIbkrConsumer({
	consumerKey: keys.consumerKey,
	signatureKey: keys.signatureKey,
	encryptionKey: keys.encryptionKey,
	dhParameters: keys.dhPrime,
	origin: new URL(baseUrl).origin,
});
const { authorize, fetch } = consumer.user(keys);

// One rate limiter for all calls of this user. After a 429, IBKR blocks the IP address, so by default this process stops all its calls.
const options = { baseUrl, authorize, fetch, pacing: createIbkrPacing({ callsPerSecond: 50 }) };
const client = createIbkrHttp(options);
const own = createIbkrFetch(options);

console.log("init:", (await client.init({ compete: false })).kind);
let accounts = await client.accounts();
for (let look = 0; look < 120 && accounts.kind !== "accounts"; look++) {
	await new Promise((resolve) => setTimeout(resolve, 1_000));
	accounts = await client.accounts();
}
if (accounts.kind !== "accounts") throw new Error(`the brokerage session is not ready: ${accounts.kind}`);

const [account] = accounts.accounts.reveal();
const order = { conid: 265598, side: "BUY", orderType: "LMT", price: 1, quantity: 1, tif: "DAY" };
const reply = await own(`${baseUrl}/iserver/account/${account}/orders`, {
	method: "POST",
	headers: { "content-type": "application/json" },
	body: JSON.stringify({ orders: [order] }),
});
console.log("order:", reply.status);
console.log("tickle:", (await client.tickle()).kind);
