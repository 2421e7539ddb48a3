import { BybitError } from "./errors.ts";

/** The one place of this package that sets timers, so that a fake clock moves all of them. */

/** Milliseconds on a clock that never steps. Only differences mean something. */
export function monotonicMs(): number {
	return performance.now();
}

/** How a piece of work was cut off. */
export type CutOff = "timeout" | "aborted";

/** The errors of a piece of work that is cut off; `late` says what did not happen in time. */
export function cutAs(attempt: string, ms: number, late = `${attempt} had no answer`): (why: CutOff) => BybitError {
	return (why) =>
		why === "timeout"
			? new BybitError(why, `${late} within ${ms} ms.`, { attempt })
			: new BybitError(why, `${attempt} was given up by its caller.`, { attempt });
}

/**
 * Runs `work` with a signal that aborts after `ms` or with `signal`, and settles then even if the work does not.
 *
 * @throws what `onCut` makes of it, or what the work threw.
 */
export async function withDeadline<T>(
	ms: number,
	signal: AbortSignal | undefined,
	onCut: (why: CutOff) => Error,
	work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
	if (signal?.aborted) throw onCut("aborted");
	const controller = new AbortController();
	let timer: ReturnType<typeof setTimeout> | undefined;
	let onAbort: (() => void) | undefined;
	try {
		return await new Promise<T>((resolve, reject) => {
			const cut = (why: CutOff): void => {
				const error = onCut(why);
				// Rejected first: work that rejects at the abort must not hide why it was cut.
				reject(error);
				controller.abort(error);
			};
			timer = setTimeout(() => cut("timeout"), ms);
			onAbort = () => cut("aborted");
			signal?.addEventListener("abort", onAbort, { once: true });
			work(controller.signal).then(resolve, reject);
		});
	} finally {
		clearTimeout(timer);
		if (onAbort) signal?.removeEventListener("abort", onAbort);
	}
}
