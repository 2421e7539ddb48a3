import type { IncomingMessage } from "node:http";
import { type Agent, request as httpsRequest } from "node:https";
import { IbkrError } from "../errors.ts";
import { ibkrDefaults } from "../options.ts";
import { gatewayAgent } from "./agent.ts";
import { type GatewayFetchOptions, resolveGatewayOptions } from "./options.ts";

/** A `fetch` for one gateway. */
export interface GatewayFetch {
	(input: string | URL | Request, init?: RequestInit): Promise<Response>;
	/** Ends its connections; requests that are under way fail. It can be used again afterwards. */
	close(): void;
	/** The same as `close`, at the end of a `using`. */
	[Symbol.dispose](): void;
}

/**
 * A `fetch` that trusts the self-signed certificate of one gateway, and talks to that one alone.
 *
 * It keeps connections open between calls, follows no redirect, sends a Content-Length with every POST, honours the
 * signal, and reads the whole answer before it resolves. Nothing changes for the rest of the process.
 *
 * @throws IbkrError of kind `options`, also for a request to another host. Other requests reject as those of `fetch` do:
 * with a TypeError whose cause has a `code`, or with the signal's reason.
 */
export function gatewayFetch(options: GatewayFetchOptions): GatewayFetch {
	const { origin, trust } = resolveGatewayOptions(options);
	const agent = gatewayAgent(trust);
	const send = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
		const request = new Request(input, init);
		if (new URL(request.url).origin !== origin) {
			const message = `gatewayFetch talks to ${origin} only, and another host was asked for: give both the same baseUrl`;
			throw new IbkrError(message, { kind: "options" });
		}
		const body = Buffer.from(await request.arrayBuffer());
		// Not before reading the body: an abort during it would go unheard.
		request.signal.throwIfAborted();
		return exchange(agent, request, body);
	};
	const close = (): void => agent.destroy();
	return Object.assign(send, { close, [Symbol.dispose]: close });
}

const emptyStatuses = new Set([204, 205, 304]);

function exchange(agent: Agent, request: Request, body: Buffer): Promise<Response> {
	const headers: Record<string, string> = {
		"user-agent": ibkrDefaults.userAgent,
		...Object.fromEntries(request.headers),
	};
	// The venue's edge refuses a POST without it with 411, an empty one too.
	if (request.method !== "GET" && request.method !== "HEAD") headers["content-length"] = String(body.length);
	const { signal, method, url } = request;
	return new Promise<IncomingMessage>((resolve, reject) => {
		const sent = httpsRequest(url, { agent, method, headers }, resolve);
		signal.addEventListener("abort", () => sent.destroy(), { once: true });
		sent.on("error", reject);
		sent.end(body);
	})
		.then(toResponse)
		.catch((error: unknown) => {
			throw signal.aborted ? signal.reason : new TypeError("fetch failed", { cause: error });
		});
}

/** Reads the whole answer. Rejects when the connection breaks, and for a status or header that no Response can have. */
async function toResponse(message: IncomingMessage): Promise<Response> {
	const chunks: Buffer[] = [];
	for await (const chunk of message) chunks.push(chunk as Buffer);
	const { statusCode: status = 0, rawHeaders } = message;
	const headers = new Headers();
	for (let at = 0; at + 1 < rawHeaders.length; at += 2) headers.append(rawHeaders[at] ?? "", rawHeaders[at + 1] ?? "");
	return new Response(emptyStatuses.has(status) ? null : Buffer.concat(chunks), { status, headers });
}
