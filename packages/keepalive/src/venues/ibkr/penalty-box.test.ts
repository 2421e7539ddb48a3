import { neverAborted } from "@x/base/clock";
import { createIbkrHttp, createIbkrPenaltyBox } from "@x/ibkr-session";
import { memoryFetch } from "@x/venue-sims";
import { describe, expect, it, vi } from "vitest";
import { silentLogger } from "../../logger.ts";
import type { SessionHost } from "../../session.ts";
import { ibkr } from "./index.ts";
import { Stage, sessionErrorOf, settled, useFakeClock, waitMsOf } from "./testing/simulated-gateway-session.ts";

useFakeClock();

function hostWith(limitsUsed: () => void): SessionHost {
	return { logger: silentLogger, notArmedReason: () => undefined, protectionChanged: () => undefined, limitsUsed };
}

/** Opens a session and makes it receive a 429, after which IBKR blocks its address and no call is allowed. */
async function blocked() {
	const stage = new Stage();
	await stage.open();
	stage.trigger("answer", { path: "/tickle", status: 429 });
	await stage.beatError();
	return stage;
}

describe("an IbkrSession whose address IBKR blocks after a 429 (its penalty box)", () => {
	it("a session passes a block after a 429 on to a session in a later worker or process, which sends no call before the block ends", async () => {
		const { session, link, venue } = await blocked();
		// This session has its own penalty box, as a session in another thread has.
		const client = { fetch: memoryFetch(link), penaltyBox: createIbkrPenaltyBox() };
		const later = ibkr({ client });
		later.inheritLimits(session.usedLimits(), false);
		const received = venue.received.length;
		await vi.advanceTimersByTimeAsync(60_000);
		expect(waitMsOf(await sessionErrorOf(later.open(neverAborted)))).toBe(835_000);
		await vi.advanceTimersByTimeAsync(829_999);
		expect(waitMsOf(await sessionErrorOf(later.open(neverAborted), 0))).toBe(1_000);
		expect(venue.received).toHaveLength(received);
		await vi.advanceTimersByTimeAsync(1);
		await settled(later.open(neverAborted));
		expect(later.usedLimits()).not.toHaveProperty("calls");
	});

	it("a session inherits a block of at most 15 minutes, the length of a block after a 429, even if the clock is wrong", () => {
		const { session } = new Stage();
		session.inheritLimits({ calls: { made: [], pausedUntil: Date.now() + 86_400_000 } }, false);
		expect(session.usedLimits()["calls"]?.pausedUntil).toBe(Date.now() + 900_000);
	});

	it("a session reports a block to its keeper at once, even if another client with the same penalty box got the 429", async () => {
		const penaltyBox = createIbkrPenaltyBox();
		const stage = new Stage({}, { client: { penaltyBox } });
		const told: unknown[] = [];
		const detach = stage.session.attach(hostWith(() => told.push(Object.keys(stage.session.usedLimits()).at(-1))));
		await stage.open();
		told.length = 0;
		stage.trigger("answer", { path: "/tickle", status: 429 });
		const own = createIbkrHttp({ fetch: memoryFetch(stage.link), penaltyBox });
		await expect(settled(own.tickle())).rejects.toMatchObject({ kind: "banned" });
		expect(told).toEqual(["calls"]);
		detach();
		penaltyBox.block();
		expect(told).toHaveLength(1);
	});
});
