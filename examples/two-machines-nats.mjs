// two-machines-nats.mjs
import { keepalive } from "@x/keepalive";
import { deribit } from "@x/keepalive/deribit";
import { leaderSession } from "@x/keepalive/leader";
import { installShutdown } from "@x/keepalive/node";
import { natsLeaderStore } from "@x/keepalive-nats";

const { DERIBIT_WS_URL = "", DERIBIT_CLIENT_ID = "", DERIBIT_CLIENT_SECRET = "" } = process.env;
const store = natsLeaderStore({ servers: process.env["LEADER_NATS_URL"] ?? "" });
// The NATS server removes a leader that has not renewed its lead for this long. Bucket and session need the same value.
const ttlMs = 15_000;
await store.createBucket({ ttlMs });

const session = deribit({
	client: {
		url: DERIBIT_WS_URL,
		credentials: { clientId: DERIBIT_CLIENT_ID, clientSecret: DERIBIT_CLIENT_SECRET },
	},
});
const keeper = keepalive([leaderSession(session, { store, ttlMs })]);
const shutdown = installShutdown(keeper, { orders: "keep" });

const exitCode = await shutdown.run(async (requested) => {
	while (!requested.aborted) {
		const { status, epoch } = keeper.current("deribit");
		// Check this before each order: false on the standby machine, and on a leader that could not renew its lead in time.
		const mayTrade = keeper.isArmed("deribit");
		console.log(mayTrade ? "may trade" : "may not trade", `(${status.state}, epoch ${epoch ?? "unknown"})`);
		await new Promise((resolve) => setTimeout(resolve, 500));
	}
});
await store.close();
process.exit(exitCode);
