import type { IncomingMessage } from "node:http";
import { isRecord } from "@x/base/objects";
import { Problem } from "./http-problem.ts";

const maxBytes = 10_000;

/** Reads the body of a request. @throws Problem (400 if the body is not a JSON object, 413 if it is too long) */
export async function readJsonObject(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
	const chunks: Buffer[] = [];
	let bytes = 0;
	// Chunks are buffers, because no encoding is set on the request.
	for await (const chunk of request as AsyncIterable<Buffer>) {
		bytes += chunk.byteLength;
		if (bytes > maxBytes) throw new Problem(413, `the body must have at most ${maxBytes} bytes`);
		chunks.push(chunk);
	}
	let value: unknown;
	try {
		value = JSON.parse(Buffer.concat(chunks).toString("utf8"));
	} catch {
		throw new Problem(400, "the body must be JSON");
	}
	if (!isRecord(value)) throw new Problem(400, "the body must be a JSON object");
	return value;
}
