// bybit.mjs
import { setTimeout as sleep } from "node:timers/promises";
import { connectBybit, createBybitHttp } from "@x/bybit-dcp";

const end = () => {
	console.log("ending: Bybit cancels orders one window later if this was the last subscribed connection");
	process.exit(0);
};
process.once("SIGINT", end).once("SIGTERM", end);

const key = { apiKey: process.env["BYBIT_API_KEY"] ?? "", apiSecret: process.env["BYBIT_API_SECRET"] ?? "" };
const http = createBybitHttp({ ...key, restUrl: process.env["BYBIT_REST_URL"] ?? "https://api-testnet.bybit.com" });
const wsUrl = process.env["BYBIT_WS_URL"] ?? "wss://stream-testnet.bybit.com/v5/private";
const read = async () => (await http.queryDcp()).find(({ product }) => product === "DERIVATIVES");

let info = await read();
if (info?.enabled && info.windowSeconds !== 10) {
	await http.setDcp({ product: "DERIVATIVES", windowSeconds: 10 });
	await sleep(10_000); // The reply does not prove the new window: wait, then read it back.
	info = await read();
}
if (info?.enabled) {
	const socket = await connectBybit({ ...key, wsUrl, now: http.serverNow });
	const { topic } = await socket.subscribeDcp("DERIVATIVES");
	const { roundTripMs } = await socket.ping();
	const pong = `pong in ${Math.round(roundTripMs)} ms`;
	console.log(`DERIVATIVES: enabled, window ${info.windowSeconds} s, ${topic} acknowledged, ${pong}`);
	await socket.close(); // Orders are cancelled 10 s after this, unless another connection is subscribed.
} else console.log("DERIVATIVES is not enabled for this account: only your Bybit account manager can switch it on");
