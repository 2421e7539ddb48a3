import { gatewayFetch } from "@x/ibkr-session/gateway";
import { keepalive } from "@x/keepalive";
import { bybit } from "@x/keepalive/bybit";
import { deribit } from "@x/keepalive/deribit";
import { ibkr } from "@x/keepalive/ibkr";

const keeper = keepalive([
	deribit({ client: { credentials: { clientId: "id", clientSecret: "secret" } } }),
	ibkr({ client: { fetch: gatewayFetch({ ca: "PEM" }) } }),
	bybit({ client: { apiKey: "key", apiSecret: "secret" }, products: ["DERIVATIVES"], windowSeconds: 10 }),
]);
await keeper.ready();
