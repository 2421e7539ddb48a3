import type { Link } from "./link.ts";
import type { WireRequest } from "./venue.ts";

/**
 * A `fetch` that reaches a simulated venue in memory, with the header rules of a real one: a POST without a body
 * carries `content-length: 0`, and a `user-agent` is always there.
 *
 * A reply of kind `hang` ends only with the request's signal; `reset` rejects with the TypeError of a lost connection.
 */
export function memoryFetch(link: Link, remoteAddress = "127.0.0.1"): typeof fetch {
	return async (input, init) => {
		const request = new Request(input, init);
		request.signal.throwIfAborted();
		const reply = await Promise.race([link.http(await toWire(request, remoteAddress)), aborted(request.signal)]);
		if (reply.kind === "hang") return aborted(request.signal);
		if (reply.kind === "reset") throw new TypeError("fetch failed", { cause: new Error("read ECONNRESET") });
		// Bytes, not a string: for a string Response would add a Content-Type that the venue did not send.
		const body = emptyStatuses.has(reply.status) ? null : new TextEncoder().encode(reply.body ?? "");
		return new Response(body, { status: reply.status, headers: { ...reply.headers } });
	};
}

const emptyStatuses = new Set([204, 205, 304]);

async function toWire(request: Request, remoteAddress: string): Promise<WireRequest> {
	const body = await request.text();
	const headers: Record<string, string> = { "user-agent": "node", host: new URL(request.url).host };
	for (const [name, value] of request.headers) headers[name] = value;
	if (request.method !== "GET" && request.method !== "HEAD") {
		headers["content-length"] = String(new TextEncoder().encode(body).length);
	}
	return { method: request.method, url: new URL(request.url), headers, body, remoteAddress };
}

function aborted(signal: AbortSignal): Promise<never> {
	return new Promise((_, reject) => {
		signal.addEventListener("abort", () => reject(signal.reason), { once: true });
	});
}
