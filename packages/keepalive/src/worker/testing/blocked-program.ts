/**
 * A program for tests whose main thread blocks. Its keeper runs in a worker or, for comparison, in the main thread. Prints what
 * it has observed as JSON.
 *
 *   node blocked-program.ts <worker|thread> <milliseconds of the block> [milliseconds of the gate's tolerance]
 */
import { keepalive } from "../../keeper.ts";
import { deribit } from "../../venues/deribit/index.ts";
import { keepaliveInWorker } from "../index.ts";
import type { Sessions } from "./start-worker-keeper.ts";

const [where, blockMs = "", gateMs] = process.argv.slice(2);
const { DERIBIT_WS_URL = "", DERIBIT_CLIENT_ID = "", DERIBIT_CLIENT_SECRET = "" } = process.env;
const order = { instrument_name: "BTC-PERPETUAL", amount: 10 };

async function start() {
	if (where === "worker") {
		if (gateMs !== undefined) process.env["GATE_MS"] = gateMs;
		const keeper = await keepaliveInWorker<Sessions>(new URL("./one-deribit-session.ts", import.meta.url));
		return { keeper, buy: () => keeper.call("buy", order) };
	}
	const credentials = { clientId: DERIBIT_CLIENT_ID, clientSecret: DERIBIT_CLIENT_SECRET };
	const session = deribit({ client: { url: DERIBIT_WS_URL, credentials }, intervalSeconds: 10 });
	const keeper = keepalive([session], gateMs === undefined ? {} : { gate: { toleranceMs: Number(gateMs) } });
	return { keeper, buy: () => session.requireArmed().call("private/buy", order) };
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const { keeper, buy } = await start();
const records: string[] = [];
keeper.onStatus(({ at, status }) => {
	records.push(`${at} ${status.state}${"cause" in status ? `: ${status.cause.message}` : ""}`);
});
const pulsing = gateMs === undefined ? undefined : setInterval(() => keeper.pulse(), 50);
await keeper.ready();
while (!keeper.isArmed("deribit")) await wait(10);
await buy();
if (pulsing) keeper.pulse();
const blockedAt = Date.now();
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(blockMs));
const freedAt = Date.now();
const isArmed = keeper.isArmed("deribit");
clearInterval(pulsing);
await wait(200);
const { state } = keeper.current("deribit").status;
const { losses } = keeper.current("deribit").tally;
process.stdout.write(JSON.stringify({ blockedAt, freedAt, isArmed, state, losses, records }), () => process.exit(0));
