// worker-sessions.mjs
import { deribit } from "@x/keepalive/deribit";
import { serveKeeper } from "@x/keepalive/worker";

const { DERIBIT_WS_URL = "", DERIBIT_CLIENT_ID = "", DERIBIT_CLIENT_SECRET = "" } = process.env;
const session = deribit({
	client: {
		url: DERIBIT_WS_URL,
		credentials: { clientId: DERIBIT_CLIENT_ID, clientSecret: DERIBIT_CLIENT_SECRET },
	},
});

/** @param {{ instrument_name: string; amount: number; type: "limit"; price: number }} order */
async function buy(order) {
	// Throws unless the orders are protected. Only orders that are sent over this connection are protected.
	return session.requireArmed().call("private/buy", order);
}

export default serveKeeper([session], { calls: { buy } });
