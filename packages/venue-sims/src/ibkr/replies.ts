import type { WireReply } from "../venue.ts";

/** Headers of every reply of the gateway. */
function commonHeaders(): Record<string, string> {
	return {
		"referrer-policy": "Origin-when-cross-origin",
		"x-response-time": "0ms",
		"x-content-type-options": "nosniff",
		"cache-control": "max-age=0, no-cache, no-store",
		pragma: "no-cache",
		vary: "Accept-Encoding,Origin",
	};
}

/** A JSON reply. */
export function json(value: unknown, status = 200, headers: Record<string, string> = {}): WireReply {
	const type = { "content-type": "application/json; charset=utf-8" };
	return { kind: "reply", status, headers: { ...commonHeaders(), ...type, ...headers }, body: JSON.stringify(value) };
}

/** JSON without a content type, as the venue answers a logout. */
export function jsonWithoutType(value: unknown): WireReply {
	return { kind: "reply", status: 200, headers: commonHeaders(), body: JSON.stringify(value) };
}

/** A plain text reply. */
export function text(status: number, body: string): WireReply {
	return { kind: "reply", status, headers: { ...commonHeaders(), "content-type": "text/plain; charset=utf-8" }, body };
}

/** An HTML error page. */
export function html(status: number, body: string): WireReply {
	const headers = { ...commonHeaders(), "content-type": "text/html", connection: "close" };
	return { kind: "reply", status, headers, body: `<html><body><h1>${body}</h1></body></html>` };
}

/** A problem+json reply. */
export function problem(status: number, title: string): WireReply {
	const headers = { ...commonHeaders(), "content-type": "application/problem+json" };
	return { kind: "reply", status, headers, body: JSON.stringify({ type: "about:blank", title, status }) };
}

/** A JSON error reply. */
export function errorReply(status: number, error: string): WireReply {
	return json({ error, statusCode: status }, status);
}

/** A reply without a body. */
export function empty(status: number, headers: Record<string, string> = {}): WireReply {
	return { kind: "reply", status, headers: { ...commonHeaders(), ...headers } };
}

/** Some gateways redirect to the login page instead of replying 401. */
export function redirectToLoginPage(): WireReply {
	return empty(302, { location: "/sso/Login?forwardTo=22&RL=1" });
}
