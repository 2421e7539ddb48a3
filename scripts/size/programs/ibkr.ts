import { createIbkrHttp } from "@x/ibkr-session";
import { gatewayFetch } from "@x/ibkr-session/gateway";

const client = createIbkrHttp({ fetch: gatewayFetch({ ca: "PEM" }) });
await client.init({ compete: false });
setInterval(() => void client.tickle(), 60_000);
