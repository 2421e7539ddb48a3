// gate.mjs
import { setTimeout as sleep } from "node:timers/promises";
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
const keeper = keepalive([session], { gate: { toleranceMs: 2_000 } });
const shutdown = installShutdown(keeper, { orders: "cancel" });
keeper.onStatus(({ status }) => {
	if (status.state === "alive") console.log("alive; orders outlive a hang by", status.hangMs, "ms at most");
	else if (status.state === "gated") console.log("gated:", status.cause.message, "orders:", status.closed.orders);
	else console.log(status.state, "cause" in status ? status.cause.message : "");
});

const exitCode = await shutdown.run(async (requested) => {
	let hasHung = false;
	while (!requested.aborted) {
		// Call pulse() in the work that must not hang: a separate timer would still fire while that work hangs.
		keeper.pulse();
		await sleep(100);
		if (!keeper.isArmed("deribit")) continue;
		if (hasHung) return console.log("armed again");
		console.log("armed; the strategy hangs for three seconds");
		hasHung = true;
		await sleep(3_000);
	}
});
process.exit(exitCode);
