import type { WireReply } from "../venue.ts";

/** What the gateway sends with every reply. */
function common(): Record<string, string> {
	return {
		"referrer-policy": "Origin-when-cross-origin",
		"x-response-time": "0ms",
		"x-content-type-options": "nosniff",
		"cache-control": "max-age=0, no-cache, no-store",
		pragma: "no-cache",
		vary: "Accept-Encoding,Origin",
	};
}

export function json(value: unknown, status = 200, headers: Record<string, string> = {}): WireReply {
	const type = { "content-type": "application/json; charset=utf-8" };
	return { kind: "reply", status, headers: { ...common(), ...type, ...headers }, body: JSON.stringify(value) };
}

/** The reply of a logout: JSON, and nothing that says so. */
export function jsonWithoutType(value: unknown): WireReply {
	return { kind: "reply", status: 200, headers: common(), body: JSON.stringify(value) };
}

export function text(status: number, body: string): WireReply {
	return { kind: "reply", status, headers: { ...common(), "content-type": "text/plain; charset=utf-8" }, body };
}

export function html(status: number, body: string): WireReply {
	const headers = { ...common(), "content-type": "text/html", connection: "close" };
	return { kind: "reply", status, headers, body: `<html><body><h1>${body}</h1></body></html>` };
}

export function problem(status: number, title: string): WireReply {
	const headers = { ...common(), "content-type": "application/problem+json" };
	return { kind: "reply", status, headers, body: JSON.stringify({ type: "about:blank", title, status }) };
}

export function fault(status: number, error: string): WireReply {
	return json({ error, statusCode: status }, status);
}

export function empty(status: number, headers: Record<string, string> = {}): WireReply {
	return { kind: "reply", status, headers: { ...common(), ...headers } };
}

/** What a gateway without a login sends in place of 401, if it is one of those. */
export function toLogin(): WireReply {
	return empty(302, { location: "/sso/Login?forwardTo=22&RL=1" });
}
