import type { Measured, Verdict } from "./drill-record.ts";
import type { OrderSeen } from "./drill-venue-interface.ts";

/**
 * What is known after an order has ended, or after the drill has stopped waiting for its end. Times are epoch milliseconds by the clock of
 * this machine.
 */
export interface Outcome {
	readonly seen: OrderSeen;
	readonly diedAt: number;
	readonly lastBeatAt: number | undefined;
	/** By how many milliseconds this machine's clock is ahead of the venue's clock. */
	readonly clockAheadMs: number;
	readonly statedMs: number;
	readonly allowanceMs: number;
	/** How many milliseconds the drill has waited for the cancel. */
	readonly waitedMs: number;
	/** The reason that the venue gives when it cancels an order because a session died. */
	readonly expectedReason: string;
}

/** Judges what a venue did after the death of a session, if the venue states that it then cancels the orders. */
export function judgeCancel(outcome: Outcome): { readonly result: Verdict; readonly measured?: Measured } {
	const { seen, diedAt, lastBeatAt, clockAheadMs, statedMs, allowanceMs, expectedReason } = outcome;
	if (seen.state === "open") return { result: { verdict: "not-fired", waitedMs: outcome.waitedMs } };
	if (seen.state === "filled") return { result: { verdict: "filled", amount: seen.amount } };
	if (seen.at === undefined) {
		return { result: { verdict: "inconclusive", why: "the venue does not say when it cancelled the order" } };
	}
	const cancelledAt = seen.at + clockAheadMs;
	const measured: Measured = {
		cancelledAt: seen.at,
		sinceDeathMs: Math.round(cancelledAt - diedAt),
		...(lastBeatAt !== undefined && { sinceLastBeatMs: Math.round(cancelledAt - lastBeatAt) }),
	};
	if (seen.reason !== expectedReason) return { result: { verdict: "wrong-reason", reason: seen.reason }, measured };
	if (measured.sinceDeathMs < -allowanceMs) {
		const why = "the order was cancelled before the session was killed";
		return { result: { verdict: "inconclusive", why }, measured };
	}
	const lateByMs = measured.sinceDeathMs - statedMs - allowanceMs;
	return { result: lateByMs > 0 ? { verdict: "fired-late", lateByMs } : { verdict: "proved" }, measured };
}

/** Judges what a venue did after the death of a session, if the venue states that it then keeps the orders. */
export function judgeSurvival(seen: OrderSeen): Verdict {
	switch (seen.state) {
		case "open":
			return { verdict: "proved" };
		case "filled":
			return { verdict: "filled", amount: seen.amount };
		case "cancelled":
			return { verdict: "wrong-reason", reason: seen.reason };
	}
}

/** Judges an order that ended during the control period, while the session lived. Returns undefined while the order is open. */
export function judgeControl(seen: OrderSeen, expectedReason: string | undefined): Verdict | undefined {
	switch (seen.state) {
		case "open":
			return undefined;
		case "filled":
			return { verdict: "filled", amount: seen.amount };
		case "cancelled":
			if (seen.reason !== expectedReason) return { verdict: "wrong-reason", reason: seen.reason };
			return {
				verdict: "inconclusive",
				why: "the protection fired in the control period, while the session was alive",
			};
	}
}
