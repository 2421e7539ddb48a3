/** The one place of this package that sets timers and reads clocks, so that a fake clock moves all of it. */

/** Milliseconds on a clock that never steps. Only differences mean something. */
export function monotonicMs(): number {
	return performance.now();
}

/** The longest delay a timer takes: a longer one would fire at once and turn a wait into a hot loop. */
export const longestTimerMs = 2_147_483_647;

/** Timers of some runtimes wake up to two milliseconds early: what is left then, in milliseconds, is not waited for again. */
export const earlyMs = 2;

/** Aborts never: for what only its deadline ends. No listener stays on it longer than its call. */
export const never: AbortSignal = new AbortController().signal;

/**
 * Resolves after `ms` (24.8 days at most), or at once when a signal aborts; ask the signals which it was. Never rejects.
 *
 * @param other - a second signal: one combined of two would cost more than all the rest of a sleep.
 */
export function sleep(ms: number, signal: AbortSignal, other?: AbortSignal): Promise<void> {
	return new Promise((resolve) => {
		if (signal.aborted || other?.aborted) return resolve();
		const finish = (): void => {
			clearTimeout(timer);
			signal.removeEventListener("abort", finish);
			other?.removeEventListener("abort", finish);
			resolve();
		};
		const timer = setTimeout(finish, Math.min(Math.max(0, ms), longestTimerMs));
		signal.addEventListener("abort", finish, { once: true });
		other?.addEventListener("abort", finish, { once: true });
	});
}

/** The work did not end in time, or its signal aborted first. */
export class CutOff extends Error {
	override readonly name = "CutOff";
}

/** Whether it is one, of whatever was thrown: even to ask a proxy may throw. */
export function isCutOff(error: unknown): boolean {
	try {
		return error instanceof CutOff;
	} catch {
		return false;
	}
}

/**
 * Runs `work` with a signal that aborts after `ms` or with the signals given, and settles then even if the work does not.
 *
 * @param other - a second signal.
 * @throws CutOff after `ms`, the reason of a signal that aborts, or what the work threw.
 */
export function within<T>(
	ms: number,
	signal: AbortSignal,
	what: string,
	work: (signal: AbortSignal) => Promise<T>,
	other?: AbortSignal,
): Promise<T> {
	return new Promise((resolve, reject) => {
		signal.throwIfAborted();
		other?.throwIfAborted();
		const controller = new AbortController();
		const over = (): void => {
			clearTimeout(timer);
			signal.removeEventListener("abort", onAbort);
			other?.removeEventListener("abort", onAbort);
		};
		const fail = (error: unknown): void => {
			over();
			reject(error);
		};
		const cut = (reason: unknown): void => {
			fail(reason);
			controller.abort(reason);
		};
		const onAbort = (): void => cut(signal.aborted ? signal.reason : other?.reason);
		const late = (): void => cut(new CutOff(`@x/keepalive: ${what} had no answer for ${Math.round(ms)} ms`));
		const timer = setTimeout(late, Math.min(Math.max(0, ms), longestTimerMs));
		signal.addEventListener("abort", onAbort, { once: true });
		other?.addEventListener("abort", onAbort, { once: true });
		try {
			work(controller.signal).then((value) => {
				over();
				resolve(value);
			}, fail);
		} catch (error) {
			fail(error);
		}
	});
}
