import { monotonicMs, sleep } from "@x/base/clock";
import { instantNow, suspendedMs } from "@x/base/instant";
import { dispositionOf, hasEnded, SessionError } from "../session-error.ts";
import { causeOf } from "../status/status.ts";

/** Long sleeps are cut into slices of this length, so that a suspended machine is noticed soon after it wakes. */
export const maxSleepMs = 30_000;

/** The result of some work, and how long this process or machine stalled meanwhile. */
export interface WatchedResult<T> {
	readonly value: T;
	/** The longest delay of a timer: the event loop was blocked for this many milliseconds. */
	readonly blockedMs: number;
	/** Milliseconds for which the machine was suspended. */
	readonly suspendedMs: number;
}

/**
 * Runs work of any length and measures stalls meanwhile: a result that was received before a stall may be outdated.
 *
 * A blocked event loop shows as a timer that fires late. A suspended machine stops the monotonic clock, and shows as a wall
 * clock that advanced further.
 */
export async function watchForStalls<T>(
	{ now, stallMs }: { readonly now: () => number; readonly stallMs: number },
	work: () => Promise<T>,
): Promise<WatchedResult<T>> {
	const done = new AbortController();
	const start = instantNow(now);
	let blockedMs = 0;
	let dueAt = monotonicMs();
	const measure = (): void => {
		blockedMs = Math.max(blockedMs, monotonicMs() - dueAt);
	};
	const tick = async (): Promise<void> => {
		while (!done.signal.aborted) {
			dueAt = monotonicMs() + stallMs;
			await sleep(stallMs, done.signal);
			if (!done.signal.aborted) measure();
		}
	};
	void tick();
	try {
		const value = await work();
		// The result may arrive before a tick that is overdue.
		measure();
		return { value, blockedMs, suspendedMs: suspendedMs(start, instantNow(now)) };
	} finally {
		done.abort();
	}
}

/** The error for a stall: the session has to be checked before it is called alive or lost. */
export function stallError(session: string, stalledMs: number): SessionError {
	return new SessionError(`${stalled(stalledMs)}; checking ${session} again`, { disposition: { action: "retry" } });
}

/** The error for a loss after a stall. The stall is the likely cause, so it comes first; the disposition is that of the loss. */
export function lossAfterStall(stalledMs: number, error: unknown): SessionError {
	return new SessionError(`${stalled(stalledMs)}; then: ${causeOf(error).message}`, {
		disposition: dispositionOf(error),
		session: hasEnded(error) ? "ended" : "unclear",
		kind: "stall",
		cause: error,
	});
}

function stalled(ms: number): string {
	return `@x/keepalive: this process or machine stalled for ${Math.round(ms)} ms`;
}
