import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { BybitVenue, Link } from "@x/venue-sims";
import { expect, it } from "vitest";
import { keepalive } from "../../keeper.ts";
import { silentLogger } from "../../logger.ts";
import { bybit } from "./index.ts";
import { apiKey, apiSecret, clientOf } from "./testing/start-with-venue.ts";

setFlagsFromString("--expose-gc");
// Compiles code on the main thread: on a busy machine, a background compiler would finish too late for the measurement.
setFlagsFromString("--no-concurrent-recompilation");
const gc = runInNewContext("gc");

/**
 * The fewest bytes that one call leaves on the heap, measured in up to 200 rounds. Until V8 has optimized the code, each number that is
 * computed takes 16 bytes. The test cannot choose when V8 optimizes, so it uses the round with the fewest bytes. A round is too short for a
 * garbage collection. Between two rounds the session pings.
 */
async function leastBytesACall(enoughBytes: number, call: () => unknown): Promise<number> {
	const calls = 5_000;
	let least = Number.POSITIVE_INFINITY;
	for (let round = 0; round < 200 && least > enoughBytes; round += 1) {
		gc();
		const before = process.memoryUsage().heapUsed;
		for (let done = 0; done < calls; done += 1) call();
		least = Math.min(least, (process.memoryUsage().heapUsed - before) / calls);
		await setImmediate();
	}
	return least;
}

it("notArmedReason allocates no object and no text while the session is armed and a keeper runs it", async () => {
	const link = new Link(new BybitVenue({ apiKey, apiSecret }));
	const session = bybit({ client: clientOf(link), products: ["DERIVATIVES"], pingMs: 10_000 });
	session.attach({ notArmedReason: () => undefined, protectionChanged: () => undefined, logger: silentLogger });
	await session.open(new AbortController().signal);
	const bytes = await leastBytesACall(8, () => {
		if (session.notArmedReason() !== undefined) throw new Error("not armed");
	});
	expect(bytes).toBeLessThan(8);
	await session.close("cancel");
	link.close();
});

it("isArmed() of a keeper allocates no object: at most the readings of two clocks, which are numbers of 16 bytes each", async () => {
	const link = new Link(new BybitVenue({ apiKey, apiSecret }));
	const session = bybit({ client: clientOf(link), products: ["DERIVATIVES"], pingMs: 10_000 });
	// The measurement itself blocks the event loop, so the limit for a stall is long.
	const keeper = keepalive([session], { stallMs: 60_000 });
	await keeper.ready({ timeoutMs: 10_000 });
	const bytes = await leastBytesACall(33, () => {
		if (!keeper.isArmed("bybit")) throw new Error("not armed");
	});
	expect(bytes).toBeLessThan(33);
	await keeper.stop({ orders: "cancel" });
	link.close();
});
