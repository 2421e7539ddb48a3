import { parentPort, workerData } from "node:worker_threads";
import { serveHistory } from "./history/answer-history-calls.ts";

// The cast is safe: only HistoryThread starts this module, with this data.
if (parentPort) serveHistory(parentPort, workerData as Parameters<typeof serveHistory>[1]);
