// deribit.mjs
import { connectDeribit } from "@x/deribit-session";

const end = () => {
	console.log("ending: Deribit cancels the orders of this connection if it was armed");
	process.exit(0);
};
process.once("SIGINT", end).once("SIGTERM", end);

const connection = await connectDeribit({
	url: process.env["DERIBIT_WS_URL"] ?? "wss://test.deribit.com/ws/api/v2",
	onNotification: ({ channel, data }) => console.log(channel, data),
});
connection.ended.addEventListener("abort", () => console.log("ended:", connection.ended.reason.why));

const { authScope } = await connection.authenticate({
	clientId: process.env["DERIBIT_CLIENT_ID"] ?? "",
	clientSecret: process.env["DERIBIT_CLIENT_SECRET"] ?? "",
});
console.log("may arm:", authScope.includes("account:read_write"));

await connection.request("public/set_heartbeat", { interval: 10 });
await connection.request("private/enable_cancel_on_disconnect", { scope: "connection" });
// The reply "ok" does not prove that the setting is on, so read it back.
const { enabled } = await connection.request("private/get_cancel_on_disconnect", { scope: "connection" });
console.log(enabled === true ? "armed: its orders are cancelled when it ends" : "NOT armed");

const left = await connection.logout();
console.log("were orders cancelled?", left.cancelOnDisconnectFired);
