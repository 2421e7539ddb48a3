import type { Lease } from "../session.ts";

/** Jitter sends a beat earlier by up to this share of the interval, so that many sessions do not beat in step. */
const jitterShare = 0.1;

/** Milliseconds between beats: a third of the TTL or the venue's documented interval, whichever is shorter. */
export function intervalMs(lease: Lease): number {
	return Math.min(lease.ttlMs / 3, lease.paceMs ?? Number.POSITIVE_INFINITY);
}

/** Milliseconds from one beat to the next. Jitter only makes this time shorter. */
export function nextBeatMs(lease: Lease, random: number): number {
	return intervalMs(lease) * (1 - jitterShare * random);
}

/**
 * Milliseconds from an open to the first beat. Between half and all of the interval, so that sessions that were opened
 * together do not beat together.
 *
 * @param phase - from 0 (all of the interval) to 1 (half of it).
 */
export function firstBeatMs(lease: Lease, random: number, phase: number): number {
	return nextBeatMs(lease, random) * (1 - phase / 2);
}

/**
 * When the next beat is due, on the monotonic clock, after a beat that was due at `dueAt` and sent at `sentAt`.
 *
 * The interval counts from `dueAt`, so that a busy event loop does not add its delay to every beat; or from `sentAt` when
 * that was earlier, as after a stall. Missed beats are not sent later, and the result is never before `now`.
 */
export function nextDueAt(
	ms: number,
	{ dueAt, sentAt, now }: { readonly dueAt: number; readonly sentAt: number; readonly now: number },
): number {
	const next = Math.min(dueAt, sentAt) + ms;
	return next > now ? next : Math.max(sentAt + ms, now);
}

/** Deadline of a beat, in milliseconds: one interval or what is left of the lease. */
export function beatTimeoutMs(lease: Lease, leftMs: number): number {
	return Math.min(intervalMs(lease), leftMs);
}

/** Milliseconds before a failed beat is retried: an eighth of the interval, growing to half of it. */
export function retryBeatMs(lease: Lease, failures: number): number {
	return (intervalMs(lease) / 8) * Math.min(failures, 4);
}
