// three-venues.mjs
import { readFileSync } from "node:fs";
import { gatewayFetch } from "@x/ibkr-session/gateway";
import { keepalive } from "@x/keepalive";
import { bybit } from "@x/keepalive/bybit";
import { deribit } from "@x/keepalive/deribit";
import { ibkr } from "@x/keepalive/ibkr";
import { installShutdown } from "@x/keepalive/node";

const { DERIBIT_WS_URL = "", DERIBIT_CLIENT_ID = "", DERIBIT_CLIENT_SECRET = "" } = process.env;
const { IBKR_URL = "", IBKR_CA = "" } = process.env;
const { BYBIT_REST_URL = "", BYBIT_WS_URL = "", BYBIT_API_KEY = "", BYBIT_API_SECRET = "" } = process.env;

const keeper = keepalive([
	deribit({
		client: {
			url: DERIBIT_WS_URL,
			credentials: { clientId: DERIBIT_CLIENT_ID, clientSecret: DERIBIT_CLIENT_SECRET },
		},
	}),
	ibkr({
		client: {
			baseUrl: IBKR_URL,
			fetch: gatewayFetch({ baseUrl: IBKR_URL, ca: readFileSync(IBKR_CA, "utf8") }),
		},
	}),
	bybit({
		client: { restUrl: BYBIT_REST_URL, wsUrl: BYBIT_WS_URL, apiKey: BYBIT_API_KEY, apiSecret: BYBIT_API_SECRET },
		products: ["DERIVATIVES"],
		windowSeconds: 10,
	}),
]);
// From here on SIGINT (Ctrl-C) and SIGTERM close the sessions, and each venue cancels the orders if it can.
const { exitCode } = installShutdown(keeper, { orders: "cancel" });

keeper.onStatus(({ session, status }) => {
	const protection = "protection" in status ? status.protection.state : "";
	console.log(session, status.state, protection, "cause" in status ? status.cause.message : "");
});
keeper.onUnprotected({ afterMs: 30_000 }, (alert) => {
	console.log("ALERT:", alert.session, "is", alert.type, "reason" in alert ? alert.reason : "");
});

// While one venue waits for a login, the other venues keep working. So before each order, check only the venue of that order:
// if (keeper.isArmed("deribit")) …

process.exit(await exitCode);
