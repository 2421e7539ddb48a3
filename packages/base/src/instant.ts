import { monotonicMs } from "./clock.ts";

/**
 * One moment on two clocks. Nobody can set the monotonic clock, but it may stop while the machine is suspended. The
 * wall clock also counts that time, but may be set to another time.
 */
export interface Instant {
	readonly monotonicMs: number;
	/** The wall clock, in epoch milliseconds. */
	readonly wallMs: number;
}

/**
 * The current moment.
 *
 * @param now - reads the wall clock, in epoch milliseconds.
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

/** Milliseconds between two instants, on whichever clock counted more: monotonic or wall. */
export function longestElapsedMs(from: Instant, to: Instant): number {
	return Math.max(elapsedMs(from, to), wallElapsedMs(from, to));
}

/** Whether more than `ms` passed between two instants on either clock. False for exactly `ms`. */
export function isOlderThan(from: Instant, ms: number, to: Instant): boolean {
	return longestElapsedMs(from, to) > ms;
}

/** Milliseconds for which the machine was suspended between two instants. 0 when the wall clock was set back. */
export function suspendedMs(from: Instant, to: Instant): number {
	return Math.max(0, wallElapsedMs(from, to) - elapsedMs(from, to));
}

/**
 * By how many milliseconds a wait of `ms`, which ended at `to`, took too long, because the event loop was blocked or
 * the machine suspended.
 */
export function overrunMs(from: Instant, ms: number, to: Instant): number {
	return Math.max(elapsedMs(from, to) - ms, suspendedMs(from, to));
}
