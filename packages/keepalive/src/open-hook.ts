import type { Opened } from "./session.ts";
import { isSessionError, SessionError } from "./session-error.ts";

/** The option `onOpen` of a session. A rejection or exception fails the open, which is then retried. */
export type OpenHook<Handle, Loss> = (opened: Opened<Handle, Loss>) => unknown;

/**
 * Calls the option `onOpen`, if it is set.
 *
 * @returns whether it was called. It may have taken long, so the session has to be verified again after it.
 * @throws SessionError (retry) for whatever the hook threw; the signal's reason when the open was given up meanwhile.
 */
export async function runOnOpen<Handle, Loss>(
	packageName: string,
	hook: OpenHook<Handle, Loss> | undefined,
	opened: Opened<Handle, Loss>,
): Promise<boolean> {
	if (!hook) return false;
	opened.signal.throwIfAborted();
	try {
		await hook(opened);
	} catch (cause) {
		opened.signal.throwIfAborted();
		if (isSessionError(cause)) throw cause;
		throw new SessionError(`${packageName}: open failed: the option onOpen threw or rejected`, {
			disposition: { action: "retry" },
			cause,
		});
	}
	opened.signal.throwIfAborted();
	return true;
}
