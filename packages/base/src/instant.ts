import { monotonicMs } from "./clock.ts";

/** One moment on both clocks. The monotonic clock never steps, the wall clock also counts while the machine is suspended. */
export interface Instant {
	readonly monotonicMs: number;
	/** Epoch milliseconds. */
	readonly wallMs: number;
}

/** @param now - the wall clock, in epoch milliseconds. */
export function instantNow(now: () => number): Instant {
	return { monotonicMs: monotonicMs(), wallMs: now() };
}

/** Milliseconds between two instants on the monotonic clock. */
export function elapsedMs(from: Instant, to: Instant): number {
	return to.monotonicMs - from.monotonicMs;
}

/** Milliseconds between two instants on the wall clock. Negative when that clock was set back. */
export function wallElapsedMs(from: Instant, to: Instant): number {
	return to.wallMs - from.wallMs;
}

/** Milliseconds between two instants by the clock that counted more, monotonic or wall. */
export function longestElapsedMs(from: Instant, to: Instant): number {
	return Math.max(elapsedMs(from, to), wallElapsedMs(from, to));
}

/** Whether more than `ms` passed between two instants by any clock. Exactly `ms` is not more. */
export function isOlderThan(from: Instant, ms: number, to: Instant): boolean {
	return longestElapsedMs(from, to) > ms;
}

/** Milliseconds for which the machine was suspended between two instants. A wall clock that was set back counts as 0. */
export function suspendedMs(from: Instant, to: Instant): number {
	return Math.max(0, wallElapsedMs(from, to) - elapsedMs(from, to));
}

/** By how many milliseconds a wait of `ms` took too long, because the event loop was blocked or the machine suspended. */
export function overrunMs(from: Instant, ms: number, to: Instant): number {
	return Math.max(elapsedMs(from, to) - ms, suspendedMs(from, to));
}
