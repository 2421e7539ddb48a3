// ibkr.mjs
import { readFileSync } from "node:fs";
import { createIbkrHttp } from "@x/ibkr-session";
import { gatewayFetch } from "@x/ibkr-session/gateway";

const end = () => {
	console.log("ending: IBKR cancels no orders, and the brokerage session stays until it times out");
	process.exit(0);
};
process.once("SIGINT", end).once("SIGTERM", end);

const baseUrl = process.env["IBKR_URL"] ?? "https://localhost:5000/v1/api";
const ca = process.env["IBKR_CA"];
const gateway = ca ? gatewayFetch({ baseUrl, ca: readFileSync(ca, "utf8") }) : undefined;
const client = createIbkrHttp({ baseUrl, ...(gateway && { fetch: gateway }) });

let status = await client.status();
if (status.kind === "status" && status.brokerage.state === "unauthenticated") {
	console.log("init:", (await client.init({ compete: false })).kind);
	for (let look = 0; look < 120 && status.kind === "status" && status.brokerage.state !== "ready"; look++) {
		await new Promise((resolve) => setTimeout(resolve, 1_000));
		status = await client.status();
	}
}
console.log("brokerage session:", status.kind === "status" ? status.brokerage.state : status.kind);
const tickle = await client.tickle();
console.log(tickle.kind === "live" ? "the session is alive" : `the session is not alive: ${tickle.kind}`);
gateway?.close();
