import type { IncomingMessage } from "node:http";
import { type Agent, request as httpsRequest } from "node:https";
import { Readable } from "node:stream";
import { OptionError } from "@x/base/errors";
import { packageName } from "../errors.ts";
import { ibkrDefaults } from "../options.ts";
import { gatewayAgent } from "./https-agent.ts";
import { type GatewayFetchOptions, resolveGatewayOptions } from "./options.ts";

/** A `fetch` for one gateway. */
export interface GatewayFetch {
	(input: string | URL | Request, init?: RequestInit): Promise<Response>;
	/** An agent that trusts the gateway's certificate, for other connections, such as a WebSocket of `ws`. */
	readonly agent: Agent;
	/** Closes all connections; pending requests fail. The `fetch` can be used again afterwards. */
	close(): void;
	/** Does the same as `close`, so that the object can be declared with `using`. */
	[Symbol.dispose](): void;
}

/**
 * Creates a `fetch` that trusts the self-signed certificate of one gateway, and sends requests to that gateway only.
 *
 * The `fetch` keeps connections open between calls, follows no redirect, sends a Content-Length with every POST, and honors the
 * signal until the whole reply is read. The rest of the process is not affected.
 *
 * @throws OptionError for wrong options. A request to another host rejects with an OptionError too. All other failures
 * reject like those of the global `fetch`: with a TypeError whose cause has a `code`, or with the reason of the signal.
 */
export function gatewayFetch(options: GatewayFetchOptions): GatewayFetch {
	const { origin, trust } = resolveGatewayOptions(options);
	const agent = gatewayAgent(trust);
	const send = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
		const request = new Request(input, init);
		if (new URL(request.url).origin !== origin) {
			const problem = `of gatewayFetch allows requests to ${origin} only: give the client the same baseUrl`;
			throw new OptionError(packageName, "baseUrl", problem);
		}
		const body = Buffer.from(await request.arrayBuffer());
		// The signal is checked after the body was read, so that an abort during the reading is not missed.
		request.signal.throwIfAborted();
		return sendRequest(agent, request, body);
	};
	const close = (): void => agent.destroy();
	return Object.assign(send, { agent, close, [Symbol.dispose]: close });
}

const emptyStatuses = new Set([204, 205, 304]);

function sendRequest(agent: Agent, request: Request, body: Buffer): Promise<Response> {
	const headers: Record<string, string> = {
		"user-agent": ibkrDefaults.userAgent,
		...Object.fromEntries(request.headers),
	};
	// The venue answers 411 to a POST without a Content-Length, even if the POST has no body.
	if (request.method !== "GET" && request.method !== "HEAD") headers["content-length"] = String(body.length);
	const { signal, method, url } = request;
	return new Promise<IncomingMessage>((resolve, reject) => {
		const sent = httpsRequest(url, { agent, method, headers }, resolve);
		signal.addEventListener("abort", () => sent.destroy(), { once: true });
		sent.on("error", reject);
		sent.end(body);
	})
		.then((message) => toResponse(message, signal))
		.catch((error: unknown) => {
			throw signal.aborted ? signal.reason : new TypeError("fetch failed", { cause: error });
		});
}

/**
 * The response to a request; its body is read as a stream. Throws for a status or header that the class Response
 * refuses.
 */
function toResponse(message: IncomingMessage, signal: AbortSignal): Response {
	signal.addEventListener("abort", () => message.destroy(signal.reason), { once: true });
	// An error event without a listener would end the process, so this listener ignores the error. The reader of the body also gets the
	// error.
	message.on("error", () => undefined);
	const { statusCode: status = 0, rawHeaders } = message;
	try {
		const headers = new Headers();
		for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
			headers.append(rawHeaders[at] ?? "", rawHeaders[at + 1] ?? "");
		}
		if (!emptyStatuses.has(status)) {
			// The cast is safe: Node's type of a web stream and the global type describe the same class.
			return new Response(Readable.toWeb(message) as ReadableStream<Uint8Array>, { status, headers });
		}
		message.resume();
		return new Response(null, { status, headers });
	} catch (error) {
		message.destroy();
		throw error;
	}
}
