import type { WireReply } from "../venue.ts";

/** The headers of every reply, in the order in which the real venue sends them. */
function headersOf(contentType?: string): Record<string, string> {
	return {
		"referrer-policy": "Origin-when-cross-origin",
		...(contentType === undefined ? {} : { "content-type": contentType }),
		"x-response-time": "0ms",
		"x-content-type-options": "nosniff",
		"cache-control": "max-age=0, no-cache, no-store",
		pragma: "no-cache",
		"strict-transport-security": "max-age=600 ; includeSubDomains",
		vary: "Accept-Encoding,Origin",
	};
}

/** Adds the headers `expires` and `date`, which have the same value, at the positions at which the real venue sends them. */
export function withDate(headers: Readonly<Record<string, string>>, date: string): Record<string, string> {
	const entries = Object.entries(headers).flatMap(([name, value]) => {
		if (name === "cache-control")
			return [
				["expires", date],
				[name, value],
			];
		return name === "pragma"
			? [
					[name, value],
					["date", date],
				]
			: [[name, value]];
	});
	// Replies of the fault `answer` have no header `pragma`, so `entries` has no `date` for them. Here they get `date` as the last header.
	return { ...Object.fromEntries(entries), date };
}

/** A JSON reply. */
export function json(value: unknown, status = 200): WireReply {
	const headers = headersOf("application/json; charset=utf-8");
	return { kind: "reply", status, headers, body: JSON.stringify(value) };
}

/** Replies with JSON but without a content type, as the venue answers a logout. */
export function jsonWithoutType(value: unknown): WireReply {
	return { kind: "reply", status: 200, headers: headersOf(), body: JSON.stringify(value) };
}

/** A plain text reply. */
export function text(status: number, body: string): WireReply {
	return { kind: "reply", status, headers: headersOf("text/plain; charset=utf-8"), body };
}

/** An HTML error page. */
export function html(status: number, body: string): WireReply {
	const headers = { ...headersOf("text/html"), connection: "close" };
	return { kind: "reply", status, headers, body: `<html><body><h1>${body}</h1></body></html>` };
}

/** A problem+json reply. */
export function problem(status: number, title: string): WireReply {
	const headers = headersOf("application/problem+json");
	return { kind: "reply", status, headers, body: JSON.stringify({ type: "about:blank", title, status }) };
}

/** A JSON error reply. */
export function errorReply(status: number, error: string): WireReply {
	return json({ error, statusCode: status }, status);
}

/** A reply without a body. */
export function empty(status: number, headers: Record<string, string> = {}): WireReply {
	return { kind: "reply", status, headers: { ...headersOf(), ...headers } };
}

/** The redirect to the login page, which some gateways send instead of a 401. */
export function redirectToLoginPage(): WireReply {
	return empty(302, { location: "/sso/Login?forwardTo=22&RL=1" });
}
