import { BybitError, failed } from "./errors.ts";

/** The one place of this package that sets timers, so that a fake clock moves all of them. */

/** Milliseconds on a clock that never steps. Only differences mean something. */
export function monotonicMs(): number {
	return performance.now();
}

/** Its caller's signal has cut an attempt off. */
export function aborted(attempt: string): BybitError {
	return failed("aborted", attempt, "was given up by its caller.");
}

/**
 * Calls `onCut` after `ms`, or when `signal` aborts. Who is done before that calls what is returned.
 *
 * @param late - what did not happen in time.
 */
export function cutAfter(
	ms: number,
	signal: AbortSignal | undefined,
	attempt: string,
	onCut: (error: BybitError) => void,
	late = `${attempt} had no answer`,
): () => void {
	const onAbort = (): void => onCut(aborted(attempt));
	const timer = setTimeout(() => onCut(new BybitError("timeout", `${late} within ${ms} ms.`, { attempt })), ms);
	signal?.addEventListener("abort", onAbort);
	return () => {
		clearTimeout(timer);
		signal?.removeEventListener("abort", onAbort);
	};
}

/**
 * Runs `work` with a signal that aborts after `ms` or with `signal`, and settles then even if the work does not.
 *
 * @throws BybitError of kind `timeout` or `aborted`, or what the work threw.
 */
export async function withDeadline<T>(
	ms: number,
	signal: AbortSignal | undefined,
	attempt: string,
	work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
	if (signal?.aborted) throw aborted(attempt);
	const controller = new AbortController();
	let done: (() => void) | undefined;
	try {
		return await new Promise<T>((resolve, reject) => {
			done = cutAfter(ms, signal, attempt, (error) => {
				// Rejected first: work that rejects at the abort must not hide why it was cut.
				reject(error);
				controller.abort(error);
			});
			work(controller.signal).then(resolve, reject);
		});
	} finally {
		done?.();
	}
}
