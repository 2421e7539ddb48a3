import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Link } from "./network-link.ts";
import { readBody, refuseBody } from "./request-body.ts";

/**
 * Starts a control server on 127.0.0.1, which lists the orders and triggers the faults of several venues over HTTP:
 *
 * - `GET /` lists the faults of each venue;
 * - `GET /<venue>/orders` lists the venue's orders with their cancel reasons;
 * - `POST /<venue>/<fault>` triggers a fault and returns `{"result": …}`. The body is a JSON object of arguments with
 *   content type `application/json`, or empty.
 *
 * Errors are `{"error": …}`. The status is 404 for an unknown venue or fault (with the names that exist), and 405 for
 * another method. For the body it is 400 if it is not a JSON object, 413 if it is above 64 KiB, and 415 if it has
 * another content type. It is 422 if the fault throws or its result cannot be converted to JSON.
 *
 * Web pages in a browser cannot use the server: a request whose `Host` is not this machine, or that has an `Origin`
 * other than the server's own, gets 403.
 *
 * @param port - the port to listen on. Default 0: a free port chosen by the system.
 * @returns the `url` of the server, such as `http://127.0.0.1:40004`, and a function that closes the server.
 */
export async function serveControl(
	links: readonly Link[],
	port = 0,
): Promise<{ readonly url: string; close(): Promise<void> }> {
	const server = createServer((request, response) => void answer(links, request, response));
	await new Promise<void>((resolve, reject) => {
		server.once("error", reject);
		server.listen(port, "127.0.0.1", resolve);
	});
	// The cast is safe: the address of a listening TCP server is never a string or null.
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
	const body = await readBody(request, maxBodyBytes);
	if (body.kind === "aborted") return;
	if (body.kind === "too-large") {
		refuseBody(request, response, toJson({ error: `the body must not be longer than ${maxBodyBytes} bytes` }));
		return;
	}
	const { status, headers, text } = replyTo(links, request, body.text);
	response.writeHead(status, { "content-type": "application/json", ...headers });
	response.end(text);
}

const maxBodyBytes = 65_536;

interface Answer {
	status: number;
	headers?: Readonly<Record<string, string>>;
	text: string;
}

function replyTo(links: readonly Link[], request: IncomingMessage, body: string): Answer {
	const { method = "GET", url = "/", headers, socket } = request;
	const hosts = ["127.0.0.1", "localhost"].map((host) => `${host}:${socket.localPort}`);
	const isOwnHost = hosts.includes(headers.host?.toLowerCase() ?? "");
	if (!isOwnHost)
		return refusal(403, `the header Host must be ${hosts.join(" or ")}, got ${JSON.stringify(headers.host)}`);
	const isOwnOrigin = headers.origin === undefined || hosts.some((host) => headers.origin === `http://${host}`);
	if (!isOwnOrigin) return refusal(403, "the header Origin must be the address of this server, or absent");

	const path = url.split("?")[0] ?? "/";
	const [name = "", what = "", ...rest] = path.split("/").slice(1);
	if (path === "/") {
		if (method !== "GET") return notAllowed("GET");
		return success(Object.fromEntries(links.map((link) => [link.name, Object.keys(link.faults)])));
	}
	const link = links.find((candidate) => candidate.name === name);
	if (!link) return refusal(404, `there is no venue "${name}" (venues: ${links.map((each) => each.name).join(", ")})`);
	if (rest.length > 0) return refusal(404, `there is nothing at ${path}: use /<venue>/orders or /<venue>/<fault>`);
	if (what === "orders") return method === "GET" ? success(link.orders()) : notAllowed("GET");
	// Only own properties are faults, not inherited ones such as "constructor".
	const fault = Object.hasOwn(link.faults, what) ? link.faults[what] : undefined;
	if (!fault) return refusal(404, `${name} has no fault "${what}" (faults: ${Object.keys(link.faults).join(", ")})`);
	if (method !== "POST") return notAllowed("POST");
	const isJson = /^application\/json\s*(;|$)/i.test(headers["content-type"] ?? "");
	if (body !== "" && !isJson) return refusal(415, "the content type of the body must be application/json");
	const args = parseArgs(body);
	if (!args) return refusal(400, "the body must be a JSON object or empty");
	try {
		return success({ result: fault(args) ?? null });
	} catch (error) {
		return refusal(422, error instanceof Error ? error.message : String(error));
	}
}

function success(body: unknown): Answer {
	return { status: 200, text: toJson(body) };
}

function refusal(status: number, error: string): Answer {
	return { status, text: toJson({ error }) };
}

function notAllowed(allow: string): Answer {
	return { ...refusal(405, `the method for this path must be ${allow}`), headers: { allow } };
}

function toJson(body: unknown): string {
	return `${JSON.stringify(body)}\n`;
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
