import { longestTimerMs, withDeadline } from "@x/base/clock";
import type { Opened } from "./session.ts";
import { isSessionError, SessionError } from "./session-error.ts";

/**
 * Calls the option `onOpen`, if it is set. Rejects as soon as the open is given up or the connection has ended, even if the
 * hook `onOpen` never settles: the caller then closes the connection.
 *
 * @param ended - aborts when the connection ends: a hook that takes long must not delay the next connection.
 * @returns whether the hook was called. A hook may take long, so after a call the session has to be verified again.
 * @throws a SessionError that the hook threw; SessionError (retry) for anything else that the hook threw; the reason of the
 * signal that aborted.
 */
export async function runOnOpen<Handle, Loss>(
	packageName: string,
	hook: ((opened: Opened<Handle, Loss>) => unknown) | undefined,
	opened: Opened<Handle, Loss>,
	ended?: AbortSignal,
): Promise<boolean> {
	if (!hook) return false;
	const failed = (cause?: unknown): SessionError =>
		new SessionError(`${packageName}: open failed: the option onOpen threw or rejected`, {
			disposition: { action: "retry" },
			cause,
		});
	const deadline = { ms: longestTimerMs, signal: opened.signal, other: ended, onTimeout: () => failed() };
	await withDeadline(deadline, async (signal) => {
		try {
			await hook({ ...opened, signal });
		} catch (cause) {
			throw isSessionError(cause) ? cause : failed(cause);
		}
		// The hook itself may have ended the connection, so the signal is checked after the hook.
		signal.throwIfAborted();
	});
	return true;
}
