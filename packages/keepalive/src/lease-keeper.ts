import type { ResolvedOptions } from "./options.ts";
import { cutOffMs, intervalMs, nextBeatMs, requireLease, retryBeatMs } from "./pace.ts";
import type { Lease, Session } from "./session.ts";
import { dispositionOf, isSessionError, SessionError } from "./session-error.ts";
import type { StatusBoard } from "./status-board.ts";
import { monotonicMs, sleep, within } from "./time.ts";

/** Why a lease is no longer kept. */
export type LeaseEnd = { readonly end: "stopped" } | { readonly end: "lost"; readonly error: unknown };

/**
 * Beats until the session is lost or `stop` aborts.
 *
 * The deadline counts from when the last acknowledged beat was *sent*: the venue cannot have heard it earlier. Each beat
 * is cut off after one interval or at the deadline, whichever comes first. A failed beat is repeated soon while the lease
 * runs. When our own process stood still past the deadline, the venue is asked once before anything is called lost.
 */
export async function keepLease(
	session: Session,
	first: Lease,
	board: StatusBoard,
	options: ResolvedOptions,
	stop: AbortSignal,
): Promise<LeaseEnd> {
	let lease = first;
	let since = monotonicMs();
	let failures = 0;
	let lastError: unknown = new SessionError(`@x/keepalive: no beat of ${session.name} was acknowledged in time`, {
		disposition: { action: "retry" },
	});
	let waitMs = nextBeatMs(lease, options.random());
	let untilEnd = endOf(lease, stop);
	board.alive(lease, since);

	for (;;) {
		const stoodStillMs = await sleepWatched(waitMs, untilEnd, options.now);
		if (stop.aborted) return { end: "stopped" };
		if (lease.ended?.aborted) return { end: "lost", error: lease.ended.reason };

		const stalled = stoodStillMs > options.stallMs;
		if (stalled) {
			// What the venue did meanwhile is unknown: ask before showing anything as alive or lost.
			board.late(stallError(session.name, stoodStillMs));
		}
		const left = leftMs(since, lease);
		if (left <= 0 && !stalled) return { end: "lost", error: lastError };

		const sentAt = monotonicMs();
		const cutOff = left > 0 ? cutOffMs(lease, left) : intervalMs(lease);
		try {
			const next = await within(cutOff, untilEnd, `a beat of ${session.name}`, (signal) => session.beat(signal));
			requireLease(session.name, next);
			// One combined signal for each connection, not for each beat: they would pile up on a stop signal that lives long.
			if (next.ended !== lease.ended) untilEnd = endOf(next, stop);
			lease = next;
			since = sentAt;
			failures = 0;
			board.alive(lease, since);
			waitMs = Math.max(0, sentAt + nextBeatMs(lease, options.random()) - monotonicMs());
		} catch (error) {
			if (stop.aborted) return { end: "stopped" };
			if (lease.ended?.aborted) return { end: "lost", error: lease.ended.reason };
			const remaining = leftMs(since, lease);
			const stoodStillHere = monotonicMs() - sentAt - cutOff > options.stallMs;
			if (isOver(error) || (remaining <= 0 && !stoodStillHere)) return { end: "lost", error };
			failures += 1;
			lastError = error;
			board.late(error);
			waitMs = stoodStillHere ? 0 : Math.min(retryWaitMs(lease, failures, error), remaining);
			// After a stall inside the beat the deadline is not held against the venue: one more question is due.
			if (remaining <= 0) since = monotonicMs() - lease.ttlMs + cutOff;
		}
	}
}

function endOf(lease: Lease, stop: AbortSignal): AbortSignal {
	return lease.ended ? AbortSignal.any([stop, lease.ended]) : stop;
}

function leftMs(since: number, lease: Lease): number {
	return since + lease.ttlMs - monotonicMs();
}

/** Sleeps, and returns by how many milliseconds our own process or machine overslept. */
async function sleepWatched(ms: number, signal: AbortSignal, now: () => number): Promise<number> {
	const started = monotonicMs();
	const startedWall = now();
	await sleep(ms, signal);
	const oversleptMs = monotonicMs() - started - ms;
	// A sleeping machine stops the monotonic clock, not the wall clock.
	const suspendedMs = now() - startedWall - (monotonicMs() - started);
	return Math.max(oversleptMs, suspendedMs);
}

function isOver(error: unknown): boolean {
	if (dispositionOf(error).action === "fatal") return true;
	return isSessionError(error) && error.session === "ended";
}

/** A venue that asked to be left alone is left alone, even if the lease runs out meanwhile. */
function retryWaitMs(lease: Lease, failures: number, error: unknown): number {
	const disposition = dispositionOf(error);
	const soon = retryBeatMs(lease, failures);
	return disposition.action === "wait" ? Math.max(soon, disposition.forMs) : soon;
}

function stallError(name: string, ms: number): Error {
	const message = `@x/keepalive: this process or machine stood still for ${Math.round(ms)} ms; asking ${name} before judging it`;
	return new SessionError(message, { disposition: { action: "retry" } });
}
