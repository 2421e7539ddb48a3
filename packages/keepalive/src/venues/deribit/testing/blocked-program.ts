import { parentPort, workerData } from "node:worker_threads";
import { keepalive } from "../../../keeper.ts";
import { deribit } from "../index.ts";

/** How a program in a thread of its own is to be blocked. */
export interface BlockedProgram {
	url: string;
	clientId: string;
	clientSecret: string;
	/** Whether a keeper beats, or the client answers probes alone. */
	kept: boolean;
	/** Milliseconds from its order to the block, for which it computes, and that it lives on after it. */
	beforeMs: number;
	blockMs: number;
	afterMs: number;
}

/** What came of it. Instants are epoch milliseconds. */
export interface BlockedOutcome {
	freedAt: number;
	ended: boolean;
	sameHandle: boolean;
	status: unknown;
	losses: number;
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const { url, clientId, clientSecret, kept, beforeMs, blockMs, afterMs }: BlockedProgram = workerData;
const session = deribit({ url, clientId, clientSecret, intervalSeconds: 10 });
const keeper = kept ? keepalive([session]) : undefined;
if (keeper) await keeper.ready();
else await session.open(new AbortController().signal);
const handle = session.requireArmed();
await handle.call("private/buy", { instrument_name: "BTC-PERPETUAL", amount: 10 });
await wait(beforeMs);
const end = performance.now() + blockMs;
while (performance.now() < end);
const freedAt = Date.now();
await wait(afterMs);
const outcome: BlockedOutcome = {
	freedAt,
	ended: handle.ended.aborted,
	sameHandle: session.handle === handle,
	status: keeper?.snapshot()["deribit"],
	losses: session.losses.length,
};
parentPort?.postMessage(outcome);
