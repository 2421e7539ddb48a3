import type { IncomingMessage } from "node:http";

/** Sending the body may take at most this many milliseconds. */
const bodyMs = 10_000;

/**
 * Reads the body of a request. If the body is longer than `maxBytes`, only a little more than `maxBytes` is returned, and the rest is
 * discarded.
 */
export function readRequestBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
	const chunks: Buffer[] = [];
	let bytes = 0;
	request.setTimeout(bodyMs, () => request.destroy());
	// The body is not read with `for await`: leaving such a loop destroys the request, and with it the connection, before the answer is sent.
	return new Promise((resolve, reject) => {
		request.on("data", (chunk: Buffer) => {
			if (bytes > maxBytes) return;
			chunks.push(chunk);
			bytes += chunk.length;
			if (bytes > maxBytes) resolve(Buffer.concat(chunks.splice(0)));
		});
		request.once("end", () => {
			// The deadline ends with the body, because the answer may take longer.
			request.setTimeout(0);
			resolve(Buffer.concat(chunks));
		});
		request.once("error", reject);
		request.once("close", () => reject(new Error("the connection ended before the whole body was read")));
	});
}
