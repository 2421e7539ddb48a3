import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { BybitVenue, Link } from "@x/venue-sims";
import { expect, it } from "vitest";
import { silentLogger } from "../../logger.ts";
import { bybit } from "./index.ts";
import { apiKey, apiSecret, clientOf } from "./testing/harness.ts";

it("notArmedReason allocates no object and no text while the session is armed and a keeper runs it", async () => {
	const link = new Link(new BybitVenue({ apiKey, apiSecret }));
	const session = bybit({ client: clientOf(link), products: ["DERIVATIVES"], pingMs: 10_000 });
	session.attach({ notArmedReason: () => undefined, protectionChanged: () => undefined, logger: silentLogger });
	await session.open(new AbortController().signal);
	const ask = (times: number): void => {
		for (let asked = 0; asked < times; asked += 1)
			if (session.notArmedReason() !== undefined) throw new Error("not armed");
	};
	setFlagsFromString("--expose-gc");
	const gc = runInNewContext("gc");
	const bytesACall = (): number => {
		gc();
		const before = process.memoryUsage().heapUsed;
		ask(100_000);
		return (process.memoryUsage().heapUsed - before) / 100_000;
	};
	// Each number takes 16 bytes until the code is optimized, which happens at a time of its own.
	let least = Number.POSITIVE_INFINITY;
	for (let round = 0; round < 50 && least >= 8; round += 1) least = Math.min(least, bytesACall());
	expect(least).toBeLessThan(8);
	await session.close("cancel");
	link.close();
});
