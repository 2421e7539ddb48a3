import type { Link } from "./network-link.ts";
import type { WireRequest } from "./venue.ts";

/**
 * Creates a `fetch` function that reaches a simulated venue in memory. Requests get the headers that a real `fetch` adds: a POST without a
 * body has `content-length: 0`, and `user-agent` is always present.
 *
 * If the venue never replies, the promise rejects only when the signal of the request aborts. If the connection is reset, the promise
 * rejects with a TypeError.
 *
 * @param remoteAddress - the client's IP address that the venue sees.
 */
export function memoryFetch(link: Link, remoteAddress = "127.0.0.1"): typeof fetch {
	return async (input, init) => {
		const request = new Request(input, init);
		request.signal.throwIfAborted();
		const reply = await Promise.race([link.http(await toWire(request, remoteAddress)), aborted(request.signal)]);
		if (reply.kind === "hang") return aborted(request.signal);
		if (reply.kind === "reset") throw new TypeError("fetch failed", { cause: new Error("read ECONNRESET") });
		// The body is passed as bytes: for a string, `Response` would add a Content-Type that the venue did not send.
		const body = statusesWithoutBody.has(reply.status) ? null : new TextEncoder().encode(reply.body ?? "");
		return new Response(body, { status: reply.status, headers: { ...reply.headers } });
	};
}

const statusesWithoutBody = new Set([204, 205, 304]);

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
