/**
 * In the published packages, only this file sets timers and reads the monotonic clock. To control all timers, a test
 * therefore has to fake only the functions that this file uses.
 */

/**
 * Milliseconds on the monotonic clock, which nobody can set. Only the difference between two values is meaningful: the clock may
 * start below 0.
 */
export function monotonicMs(): number {
	return performance.now();
}

/** The longest delay that a timer accepts. A timer with a longer delay would fire at once. */
export const longestTimerMs = 2_147_483_647;

/** The timers of some runtimes fire early, by up to this many milliseconds. */
export const timerToleranceMs = 2;

/** A signal that never aborts, for work that only a deadline can end. */
export const neverAborted: AbortSignal = /* @__PURE__ */ (() => new AbortController().signal)();

/** Runs `action` once after `ms` milliseconds. Returns a function that cancels the timer. */
export function after(ms: number, action: () => void): () => void {
	const timer = setTimeout(action, ms);
	return () => clearTimeout(timer);
}

const timerDelay = (ms: number): number => Math.min(Math.max(0, ms), longestTimerMs);

/**
 * Resolves after `ms` (at most 24.8 days) or when a signal aborts. Never rejects: to learn why it resolved, check whether the
 * signals have aborted.
 *
 * @param other - a second signal. The two signals are separate parameters, because to combine two signals into one
 * takes more processor time than the sleep itself.
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

/** Resolves after `ms` milliseconds. Rejects with the reason of the signal when the signal aborts before that. */
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

/**
 * The time limit of the work that {@link withDeadline} runs, the signals that end the work early, and the errors for both cases.
 */
export interface Deadline {
	/** How many milliseconds the work may take. */
	readonly ms: number;
	/** A signal that ends the work early when it aborts. */
	readonly signal?: AbortSignal | undefined;
	/** A second signal that ends the work early when it aborts. */
	readonly other?: AbortSignal | undefined;
	/** Creates the error for work that took longer than `ms`. Not called in any other case. */
	onTimeout(): unknown;
	/** Creates the error when a signal has aborted. Default: the reason of the signal. */
	onAbort?(reason: unknown): unknown;
}

/**
 * Runs `work` with a signal that aborts at the deadline or when one of the given signals aborts. The returned promise settles at
 * that time even if `work` does not. If a given signal has already aborted, `work` is not called.
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
			// The promise rejects before the work is aborted. In the other order, work that rejects when it is aborted would
			// reject the promise first, with its own error.
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
