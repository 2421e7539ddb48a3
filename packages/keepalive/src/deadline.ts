import { withDeadline } from "@x/base/clock";

/** Something took longer than its deadline allowed. */
export class TimeoutError extends Error {
	override readonly name = "TimeoutError";
}

/** Whether it is a {@link TimeoutError}. Never throws, not even for a proxy. */
export function isTimeoutError(error: unknown): boolean {
	try {
		return error instanceof TimeoutError;
	} catch {
		return false;
	}
}

/**
 * Runs `work` with a signal that aborts after `ms` or with the signals given. Settles then even if the work does not.
 *
 * @param what - names the work in the error.
 * @param other - a second signal; combining two into one costs more than the call itself.
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
