import { connectDeribit } from "@x/deribit-session";

/** The settings that the page receives. */
interface Given {
	readonly url: string;
	readonly clientId: string;
	readonly clientSecret: string;
}

const { url, ...credentials } = (globalThis as unknown as { given: Given }).given;
const connection = await connectDeribit({ url });
await connection.authenticate({ ...credentials, grant: "client_signature" });
await connection.request("public/set_heartbeat", { interval: 10 });
await connection.request("private/enable_cancel_on_disconnect", { scope: "connection" });
const { enabled } = await connection.request("private/get_cancel_on_disconnect", { scope: "connection" });
const left = await connection.disconnect();
(globalThis as { told?: string }).told = enabled === true && left.confirmed ? "armed, left" : "not armed";
