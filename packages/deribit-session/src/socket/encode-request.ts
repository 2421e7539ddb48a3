import { DeribitError, isDeribitError } from "../errors.ts";

/**
 * The longest request that is sent, in bytes. The venue refuses a frame over "32 kB", which can mean 32 000 or 32 768
 * bytes.
 */
const maxFrameBytes = 32_000;

/**
 * The text of a request.
 *
 * @throws {DeribitError} of kind `request` when the parameters cannot be converted to JSON, or the request is too
 * large.
 */
export function encodeRequest(id: number, method: string, params: unknown): string {
	let text: string;
	try {
		text = JSON.stringify({ jsonrpc: "2.0", id, method, params: params ?? {} });
	} catch {
		throw requestError(method, "the parameters cannot be converted to JSON");
	}
	return withinLimit(text, method);
}

/**
 * The text of a request whose parameters are passed as JSON text.
 *
 * @throws {DeribitError} of kind `request` when the request is too large.
 */
export function encodeRelayed(id: number, method: string, paramsText: string): string {
	return withinLimit(`{"jsonrpc":"2.0","id":${id},"method":"${method}","params":${paramsText}}`, method);
}

function withinLimit(text: string, method: string): string {
	// A UTF-16 code unit takes at most three bytes in UTF-8. A text of at most a third of the limit therefore fits, and
	// its bytes need not be counted.
	if (text.length * 3 <= maxFrameBytes) return text;
	const bytes = new TextEncoder().encode(text).length;
	if (bytes <= maxFrameBytes) return text;
	throw requestError(method, `the request has ${bytes} bytes (at most ${maxFrameBytes} are allowed). Split it`);
}

/** The error of a call that cannot be sent. */
export function requestError(call: string, problem: string): DeribitError {
	return new DeribitError(`not sent: ${problem}`, { kind: "request", call });
}

/** The error of a request for which `socket.send` threw. */
export function sendError(call: string, error: unknown): DeribitError {
	if (isDeribitError(error)) return error;
	return new DeribitError("not sent: WebSocket.send() failed. Reconnect", { kind: "network", call });
}
