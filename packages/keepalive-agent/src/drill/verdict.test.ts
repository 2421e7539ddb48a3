import { describe, expect, it } from "vitest";
import type { OrderSeen } from "./drill-venue.ts";
import { judgeCancel, judgeControl, judgeSurvival } from "./verdict.ts";

const diedAt = 1_000_000;
const open: OrderSeen = { state: "open" };
const filled: OrderSeen = { state: "filled", amount: "4" };
/** Cancelled so long after the death, by the venue's clock, which is 300 ms behind. */
const cancelled = (ms: number, reason = "switch"): OrderSeen => ({ state: "cancelled", reason, at: diedAt + ms - 300 });

function judge(seen: OrderSeen) {
	const known = { diedAt, lastBeatAt: diedAt - 700, clockAheadMs: 300, statedMs: 5_000, allowanceMs: 50 };
	return judgeCancel({ seen, ...known, waitedMs: 10_000, expectedReason: "switch" });
}

describe("judgeCancel", () => {
	it("proves up to the stated time and the allowance, to the millisecond, with the clocks compared", () => {
		expect(judge(cancelled(5_050))).toEqual({
			result: { verdict: "proved" },
			measured: { cancelledAt: diedAt + 4_750, sinceDeathMs: 5_050, sinceLastBeatMs: 5_750 },
		});
		expect(judge(cancelled(5_051)).result).toEqual({ verdict: "fired-late", lateByMs: 1 });
	});

	it("is inconclusive about a cancel that came before the death by more than the clocks may err", () => {
		expect(judge(cancelled(-50)).result).toEqual({ verdict: "proved" });
		expect(judge(cancelled(-51)).result).toMatchObject({ verdict: "inconclusive" });
	});

	it("names another reason, whenever that was, and says when nothing happened or it was filled", () => {
		expect(judge(cancelled(9_000, "user_request")).result).toEqual({ verdict: "wrong-reason", reason: "user_request" });
		expect(judge(open)).toEqual({ result: { verdict: "not-fired", waitedMs: 10_000 } });
		expect(judge(filled)).toEqual({ result: { verdict: "filled", amount: "4" } });
	});

	it("does not prove a cancel without a time of the venue", () => {
		expect(judge({ state: "cancelled", reason: "switch", at: undefined }).result).toMatchObject({
			verdict: "inconclusive",
			why: "the venue does not say when it cancelled the order",
		});
	});
});

describe("judgeControl", () => {
	it("lets a standing order go on, and ends with what happened to any other", () => {
		expect(judgeControl(open, "switch")).toBeUndefined();
		expect(judgeControl(filled, "switch")).toEqual({ verdict: "filled", amount: "4" });
		expect(judgeControl(cancelled(0, "other"), "switch")).toEqual({ verdict: "wrong-reason", reason: "other" });
		expect(judgeControl(cancelled(0), "switch")).toMatchObject({ verdict: "inconclusive" });
		expect(judgeControl(cancelled(0), undefined)).toEqual({ verdict: "wrong-reason", reason: "switch" });
	});
});

describe("judgeSurvival", () => {
	it("proves only what still stands", () => {
		expect(judgeSurvival(open)).toEqual({ verdict: "proved" });
		expect(judgeSurvival(filled)).toEqual({ verdict: "filled", amount: "4" });
		expect(judgeSurvival(cancelled(0, "Cancelled"))).toEqual({ verdict: "wrong-reason", reason: "Cancelled" });
	});
});
