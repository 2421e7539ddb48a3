import type { WireRequest } from "@x/venue-sims";
import { LightResponse } from "./lightweight-request-and-response.ts";
import { answered } from "./network-faults.ts";
import type { Route } from "./simulated-route.ts";

/**
 * A `fetch` over a {@link Route}, with the headers of the real `fetch`: a POST carries `content-length`, and every call a
 * `user-agent`. A call without an answer ends only when its signal aborts.
 */
export function simFetch(route: Route): typeof fetch {
	const { world } = route;
	return (input, init = {}) =>
		new Promise<Response>((resolve, reject) => {
			const { process } = world.machine;
			if (process.hasEnded) return;
			const { signal } = init;
			if (signal?.aborted) {
				reject(signal.reason);
				return;
			}
			let over = false;
			const settle = (settled: () => void): void => {
				if (over) return;
				over = true;
				signal?.removeEventListener("abort", onAbort);
				settled();
			};
			const onAbort = (): void => settle(() => reject(signal?.reason));
			signal?.addEventListener("abort", onAbort, { once: true });
			const tell = (ms: number, news: () => void): void => {
				world.after(ms, () => process.deliver(() => settle(news)));
			};
			const fail = (ms: number, code: string): void =>
				tell(ms, () => reject(new TypeError("fetch failed", { cause: Object.assign(new Error(code), { code }) })));
			const request = toWire(String(input), init);
			route.observer?.callSent(request);
			const leftAt = world.now;
			if (route.network.refuses) {
				fail(1, "ECONNREFUSED");
				return;
			}
			world.after(route.oneWayMs(), () => {
				const { network } = route;
				if (network.cut || network.swallows) return;
				const reply = route.call(request, world.now - leftAt);
				if (reply.kind === "hang" || network.cut) return;
				if (reply.kind === "reset") return fail(route.oneWayMs(), "ECONNRESET");
				const arrives = answered({ status: reply.status, body: reply.body ?? "" }, network.calls, route.random);
				if (arrives.kind === "hang") return;
				if (arrives.kind === "reset") return fail(route.oneWayMs(), "ECONNRESET");
				const { status, body, laterMs } = arrives;
				tell(route.oneWayMs() + laterMs, () => {
					route.heardAt = world.now;
					route.journal.wire(route.name, "answer", `${status}, ${body.length} characters`);
					if (status === reply.status && status >= 400) route.observer?.refused("call", request.url.pathname, status);
					// The cast is safe: the response has all members that the clients read.
					resolve(new LightResponse(body, { status, headers: { ...reply.headers } }) as unknown as Response);
				});
			});
		});
}

function toWire(address: string, { method = "GET", headers, body }: RequestInit): WireRequest {
	const url = new URL(address);
	const text = body instanceof Uint8Array ? new TextDecoder().decode(body) : typeof body === "string" ? body : "";
	const sent: Record<string, string> = { "user-agent": "node", host: url.host };
	// The clients pass the headers either as `Headers` or as a plain object.
	const given = headers instanceof Headers ? headers : Object.entries((headers ?? {}) as Record<string, string>);
	for (const [name, value] of given) sent[name.toLowerCase()] = value;
	if (method !== "GET" && method !== "HEAD") sent["content-length"] = String(Buffer.byteLength(text));
	return { method, url, headers: sent, body: text, remoteAddress: "127.0.0.1" };
}
