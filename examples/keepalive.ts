// keepalive.ts
import { keepalive } from "@x/keepalive";
import { deribit } from "@x/keepalive/deribit";

const env = (name: string): string => process.env[name] ?? "";

const session = deribit({
	client: {
		url: env("DERIBIT_WS_URL"),
		credentials: { clientId: env("DERIBIT_CLIENT_ID"), clientSecret: env("DERIBIT_CLIENT_SECRET") },
	},
});
await using keeper = keepalive([session], { ordersOnDispose: "keep" });
keeper.onStatus(({ status }) => console.log(status.state, "protection" in status ? status.protection : ""));

await keeper.ready();
// The handle is the guarded connection: orders sent over it are the ones that are protected.
console.log("version", await session.handle?.request("public/test"));
