import type { IncomingMessage } from "node:http";

/** How long a body may take. */
const bodyMs = 10_000;

/** Reads the body of a request; of one that is longer than `maxBytes` somewhat more than these. The rest is read and thrown away. */
export function readRequestBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
	const chunks: Buffer[] = [];
	let bytes = 0;
	request.setTimeout(bodyMs, () => request.destroy());
	// No `for await`: to leave such a loop destroys the request, and its connection with it, before the answer is sent.
	return new Promise((resolve, reject) => {
		request.on("data", (chunk: Buffer) => {
			if (bytes > maxBytes) return;
			chunks.push(chunk);
			bytes += chunk.length;
			if (bytes > maxBytes) resolve(Buffer.concat(chunks.splice(0)));
		});
		request.once("end", () => {
			// The deadline is for the body alone: the answer may take longer.
			request.setTimeout(0);
			resolve(Buffer.concat(chunks));
		});
		request.once("error", reject);
		request.once("close", () => reject(new Error("the connection ended before the whole body was read")));
	});
}
