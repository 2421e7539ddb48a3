import type { IncomingMessage, ServerResponse } from "node:http";

/**
 * The body of a request as text, or the reason why there is none: the body was above the limit, or the client disconnected before the end
 * of the body.
 */
export type RequestBody = { kind: "complete"; text: string } | { kind: "too-large" } | { kind: "aborted" };

/** Reads the body of a request up to a limit. Never rejects. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<RequestBody> {
	if (Number(request.headers["content-length"]) > maxBytes) return { kind: "too-large" };
	const chunks: Buffer[] = [];
	let bytes = 0;
	try {
		for await (const chunk of request.iterator({ destroyOnReturn: false })) {
			// The cast is safe: a request without `setEncoding` yields buffers.
			const buffer = chunk as Buffer;
			bytes += buffer.length;
			if (bytes > maxBytes) return { kind: "too-large" };
			chunks.push(buffer);
		}
	} catch {
		return { kind: "aborted" };
	}
	return { kind: "complete", text: Buffer.concat(chunks).toString("utf8") };
}

/**
 * Replies 413 to a body that is too large. The rest of the body is read and discarded, so that the client gets the
 * reply.
 */
export function refuseBody(request: IncomingMessage, response: ServerResponse, text: string): void {
	request.resume();
	response.writeHead(413, { connection: "close", "content-type": "application/json" });
	response.end(text);
}
