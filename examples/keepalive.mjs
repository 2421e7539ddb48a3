// keepalive.mjs
import { keepalive } from "@x/keepalive";
import { deribit } from "@x/keepalive/deribit";
import { installShutdown } from "@x/keepalive/node";

const { DERIBIT_WS_URL = "", DERIBIT_CLIENT_ID = "", DERIBIT_CLIENT_SECRET = "" } = process.env;
const session = deribit({
	client: {
		url: DERIBIT_WS_URL,
		credentials: { clientId: DERIBIT_CLIENT_ID, clientSecret: DERIBIT_CLIENT_SECRET },
	},
});
const keeper = keepalive([session]);
const shutdown = installShutdown(keeper, { orders: "keep" });
keeper.onStatus(({ status }) => {
	console.log(
		status.state,
		"protection" in status ? status.protection : "",
		"cause" in status ? status.cause.message : "",
	);
});

const exitCode = await shutdown.run(async (requested) => {
	await keeper.ready({ signal: requested });
	// Throws unless the orders are protected. Only orders that are sent over this connection are protected.
	const connection = session.requireArmed();
	console.log("version", await connection.request("public/test"));
});
process.exit(exitCode);
