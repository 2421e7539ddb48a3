import { withDeadline } from "@x/base/clock";

/** The error of a call that took longer than its deadline allowed. */
export class TimeoutError extends Error {
	override readonly name = "TimeoutError";
}

/** Whether an error is a {@link TimeoutError}. Never throws, not even for a proxy whose property reads throw. */
export function isTimeoutError(error: unknown): boolean {
	try {
		return error instanceof TimeoutError;
	} catch {
		return false;
	}
}

/**
 * Runs the function `work` with an abort signal that aborts after `ms` milliseconds, or when one of the given signals aborts.
 * The returned promise then settles even if the work does not.
 *
 * @param what - names the work in the message of the error.
 * @param other - a second signal. The two signals are separate parameters, because combining two signals into one costs more
 * than the call itself.
 * @throws TimeoutError after `ms`, the reason of a signal that aborts, or what the work threw.
 */
export function withTimeout<T>(
	ms: number,
	signal: AbortSignal,
	what: string,
	work: (signal: AbortSignal) => Promise<T>,
	other?: AbortSignal,
): Promise<T> {
	const onTimeout = (): TimeoutError => new TimeoutError(`@x/keepalive: ${what} timed out after ${Math.round(ms)} ms.`);
	return withDeadline({ ms, signal, other, onTimeout }, work);
}
