import { PerformanceObserver } from "node:perf_hooks";
import { parentPort } from "node:worker_threads";
import { DeribitVenue, Link, memoryWebSocket } from "@x/venue-sims";
import { deribit } from "../index.ts";

/**
 * A program for a worker thread: calls `notArmedReason` many times, and counts garbage collections. It runs in a worker because a
 * test runner changes how code is compiled.
 */

const { clientId, clientSecret } = DeribitVenue.defaults;
const link = new Link(new DeribitVenue());
const session = deribit({
	client: { credentials: { clientId, clientSecret }, WebSocket: memoryWebSocket(link) },
	// With these options, the session counts as armed for half a minute without a beat(), which is long enough even on a busy machine.
	pingMs: 20_000,
	pongTimeoutMs: 10_000,
});
const log = (): void => undefined;
session.attach({
	notArmedReason: () => session.notArmedReason(),
	protectionChanged: log,
	logger: { debug: log, info: log, warn: log, error: log },
});
await session.open(new AbortController().signal);

function ask(times: number): void {
	for (let asked = 0; asked < times; asked += 1) {
		if (session.notArmedReason() !== undefined) throw new Error("not armed");
	}
}

// Calls `notArmedReason` so often that V8 optimizes it, because interpreted code allocates memory.
ask(300_000);
let collections = 0;
const observer = new PerformanceObserver((list) => {
	collections += list.getEntries().length;
});
observer.observe({ entryTypes: ["gc"] });
// If each call allocated 16 bytes, these calls would allocate 64 MB and cause several garbage collections.
ask(4_000_000);
await new Promise((resolve) => setTimeout(resolve, 20));
parentPort?.postMessage(collections);
link.close();
