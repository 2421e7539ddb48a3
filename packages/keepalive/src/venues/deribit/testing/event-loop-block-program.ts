import { parentPort, workerData } from "node:worker_threads";
import type { DeribitCredentials } from "@x/deribit-session";
import { keepalive } from "../../../keeper.ts";
import { deribit } from "../index.ts";

/** Input for the program that blocks its event loop once, in a worker thread. */
export interface BlockedProgram {
	url: string;
	credentials: DeribitCredentials;
	/** Whether a keeper runs the session. Without a keeper, the client only answers the venue's probes. */
	hasKeeper: boolean;
	/** Durations in milliseconds: from the order until the block begins, of the block itself, and from its end until the report. */
	beforeMs: number;
	blockMs: number;
	afterMs: number;
}

/** What the program reports after it has blocked its event loop. */
export interface BlockedOutcome {
	/** When the program stopped blocking its event loop, in epoch milliseconds. */
	freedAt: number;
	ended: boolean;
	sameHandle: boolean;
	status: unknown;
	losses: number;
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const { url, credentials, hasKeeper, beforeMs, blockMs, afterMs }: BlockedProgram = workerData;
const session = deribit({ client: { url, credentials }, intervalSeconds: 10 });
const keeper = hasKeeper ? keepalive([session]) : undefined;
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
	losses: session.recovery.losses.length,
};
parentPort?.postMessage(outcome);
