import { DeribitError, isDeribitError } from "../errors.ts";

/** The venue refuses a frame over "32 kB"; the smaller reading of it is sure to pass. */
const largestFrame = 32_000;

/** The text of a request. @throws {DeribitError} of kind `request` when it cannot be one or is too large. */
export function encodeRequest(id: number, method: string, params: unknown): string {
	let text: string;
	try {
		text = JSON.stringify({ jsonrpc: "2.0", id, method, params: params ?? {} });
	} catch {
		throw new DeribitError(`the parameters of ${method} cannot be written as JSON; nothing was sent`, {
			kind: "request",
			method,
		});
	}
	// No character of a text takes more than three bytes: the usual request need not be counted.
	if (text.length * 3 <= largestFrame) return text;
	const bytes = new TextEncoder().encode(text).length;
	if (bytes <= largestFrame) return text;
	throw new DeribitError(
		`${method} would be ${bytes} bytes and the venue takes ${largestFrame} at most; nothing was sent, so split it`,
		{ kind: "request", method },
	);
}

/** A call that cannot be made as it was asked for. */
export function misuse(method: string, why: string): DeribitError {
	return new DeribitError(`${why}; nothing was sent`, { kind: "request", method });
}

/** Why a request could not be sent. */
export function sendFailure(method: string, error: unknown): DeribitError {
	if (isDeribitError(error)) return error;
	return new DeribitError(`${method} could not be sent over the socket; connect anew`, { kind: "network", method });
}
