import type { Lease } from "../session.ts";

/** How much earlier than its interval a beat may be sent, so that many sessions do not beat in step. */
const jitterShare = 0.1;

/** Milliseconds between beats: a third of the TTL or the venue's documented pace, whichever is sooner. */
export function intervalMs(lease: Lease): number {
	return Math.min(lease.ttlMs / 3, lease.paceMs ?? Number.POSITIVE_INFINITY);
}

/** Milliseconds from one beat to the next. Jitter only makes it earlier. */
export function nextBeatMs(lease: Lease, random: number): number {
	return intervalMs(lease) * (1 - jitterShare * random);
}

/**
 * Milliseconds from an opening to the first beat: half of the time between beats or more, so that many sessions that were
 * opened together do not beat together from then on.
 *
 * @param phase - from 0, for the whole of it, to 1, for half.
 */
export function firstBeatMs(lease: Lease, random: number, phase: number): number {
	return nextBeatMs(lease, random) * (1 - phase / 2);
}

/**
 * When the next beat is due, after one that was due at `dueAt` and sent at `sentAt`; all by the monotonic clock.
 *
 * Counted from when that one was due, so that a busy event loop does not add its lateness to every beat; or from when it was
 * sent, if that was earlier, as after a stall. What was missed altogether is not caught up on, and nothing is due before `now`.
 */
export function nextDueAt(
	ms: number,
	{ dueAt, sentAt, now }: { readonly dueAt: number; readonly sentAt: number; readonly now: number },
): number {
	const next = Math.min(dueAt, sentAt) + ms;
	return next > now ? next : Math.max(sentAt + ms, now);
}

/** Milliseconds after which a beat is cut off: one interval, or what is left of the lease. */
export function cutOffMs(lease: Lease, leftMs: number): number {
	return Math.min(intervalMs(lease), leftMs);
}

/** Milliseconds before a failed beat is tried again: short against the interval, growing a little with each failure. */
export function retryBeatMs(lease: Lease, failures: number): number {
	return (intervalMs(lease) / 8) * Math.min(failures, 4);
}
