/** The module of a worker with two Deribit sessions, for the tests. */
import { deribit } from "../../venues/deribit/index.ts";
import { serveKeeper } from "../index.ts";

const {
	DERIBIT_WS_URL: url = "",
	DERIBIT_CLIENT_ID: clientId = "",
	DERIBIT_CLIENT_SECRET: clientSecret = "",
} = process.env;
const client = { url, credentials: { clientId, clientSecret } };

export default serveKeeper([deribit({ name: "first", client }), deribit({ name: "second", client })], {
	backoff: { firstMs: 100, baseMs: 100 },
	calls: { exit: (code: number) => process.exit(code) },
});
