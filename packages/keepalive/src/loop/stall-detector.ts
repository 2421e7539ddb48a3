import { monotonicMs, sleep } from "@x/base/clock";
import { instantNow, suspendedMs } from "@x/base/instant";
import { dispositionOf, hasEnded, SessionError } from "../session-error.ts";
import { causeOf } from "../status/status.ts";

/**
 * The longest single sleep, in milliseconds. Longer sleeps are divided, so that a suspension of the machine is noticed soon
 * after it wakes.
 */
export const maxSleepMs = 30_000;

/** The result of some work, and how long this process or machine stalled while the work ran. */
export interface WatchedResult<T> {
	readonly value: T;
	/** For how many milliseconds the event loop was blocked: the longest delay with which a timer fired. */
	readonly blockedMs: number;
	/** For how many milliseconds the machine was suspended. */
	readonly suspendedMs: number;
}

/**
 * Runs work of any length, and measures the stalls while it runs: a result that was received before a stall may be outdated.
 *
 * A timer that fires late shows that the event loop was blocked. A wall clock that advanced further than the monotonic clock
 * shows that the machine was suspended, because the monotonic clock stops then.
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
		// The result may arrive before a timer that is overdue has fired, so the delay is measured here as well.
		measure();
		return { value, blockedMs, suspendedMs: suspendedMs(start, instantNow(now)) };
	} finally {
		done.abort();
	}
}

/** The error for a stall. The session has to be verified before it is called alive or lost. */
export function stallError(session: string, stalledMs: number): SessionError {
	return new SessionError(`${stalled(stalledMs)}; checking ${session} again`, { disposition: { action: "retry" } });
}

/**
 * The error for a loss after a stall. Its message names the stall first, because the stall is the likely cause. Its disposition
 * is that of the given error.
 */
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
