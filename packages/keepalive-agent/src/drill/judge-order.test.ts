import { describe, expect, it } from "vitest";
import type { OrderSeen } from "./drill-venue-interface.ts";
import { judgeCancel, judgeControl, judgeSurvival } from "./judge-order.ts";

const diedAt = 1_000_000;
const open: OrderSeen = { state: "open" };
const filled: OrderSeen = { state: "filled", amount: "4" };
/** An order that was cancelled `ms` milliseconds after the death. Its time is given by the venue's clock, which is 300 ms behind. */
const cancelled = (ms: number, reason = "switch"): OrderSeen => ({ state: "cancelled", reason, at: diedAt + ms - 300 });

function judge(seen: OrderSeen) {
	const known = { diedAt, lastBeatAt: diedAt - 700, clockAheadMs: 300, statedMs: 5_000, allowanceMs: 50 };
	return judgeCancel({ seen, ...known, waitedMs: 10_000, expectedReason: "switch" });
}

describe("judgeCancel", () => {
	it('judgeCancel says "proved" for a cancel at most the stated time plus the allowance after the death, and adjusts for the difference of the clocks', () => {
		expect(judge(cancelled(5_050))).toEqual({
			result: { verdict: "proved" },
			measured: { cancelledAt: diedAt + 4_750, sinceDeathMs: 5_050, sinceLastBeatMs: 5_750 },
		});
		expect(judge(cancelled(5_051)).result).toEqual({ verdict: "fired-late", lateByMs: 1 });
	});

	it('judgeCancel says "inconclusive" for a cancel that came before the death of the session by more than the allowance for the clocks', () => {
		expect(judge(cancelled(-50)).result).toEqual({ verdict: "proved" });
		expect(judge(cancelled(-51)).result).toMatchObject({ verdict: "inconclusive" });
	});

	it('judgeCancel says "wrong-reason" for a cancel for an unexpected reason, "not-fired" for an open order, and "filled" for a filled order', () => {
		expect(judge(cancelled(9_000, "user_request")).result).toEqual({ verdict: "wrong-reason", reason: "user_request" });
		expect(judge(open)).toEqual({ result: { verdict: "not-fired", waitedMs: 10_000 } });
		expect(judge(filled)).toEqual({ result: { verdict: "filled", amount: "4" } });
	});

	it('judgeCancel says "inconclusive" for a cancel whose time the venue does not give', () => {
		expect(judge({ state: "cancelled", reason: "switch", at: undefined }).result).toMatchObject({
			verdict: "inconclusive",
			why: "the venue does not say when it cancelled the order",
		});
	});
});

describe("judgeControl", () => {
	it("judgeControl returns undefined for an open order, and a verdict for any other order", () => {
		expect(judgeControl(open, "switch")).toBeUndefined();
		expect(judgeControl(filled, "switch")).toEqual({ verdict: "filled", amount: "4" });
		expect(judgeControl(cancelled(0, "other"), "switch")).toEqual({ verdict: "wrong-reason", reason: "other" });
		expect(judgeControl(cancelled(0), "switch")).toMatchObject({ verdict: "inconclusive" });
		expect(judgeControl(cancelled(0), undefined)).toEqual({ verdict: "wrong-reason", reason: "switch" });
	});
});

describe("judgeSurvival", () => {
	it('judgeSurvival says "proved" only for an order that is still open', () => {
		expect(judgeSurvival(open)).toEqual({ verdict: "proved" });
		expect(judgeSurvival(filled)).toEqual({ verdict: "filled", amount: "4" });
		expect(judgeSurvival(cancelled(0, "Cancelled"))).toEqual({ verdict: "wrong-reason", reason: "Cancelled" });
	});
});
