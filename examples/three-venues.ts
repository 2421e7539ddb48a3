// three-venues.ts
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { gatewayFetch } from "@x/ibkr-session/gateway";
import { keepalive } from "@x/keepalive";
import { bybit } from "@x/keepalive/bybit";
import { deribit } from "@x/keepalive/deribit";
import { ibkr } from "@x/keepalive/ibkr";

const env = (name: string): string => process.env[name] ?? "";
using gateway = gatewayFetch({ baseUrl: env("IBKR_URL"), ca: readFileSync(env("IBKR_CA"), "utf8") });

await using keeper = keepalive([
	deribit({
		client: {
			url: env("DERIBIT_WS_URL"),
			credentials: { clientId: env("DERIBIT_CLIENT_ID"), clientSecret: env("DERIBIT_CLIENT_SECRET") },
		},
	}),
	ibkr({ client: { baseUrl: env("IBKR_URL"), fetch: gateway } }),
	bybit({
		client: {
			restUrl: env("BYBIT_REST_URL"),
			wsUrl: env("BYBIT_WS_URL"),
			apiKey: env("BYBIT_API_KEY"),
			apiSecret: env("BYBIT_API_SECRET"),
		},
		products: ["DERIVATIVES"],
		windowSeconds: 10,
	}),
]);

keeper.onStatus(({ session, status }) => {
	console.log(session, status.state, "protection" in status ? status.protection : "");
});
const interrupted = once(process, "SIGINT");
await keeper.ready();
console.log("all alive; Ctrl-C stops them and lets the venues cancel what is working");
await interrupted;
