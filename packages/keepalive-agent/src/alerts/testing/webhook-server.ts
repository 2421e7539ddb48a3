import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A request that a server received. */
export interface Received {
	readonly method: string;
	readonly path: string;
	readonly headers: IncomingMessage["headers"];
	readonly body: Readonly<Record<string, unknown>>;
	readonly at: number;
}

/** A function that answers a request to the test server. */
export type Answer = (response: ServerResponse, received: Received) => void;

/** Answers with a status, a body and headers. */
export const answerWith =
	(status: number, body = "", headers: Readonly<Record<string, string>> = {}): Answer =>
	(response) => {
		response.writeHead(status, headers).end(body);
	};

/** A server on 127.0.0.1 that stores the requests that it receives, and answers as the test chooses: slowly, wrongly, or not at all. */
export async function hookServer(first: Answer = answerWith(200, "ok")) {
	const received: Received[] = [];
	let answer = first;
	const server = createServer(async (request, response) => {
		const chunks: Buffer[] = [];
		// Chunks are buffers, because no encoding is set on the request.
		for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
		const text = Buffer.concat(chunks).toString("utf8");
		const { method = "", url: path = "", headers } = request;
		const body: Received["body"] = text.startsWith("{") ? JSON.parse(text) : {};
		const each = { method, path, headers, body, at: performance.now() };
		received.push(each);
		answer(response, each);
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	// The cast is safe: a server that listens on a TCP port has an address of this type.
	const { port } = server.address() as AddressInfo;
	return {
		url: `http://127.0.0.1:${port}`,
		received,
		answer(next: Answer): void {
			answer = next;
		},
		/** Waits until the server has received this many requests. */
		async until(count: number): Promise<void> {
			while (received.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
		},
		close(): Promise<void> {
			server.closeAllConnections();
			return new Promise((resolve) => server.close(() => resolve()));
		},
	};
}

export type HookServer = Awaited<ReturnType<typeof hookServer>>;
