import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Link } from "./link.ts";

/** A server on 127.0.0.1 that shows orders and triggers faults of several venues over HTTP. */
export interface Control {
	/** Such as `http://127.0.0.1:40004`. */
	readonly url: string;
	close(): Promise<void>;
}

/**
 * Starts a control server for venues:
 *
 * - `GET /` lists the faults of each venue;
 * - `GET /<venue>/orders` lists the venue's orders with their cancel reasons;
 * - `POST /<venue>/<fault>` triggers a fault and returns `{"result": …}`. The body is a JSON object of arguments, or empty.
 *
 * Errors are `{"error": …}`: 404 for an unknown venue or fault, 400 for a body that is not a JSON object, 422 when the fault throws.
 *
 * @param port - default 0: a free port chosen by the system.
 */
export async function serveControl(links: readonly Link[], port = 0): Promise<Control> {
	const server = createServer((request, response) => void answer(links, request, response));
	await new Promise<void>((resolve, reject) => {
		server.once("error", reject);
		server.listen(port, "127.0.0.1", resolve);
	});
	// A listening TCP server's address is never a string or null.
	const { port: listening } = server.address() as AddressInfo;
	return {
		url: `http://127.0.0.1:${listening}`,
		close: async () => {
			const closed = new Promise<void>((resolve) => server.close(() => resolve()));
			server.closeAllConnections();
			await closed;
		},
	};
}

async function answer(links: readonly Link[], request: IncomingMessage, response: ServerResponse): Promise<void> {
	const chunks: Buffer[] = [];
	try {
		for await (const chunk of request) chunks.push(chunk as Buffer);
	} catch {
		return; // The caller disconnected before the request was complete.
	}
	const { status, body } = handle(
		links,
		request.method ?? "GET",
		request.url ?? "/",
		Buffer.concat(chunks).toString("utf8"),
	);
	response.writeHead(status, { "content-type": "application/json" });
	response.end(`${JSON.stringify(body)}\n`);
}

type Answer = { status: number; body: unknown };

function handle(links: readonly Link[], method: string, url: string, text: string): Answer {
	const [name = "", what = "", ...rest] = url.split("?")[0]?.split("/").slice(1) ?? [];
	if (name === "" && method === "GET") {
		return { status: 200, body: Object.fromEntries(links.map((link) => [link.name, Object.keys(link.faults)])) };
	}
	const link = links.find((candidate) => candidate.name === name);
	if (!link || rest.length > 0) return { status: 404, body: { error: `no venue at ${url}` } };
	if (what === "orders" && method === "GET") return { status: 200, body: link.orders() };
	// Own properties only: "constructor" is not a fault.
	const fault = Object.hasOwn(link.faults, what) ? link.faults[what] : undefined;
	if (!fault || method !== "POST") return { status: 404, body: { error: `no ${method} ${what} at ${name}` } };
	const args = parseArgs(text);
	if (!args) return { status: 400, body: { error: "the body is not a JSON object" } };
	try {
		return { status: 200, body: { result: fault(args) ?? null } };
	} catch (error) {
		return { status: 422, body: { error: error instanceof Error ? error.message : String(error) } };
	}
}

function parseArgs(text: string): Record<string, unknown> | undefined {
	if (text.trim() === "") return {};
	try {
		const value: unknown = JSON.parse(text);
		return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
	} catch {
		return undefined;
	}
}
