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
	for (let round = 0; round < 5; round += 1) ask(200_000);
	setFlagsFromString("--expose-gc");
	runInNewContext("gc")();
	const before = process.memoryUsage().heapUsed;
	ask(100_000);
	// The number of a clock and the age from it take 16 bytes each, until the code is optimized. An object would add 40 or more.
	expect((process.memoryUsage().heapUsed - before) / 100_000).toBeLessThan(36);
	await session.close("cancel");
	link.close();
});
