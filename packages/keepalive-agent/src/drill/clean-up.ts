import { neverAborted, sleep, withDeadline } from "@x/base/clock";
import type { Cleanup } from "./drill-record.ts";
import type { DrillVenue, OrderPlan, PlacedOrder } from "./drill-venue.ts";
import { DrillError } from "./explain.ts";
import type { SessionNow } from "./session-messages.ts";

/** Deadline of one call of the watcher. */
export const callMs = 10_000;
/** The shortest deadline for cleaning up. */
const shortestCleanupMs = 20_000;

/**
 * Cancels what is left by its label, and makes sure of it. Neither an interrupt nor an error ends it early: it has a deadline of its own,
 * the exposure at most, so that all of a drill ends within three times the exposure after the death.
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
			// Tried again until the deadline.
		}
		await sleep(venue.pollMs, neverAborted);
	}
	return "failed";
}

/** One call of the watcher, with its deadline. @throws DrillError when it passes. */
export function callInTime<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
	const onTimeout = (): Error => new DrillError(`the venue did not answer within ${callMs / 1_000} s`);
	return withDeadline({ ms: callMs, signal, onTimeout }, work);
}

/** What a cleanup says to a person. */
export function cleanupText(cleanup: Exclude<Cleanup, "not-needed">, label: string): string {
	return cleanup === "cancelled"
		? `CLEANED UP: the order ${label} was still open and has been cancelled by the drill`
		: `CLEANUP FAILED: the order ${label} may still be open. Cancel it by hand now`;
}
