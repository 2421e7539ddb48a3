/**
 * This is the only file of the published packages that sets timers and reads the monotonic clock, so that a fake clock
 * controls all timers.
 */

/**
 * Milliseconds on the monotonic clock, which nobody can set. Only differences are meaningful: the clock may start below
 * 0.
 */
export function monotonicMs(): number {
	return performance.now();
}

/** The longest delay that a timer accepts. A timer with a longer delay would fire at once. */
export const longestTimerMs = 2_147_483_647;

/** Timers of some runtimes fire up to this many milliseconds early. */
export const timerToleranceMs = 2;

/** A signal that never aborts, for work that ends only at a deadline. */
export const neverAborted: AbortSignal = /* @__PURE__ */ (() => new AbortController().signal)();

/** Runs `action` once after `ms`. The returned function cancels the timer. */
export function after(ms: number, action: () => void): () => void {
	const timer = setTimeout(action, ms);
	return () => clearTimeout(timer);
}

const timerDelay = (ms: number): number => Math.min(Math.max(0, ms), longestTimerMs);

/**
 * Resolves after `ms` (24.8 days at most) or when a signal aborts. Never rejects: check whether the signals have
 * aborted to learn why it resolved.
 *
 * @param other - a second signal. Two parameters, because combining two signals into one costs more than the whole
 * sleep.
 * @param onStart - receives a function that ends the sleep early.
 */
export function sleep(
	ms: number,
	signal: AbortSignal,
	other?: AbortSignal,
	onStart?: (wake: () => void) => void,
): Promise<void> {
	return new Promise((resolve) => {
		if (signal.aborted || other?.aborted) return resolve();
		const finish = (): void => {
			clearTimeout(timer);
			signal.removeEventListener("abort", finish);
			other?.removeEventListener("abort", finish);
			resolve();
		};
		const timer = setTimeout(finish, timerDelay(ms));
		signal.addEventListener("abort", finish, { once: true });
		other?.addEventListener("abort", finish, { once: true });
		onStart?.(finish);
	});
}

/** Resolves after `ms`, or rejects with the signal's reason when it aborts. */
export function sleepOrReject(ms: number, signal: AbortSignal): Promise<void> {
	return new Promise((resolve, reject) => {
		signal.throwIfAborted();
		const onAbort = (): void => {
			clearTimeout(timer);
			reject(signal.reason);
		};
		const timer = setTimeout(() => {
			signal.removeEventListener("abort", onAbort);
			resolve();
		}, timerDelay(ms));
		signal.addEventListener("abort", onAbort, { once: true });
	});
}

/** When {@link withDeadline} gives up, and with which error. */
export interface Deadline {
	/** Milliseconds that the work may take. */
	readonly ms: number;
	/** Ends the work early. */
	readonly signal?: AbortSignal | undefined;
	/** A second signal that ends the work early. */
	readonly other?: AbortSignal | undefined;
	/** Creates the error for work that took too long. Called only at the deadline. */
	onTimeout(): unknown;
	/** Creates the error for a signal that aborted. Default: the signal's reason. */
	onAbort?(reason: unknown): unknown;
}

/**
 * Runs `work` with a signal that aborts at the deadline or when one of the given signals aborts. The returned promise
 * settles at that time even if `work` does not. `work` is not called when a signal has aborted already.
 *
 * @throws the error that `onTimeout` or `onAbort` created, or the error of `work`.
 */
export function withDeadline<T>(deadline: Deadline, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
	const { ms, signal, other } = deadline;
	return new Promise((resolve, reject) => {
		const abortError = (): unknown => {
			const reason: unknown = signal?.aborted ? signal.reason : other?.reason;
			return deadline.onAbort ? deadline.onAbort(reason) : reason;
		};
		if (signal?.aborted || other?.aborted) return reject(abortError());
		const controller = new AbortController();
		const settle = (): void => {
			clearTimeout(timer);
			signal?.removeEventListener("abort", onAbort);
			other?.removeEventListener("abort", onAbort);
		};
		const fail = (error: unknown): void => {
			settle();
			reject(error);
		};
		const cut = (error: unknown): void => {
			// Reject before aborting: if the work rejects when it is aborted, its error must not hide the reason.
			fail(error);
			controller.abort(error);
		};
		const onAbort = (): void => cut(abortError());
		const timer = setTimeout(() => cut(deadline.onTimeout()), timerDelay(ms));
		signal?.addEventListener("abort", onAbort, { once: true });
		other?.addEventListener("abort", onAbort, { once: true });
		try {
			work(controller.signal).then((value) => {
				settle();
				resolve(value);
			}, fail);
		} catch (error) {
			fail(error);
		}
	});
}
