// two-pods.mjs
import { keepalive } from "@x/keepalive";
import { deribit } from "@x/keepalive/deribit";
import { leaderSession } from "@x/keepalive/leader";
import { installShutdown } from "@x/keepalive/node";
import { kubernetesLeaderStore } from "@x/keepalive-kubernetes";

const { DERIBIT_WS_URL = "", DERIBIT_CLIENT_ID = "", DERIBIT_CLIENT_SECRET = "" } = process.env;
const { SERVICE_ACCOUNT_FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount" } = process.env;
// In a pod, kubernetesLeaderStore() needs no options: this folder is its default.
const store = kubernetesLeaderStore({ serviceAccountFolder: SERVICE_ACCOUNT_FOLDER });

const session = deribit({
	client: {
		url: DERIBIT_WS_URL,
		credentials: { clientId: DERIBIT_CLIENT_ID, clientSecret: DERIBIT_CLIENT_SECRET },
	},
});
const keeper = keepalive([leaderSession(session, { store })]);
const shutdown = installShutdown(keeper, { orders: "keep" });
keeper.onStatus(({ status, epoch }) => {
	console.log(status.state, epoch === undefined ? "" : `epoch ${epoch}`, "cause" in status ? status.cause.message : "");
});

// Check this before each order: false in the standby pod, and on a leader that could not renew its lead in time.
const mayTrade = () => keeper.isArmed("deribit");

const exitCode = await shutdown.run(async (requested) => {
	while (!requested.aborted) {
		console.log(mayTrade() ? "may trade" : "may not trade");
		await new Promise((resolve) => setTimeout(resolve, 500));
	}
});
process.exit(exitCode);
