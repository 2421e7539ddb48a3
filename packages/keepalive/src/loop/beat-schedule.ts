import type { Lease } from "../session.ts";

/**
 * Jitter sends a beat earlier by up to this part of the interval. Jitter keeps many sessions from sending their beats at the
 * same time.
 */
const jitterShare = 0.1;

/**
 * Milliseconds from one beat to the next without jitter: a third of `ttlMs`, or the venue's documented interval if that is
 * shorter.
 */
export function intervalMs(lease: Lease): number {
	return Math.min(lease.ttlMs / 3, lease.paceMs ?? Number.POSITIVE_INFINITY);
}

/** Milliseconds from one beat to the next. Jitter makes this time shorter, never longer. */
export function nextBeatMs(lease: Lease, random: number): number {
	return intervalMs(lease) * (1 - jitterShare * random);
}

/**
 * Milliseconds from an open to the first beat: from half an interval to a whole interval, so that sessions that were
 * opened together do not send their beats together.
 *
 * @param phase - from 0 (a whole interval) to 1 (half an interval).
 */
export function firstBeatMs(lease: Lease, random: number, phase: number): number {
	return nextBeatMs(lease, random) * (1 - phase / 2);
}

/**
 * When the next beat is due, on the monotonic clock, after a beat that was due at `dueAt` and was sent at `sentAt`.
 *
 * The interval counts from `dueAt`, so that the delays of a busy event loop do not add up. If the beat was sent early, such as the
 * one that checks the session after a stall, the interval counts from `sentAt`. Missed beats are not sent later: the result is never
 * before `now`.
 */
export function nextDueAt(
	ms: number,
	{ dueAt, sentAt, now }: { readonly dueAt: number; readonly sentAt: number; readonly now: number },
): number {
	const next = Math.min(dueAt, sentAt) + ms;
	return next > now ? next : Math.max(sentAt + ms, now);
}

/** How long a beat may take, in milliseconds: one interval, or what is left of the session's lease if that is shorter. */
export function beatTimeoutMs(lease: Lease, leftMs: number): number {
	return Math.min(intervalMs(lease), leftMs);
}

/**
 * Milliseconds until a failed beat is repeated: an eighth of the interval after the first failure, growing to half of the
 * interval.
 */
export function retryBeatMs(lease: Lease, failures: number): number {
	return (intervalMs(lease) / 8) * Math.min(failures, 4);
}
