import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Link } from "./link.ts";

/** The levers and orders of several venues as JSON over HTTP on 127.0.0.1. */
export interface Control {
	/** Such as `http://127.0.0.1:40004`. */
	readonly url: string;
	close(): Promise<void>;
}

/**
 * Serves the control of venues:
 *
 * - `GET /` lists the levers of each venue;
 * - `GET /<venue>/orders` lists its orders and what cancelled them;
 * - `POST /<venue>/<lever>` with a JSON object (or nothing) as body pulls a lever and answers `{"result": …}`.
 *
 * An unknown venue or lever is 404, a body that is not a JSON object 400, a lever that throws 422: each with `error`.
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
		return; // The caller went away while sending.
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
	// Own members only: a lever named "constructor" does not exist.
	const lever = Object.hasOwn(link.faults, what) ? link.faults[what] : undefined;
	if (!lever || method !== "POST") return { status: 404, body: { error: `no ${method} ${what} at ${name}` } };
	const args = parseArgs(text);
	if (!args) return { status: 400, body: { error: "the body is not a JSON object" } };
	try {
		return { status: 200, body: { result: lever(args) ?? null } };
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
