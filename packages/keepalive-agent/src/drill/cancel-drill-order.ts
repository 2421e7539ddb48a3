import { neverAborted, sleep, withDeadline } from "@x/base/clock";
import { DrillError } from "./drill-error.ts";
import type { Cleanup } from "./drill-record.ts";
import type { DrillVenue, OrderPlan, PlacedOrder } from "./drill-venue-interface.ts";
import type { SessionNow } from "./session-process-messages.ts";

/** Deadline, in milliseconds, for one call of the client that watches the order. */
export const callMs = 10_000;
/** A cleanup may take at least this many milliseconds, however short the exposure is. */
const shortestCleanupMs = 20_000;

/**
 * Cancels the orders with this label that are still open, and checks that they are gone. Neither an interrupt nor an error ends the cleanup
 * early.
 *
 * The deadline of the cleanup is the exposure or 20 s, whichever is longer. Before the cleanup, the drill watches the order for at most
 * about twice the exposure. So with an exposure of 20 s or more, the drill ends within about three times the exposure after the session's
 * death.
 */
export async function cleanUp(
	{ venue, plan }: { readonly venue: DrillVenue; readonly plan: OrderPlan },
	label: string,
	order: PlacedOrder | undefined,
	now: SessionNow | undefined,
): Promise<Cleanup> {
	const { processDeathMs = 0, networkDeathMs = 0 } = now?.exposure ?? {};
	const endsAt = performance.now() + Math.max(shortestCleanupMs, processDeathMs, networkDeathMs);
	let cancelled = 0;
	while (performance.now() < endsAt) {
		try {
			const open = await callInTime(neverAborted, (signal) => venue.cancelByLabel(plan, label, signal));
			cancelled += open;
			const isOver = order
				? (await callInTime(neverAborted, (signal) => venue.look(order, signal))).state !== "open"
				: open === 0;
			if (open === 0 && isOver) return cancelled > 0 ? "cancelled" : "not-needed";
		} catch {
			// A failed attempt is followed by another one, until the deadline.
		}
		await sleep(venue.pollMs, neverAborted);
	}
	return "failed";
}

/** Makes a call of the client that watches the order, with a deadline. @throws DrillError when the deadline has passed. */
export function callInTime<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
	const onTimeout = (): Error => new DrillError(`the venue did not answer within ${callMs / 1_000} s`);
	return withDeadline({ ms: callMs, signal, onTimeout }, work);
}

/** The result of a cleanup, for a person. */
export function cleanupText(cleanup: Exclude<Cleanup, "not-needed">, label: string): string {
	return cleanup === "cancelled"
		? `CLEANED UP: the order ${label} was still open and has been cancelled by the drill`
		: `CLEANUP FAILED: the order ${label} may still be open. Cancel it by hand now`;
}
