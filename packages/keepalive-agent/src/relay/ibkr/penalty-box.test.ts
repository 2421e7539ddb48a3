import { ibkrProcessPenaltyBox } from "@x/ibkr-session";
import { expect, it } from "vitest";
import { limitOrder, startIbkrStage } from "../testing/start-ibkr-relay.ts";

// This test is the only test of its file, because it blocks every session of its process.
it("the relay passes the venue's status 429 to the bot, and then sends neither calls of bots nor beats (tickles) of the session", async () => {
	const stage = await startIbkrStage({ bots: ["maker", "taker"] });
	stage.venue.faults.answer({ path: "/portfolio/accounts", status: 429 });
	expect((await stage.call("GET", "/portfolio/accounts")).status).toBe(429);
	expect(ibkrProcessPenaltyBox.blockedUntil).toBeGreaterThan(Date.now() + 890_000);
	const before = stage.venue.received.length;
	for (const [method, path] of [
		["GET", "/portfolio/accounts"],
		["DELETE", "/iserver/account/DU1/order/1"],
		["POST", "/iserver/account/DU1/orders"],
	] as const) {
		const answer = await stage.call(method, path, { bot: "taker", body: limitOrder });
		expect(answer).toMatchObject({ status: 429, json: { error: expect.stringContaining("blocks this address") } });
		expect(Number(answer.headers["retry-after"])).toBeGreaterThan(890);
	}
	expect(stage.venue.received).toHaveLength(before);
});
