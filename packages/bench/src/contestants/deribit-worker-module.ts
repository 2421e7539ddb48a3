/** A worker module with one Deribit session. */
import { deribit } from "@x/keepalive/deribit";
import { serveKeeper } from "@x/keepalive/worker";

const { DERIBIT_WS_URL: url = "" } = process.env;
const session = deribit({ client: { url, credentials: { clientId: "id", clientSecret: "secret" } } });

export default serveKeeper([session], {
	calls: { buy: (amount: number) => session.requireArmed().call("private/buy", { amount }) },
});
