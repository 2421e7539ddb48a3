import { monotonicMs } from "./clock.ts";

/**
 * One moment, read from two clocks. The monotonic clock cannot be set, but may stop while the machine is suspended. The
 * wall clock goes on during a suspension, but may be set to another time.
 */
export interface Instant {
	readonly monotonicMs: number;
	/** The time by the wall clock, in epoch milliseconds. */
	readonly wallMs: number;
}

/**
 * The current moment on both clocks.
 *
 * @param now - returns the time by the wall clock, in epoch milliseconds.
 */
export function instantNow(now: () => number): Instant {
	return { monotonicMs: monotonicMs(), wallMs: now() };
}

/** Milliseconds between two instants on the monotonic clock. */
export function elapsedMs(from: Instant, to: Instant): number {
	return to.monotonicMs - from.monotonicMs;
}

/** Milliseconds between two instants on the wall clock. Negative when the wall clock was set back. */
export function wallElapsedMs(from: Instant, to: Instant): number {
	return to.wallMs - from.wallMs;
}

/** Milliseconds between two instants, by the clock that advanced further: the monotonic clock or the wall clock. */
export function longestElapsedMs(from: Instant, to: Instant): number {
	return Math.max(elapsedMs(from, to), wallElapsedMs(from, to));
}

/** Whether more than `ms` milliseconds passed between two instants by at least one of the two clocks. False for exactly `ms`. */
export function isOlderThan(from: Instant, ms: number, to: Instant): boolean {
	return longestElapsedMs(from, to) > ms;
}

/**
 * Milliseconds for which the machine was suspended between two instants: how much further the wall clock advanced than the
 * monotonic clock. 0 when the wall clock was set back.
 */
export function suspendedMs(from: Instant, to: Instant): number {
	return Math.max(0, wallElapsedMs(from, to) - elapsedMs(from, to));
}

/**
 * By how many milliseconds a wait was longer than the planned `ms`. The wait began at `from` and ended at `to`. A wait is too
 * long when the event loop was blocked or the machine was suspended.
 */
export function overrunMs(from: Instant, ms: number, to: Instant): number {
	return Math.max(elapsedMs(from, to) - ms, suspendedMs(from, to));
}
