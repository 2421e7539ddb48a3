import type { IncomingMessage } from "node:http";

/** How long a body may take. */
const bodyMs = 10_000;

/** Reads the body of a request; of one that is longer than `maxBytes` somewhat more than these. */
export async function readRequestBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
	const chunks: Buffer[] = [];
	let bytes = 0;
	request.setTimeout(bodyMs, () => request.destroy());
	for await (const chunk of request) {
		// The cast: a request without an encoding gives buffers.
		chunks.push(chunk as Buffer);
		bytes += (chunk as Buffer).length;
		if (bytes > maxBytes) return Buffer.concat(chunks);
	}
	// The deadline is for the body alone: the answer may take longer.
	request.setTimeout(0);
	return Buffer.concat(chunks);
}
