/**
 * Calls a function of the program, such as a callback. What it throws, or rejects with if it is an async one, goes to `onFault`: it must
 * not end what called it, nor the process as an unhandled rejection.
 *
 * @param onFault - must not throw.
 */
export function callSafely(call: () => unknown, onFault: (error: unknown) => void = () => undefined): void {
	try {
		handleRejection(call(), onFault);
	} catch (error) {
		onFault(error);
	}
}

/** Handles the rejection of what a function of the program returned, in case it is an async one. The promise is not awaited. */
export function handleRejection(returned: unknown, onFault: (error: unknown) => void = () => undefined): void {
	if (returned instanceof Promise) returned.catch(onFault);
}
