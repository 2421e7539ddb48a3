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

/** Resolves after `ms` (24.8 days at most), or at once when the signal aborts; ask the signal which it was. Never rejects. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
	return new Promise((resolve) => {
		if (signal.aborted) return resolve();
		const finish = (): void => {
			clearTimeout(timer);
			signal.removeEventListener("abort", finish);
			resolve();
		};
		const timer = setTimeout(finish, Math.min(Math.max(0, ms), longestTimerMs));
		signal.addEventListener("abort", finish, { once: true });
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
 * Runs `work` with a signal that aborts after `ms` or with `signal`, and settles then even if the work does not.
 *
 * @throws CutOff after `ms`, the signal's reason when it aborts, or what the work threw.
 */
export async function within<T>(
	ms: number,
	signal: AbortSignal,
	what: string,
	work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
	signal.throwIfAborted();
	const controller = new AbortController();
	const cut = (reason: unknown): void => controller.abort(reason);
	const late = (): void => cut(new CutOff(`@x/keepalive: ${what} had no answer for ${Math.round(ms)} ms`));
	const timer = setTimeout(late, Math.min(Math.max(0, ms), longestTimerMs));
	const onAbort = (): void => cut(signal.reason);
	signal.addEventListener("abort", onAbort, { once: true });
	try {
		return await new Promise<T>((resolve, reject) => {
			controller.signal.addEventListener("abort", () => reject(controller.signal.reason), { once: true });
			work(controller.signal).then(resolve, reject);
		});
	} finally {
		clearTimeout(timer);
		signal.removeEventListener("abort", onAbort);
	}
}
