/**
 * Calls a function of the user's program, such as a callback. If the function throws or its promise rejects, the error goes to
 * `onFault`, so that it neither interrupts the caller nor ends the process as an unhandled rejection.
 *
 * @param onFault - receives the error; must not throw.
 */
export function callSafely(call: () => unknown, onFault: (error: unknown) => void = () => undefined): void {
	try {
		handleRejection(call(), onFault);
	} catch (error) {
		onFault(error);
	}
}

/**
 * Reports the rejection of a promise that a function of the user's program returned: the error goes to `onFault`. The
 * promise is not awaited. Other values are ignored.
 */
export function handleRejection(returned: unknown, onFault: (error: unknown) => void = () => undefined): void {
	if (returned instanceof Promise) returned.catch(onFault);
}
