/**
 * Calls a function of the program, such as a callback. What it throws, or rejects with if it is an async one, goes to `onFault`: it must
 * not end what called it, nor the process as an unhandled rejection.
 *
 * @param onFault - must not throw.
 */
export function callSafely(call: () => unknown, onFault: (error: unknown) => void = () => undefined): void {
	try {
		const returned = call();
		if (returned instanceof Promise) returned.catch(onFault);
	} catch (error) {
		onFault(error);
	}
}
