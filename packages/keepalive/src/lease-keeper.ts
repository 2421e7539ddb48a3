import type { ResolvedOptions } from "./options.ts";
import { cutOffMs, intervalMs, nextBeatMs, requireLease, retryBeatMs } from "./pace.ts";
import type { Lease, Session } from "./session.ts";
import { dispositionOf, isSessionError, SessionError } from "./session-error.ts";
import { StallWatch, sleepWatched } from "./stall-watch.ts";
import type { StatusBoard } from "./status-board.ts";
import { CutOff, monotonicMs, within } from "./time.ts";

/** Why a lease is no longer kept. `notBefore` (monotonic): the venue asked for no call before that, for whatever it ended. */
export type LeaseEnd =
	| { readonly end: "stopped" }
	| { readonly end: "lost"; readonly error: unknown; readonly notBefore: number | undefined };

/** With less than this left of a lease no beat can be answered in time, and a timer may have woken early by it. */
const leastBeatMs = 5;

/**
 * Beats until the session is lost or `stop` aborts.
 *
 * The deadline counts from when the last acknowledged beat was *sent*: the venue cannot have heard it earlier. Each beat
 * is cut off after one interval or at the deadline, whichever comes first. A failed beat is repeated soon while the lease
 * runs, unless the venue asked to be left alone. When our own process or machine stood still, the venue is asked again
 * before anything is called alive or lost: a reply that was read after a sleep may be as old as the sleep was long.
 */
export async function keepLease(
	session: Session,
	first: Lease,
	board: StatusBoard,
	options: ResolvedOptions,
	stop: AbortSignal,
): Promise<LeaseEnd> {
	let lease = first;
	// What `open` took is not held against the lease: its last exchange was answered just now.
	let since = monotonicMs();
	let failures = 0;
	let lastError: unknown = new SessionError(`@x/keepalive: no beat of ${session.name} was acknowledged in time`, {
		disposition: { action: "retry" },
	});
	/** When the venue, which asked for silence, may be called again. */
	let notBefore: number | undefined;
	const heed = (error: unknown): void => {
		const disposition = dispositionOf(error);
		if (disposition.action !== "wait") return;
		notBefore = Math.max(notBefore ?? Number.NEGATIVE_INFINITY, monotonicMs() + disposition.forMs);
	};
	const lost = (error: unknown): LeaseEnd => {
		// What a beat was told counts from that beat.
		if (error !== lastError) heed(error);
		return { end: "lost", error, notBefore };
	};
	let waitMs = nextBeatMs(lease, options.random());
	let untilEnd = endOf(lease, stop);
	/** One question more is due after a stall, whatever the deadline says. */
	let mustAsk = false;
	board.alive(lease, { monotonic: since, wall: options.now() });

	for (;;) {
		const stoodStillMs = await sleepWatched(waitMs, untilEnd, options);
		if (stop.aborted) return { end: "stopped" };
		if (lease.ended?.aborted) return lost(lease.ended.reason);
		if (stoodStillMs > options.stallMs) {
			mustAsk = true;
			board.late(stallError(session.name, stoodStillMs));
		}
		const left = since + lease.ttlMs - monotonicMs();
		// The venue's word stands above our wish to ask: a call inside a penalty box lengthens it.
		const silentMs = notBefore === undefined ? 0 : notBefore - monotonicMs();
		if (left < leastBeatMs && (silentMs > 0 || !mustAsk)) return lost(lastError);
		if (silentMs > 0) {
			waitMs = Math.min(silentMs, left);
			continue;
		}

		const watch = new StallWatch(options.now);
		const cutOff = left >= leastBeatMs ? cutOffMs(lease, left) : intervalMs(lease);
		try {
			const next = await within(cutOff, untilEnd, `a beat of ${session.name}`, (signal) => session.beat(signal));
			requireLease(session.name, next);
			// One combined signal for each connection, not for each beat: they would pile up on a stop signal that lives long.
			if (next.ended !== lease.ended) untilEnd = endOf(next, stop);
			lease = next;
			since = watch.startedAt;
			failures = 0;
			mustAsk = watch.sleptMs > options.stallMs;
			if (mustAsk) {
				board.late(stallError(session.name, watch.sleptMs));
				waitMs = 0;
				continue;
			}
			board.alive(lease, { monotonic: since, wall: watch.startedWall });
			waitMs = Math.max(0, since + nextBeatMs(lease, options.random()) - monotonicMs());
		} catch (error) {
			if (stop.aborted) return { end: "stopped" };
			if (lease.ended?.aborted) return lost(lease.ended.reason);
			if (isOver(error)) return lost(error);
			// Our own cut-off says less than what the venue said before.
			if (!(error instanceof CutOff) || failures === 0) lastError = error;
			failures += 1;
			heed(error);
			const remaining = since + lease.ttlMs - monotonicMs();
			mustAsk = watch.elapsedMs - cutOff > options.stallMs || watch.sleptMs > options.stallMs;
			if (remaining < leastBeatMs && !mustAsk) return lost(lastError);
			board.late(error);
			waitMs = mustAsk ? 0 : Math.min(retryBeatMs(lease, failures), remaining);
		}
	}
}

function endOf(lease: Lease, stop: AbortSignal): AbortSignal {
	return lease.ended ? AbortSignal.any([stop, lease.ended]) : stop;
}

function isOver(error: unknown): boolean {
	if (dispositionOf(error).action === "fatal") return true;
	return isSessionError(error) && error.session === "ended";
}

/** For a loop that found that time had passed it by. */
export function stallError(name: string, ms: number): SessionError {
	const message = `@x/keepalive: this process or machine stood still for ${Math.round(ms)} ms; asking ${name} before judging it`;
	return new SessionError(message, { disposition: { action: "retry" } });
}
