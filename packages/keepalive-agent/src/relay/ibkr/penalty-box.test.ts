import { ibkrProcessPenaltyBox } from "@x/ibkr-session";
import { expect, it } from "vitest";
import { limitOrder, startIbkrStage } from "../testing/ibkr-stage.ts";

// This test has a file of its own, because it blocks every session of its process.
it("status 429 of the venue is passed to the bot, and blocks the calls of all bots and the beats of the session", async () => {
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
