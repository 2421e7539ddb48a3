// gate.ts
import { setTimeout as sleep } from "node:timers/promises";
import { keepalive } from "@x/keepalive";
import { deribit } from "@x/keepalive/deribit";

const env = (name: string): string => process.env[name] ?? "";
const session = deribit({
	client: {
		url: env("DERIBIT_WS_URL"),
		credentials: { clientId: env("DERIBIT_CLIENT_ID"), clientSecret: env("DERIBIT_CLIENT_SECRET") },
	},
});
await using keeper = keepalive([session], { gate: { toleranceMs: 2_000 } });
keeper.onStatus(({ status }) => {
	if (status.state === "alive") console.log("alive; orders outlive a hang by", status.hangMs, "ms at most");
	if (status.state === "gated") console.log("gated:", status.cause.message, "orders:", status.closed.orders);
});

let hasHung = false;
for (;;) {
	// Call it in the work that must not hang, not in a separate timer.
	keeper.pulse();
	await sleep(100);
	if (!keeper.isArmed("deribit")) continue;
	if (hasHung) break;
	console.log("armed; the strategy hangs for three seconds");
	hasHung = true;
	await sleep(3_000);
}
console.log("armed again");
