import { connectDeribit } from "@x/deribit-session";

const connection = await connectDeribit({ url: "wss://test.deribit.com/ws/api/v2" });
await connection.authenticate({ clientId: "id", clientSecret: "secret" });
await connection.request("public/set_heartbeat", { interval: 10 });
await connection.request("private/enable_cancel_on_disconnect", { scope: "connection" });
console.log(await connection.request("private/get_cancel_on_disconnect", { scope: "connection" }));
