import { connectBybit, createBybitHttp } from "@x/bybit-dcp";

const key = { apiKey: "key", apiSecret: "secret" };
const http = createBybitHttp({ ...key, restUrl: "https://api-testnet.bybit.com" });
console.log(await http.queryDcp());
const wsUrl = "wss://stream-testnet.bybit.com/v5/private";
const socket = await connectBybit({ ...key, wsUrl, now: http.serverNow });
await socket.subscribeDcp("DERIVATIVES");
setInterval(() => void socket.ping(), 20_000);
