/** What a call of a bot does, as far as the relay treats it differently. */
export type CallKind =
	/** Answered from what the keeper knows. */
	| { readonly kind: "session"; readonly call: SessionCall }
	/** Places or changes an order, or confirms one. */
	| { readonly kind: "order" }
	/** Cancels an order: it is never held up by the state of the session. */
	| { readonly kind: "cancel" }
	/** May be repeated. */
	| { readonly kind: "read" }
	| { readonly kind: "write" }
	/** Of a path that the venue has with GET and POST alone. */
	| { readonly kind: "wrong-method" }
	| { readonly kind: "refused"; readonly reason: string };

/** The calls that ask for the state of the session. */
export type SessionCall = "tickle" | "status" | "validate";

const sessionCalls: ReadonlyMap<string, SessionCall> = new Map([
	["tickle", "tickle"],
	["iserver/auth/status", "status"],
	["sso/validate", "validate"],
]);

/** A segment of a path of the venue, which has no characters that need an encoding. */
const segment = /^(?!\.+$)[A-Za-z0-9_~:@,+=.-]+$/;
/** Printable, without the beginning of a fragment. */
const plainQuery = /^(?:\?[\x21\x22\x24-\x7e]*)?$/;

/**
 * Whether a path has the form in which the venue documents its own. Other spellings of the same path could get past what the relay
 * refuses: percent-encoding, dot segments, doubled slashes, a slash at the end.
 *
 * @param path - begins with a slash.
 * @param query - empty, or from the question mark on.
 */
export function isPlain(path: string, query: string): boolean {
	return (
		path
			.split("/")
			.slice(1)
			.every((each) => segment.test(each)) && plainQuery.test(query)
	);
}

/** Upper and lower case are one: the venue may not tell them apart. @param path - plain. */
export function callKind(method: string, path: string): CallKind {
	const lower = path.slice(1).toLowerCase();
	const segments = lower.split("/");
	const reason = refusalOf(lower, segments);
	if (reason !== undefined) return { kind: "refused", reason };
	const call = sessionCalls.get(lower);
	if (call) return method === "GET" || method === "POST" ? { kind: "session", call } : { kind: "wrong-method" };
	if (method === "GET") return { kind: "read" };
	if (method === "DELETE") return { kind: orderPath.test(lower) ? "cancel" : "write" };
	return { kind: segments.some((each) => orderSegments.has(each)) && !isPreview(segments) ? "order" : "write" };
}

const orderPath = /^iserver\/account\/[^/]+\/order\/[^/]+$/;

/** `notification` answers a question of the venue, which can be about an order. */
const orderSegments: ReadonlySet<string> = new Set(["order", "orders", "reply", "notification"]);

const isPreview = (segments: readonly string[]): boolean => segments.at(-1) === "whatif";

const keeps = "the agent keeps this session for all its bots";

function refusalOf(path: string, segments: readonly string[]): string | undefined {
	if (segments.includes("logout")) {
		return `${keeps}, and a logout would end it for all of them. Stop the agent to end the session`;
	}
	if (segments.includes("ssodh") || segments.includes("reauthenticate")) {
		return `${keeps} and opens it again itself when it is lost. Wait until iserver/auth/status says authenticated`;
	}
	const [first = ""] = segments;
	const isLogin = (first === "sso" && path !== "sso/validate") || first.startsWith("oauth");
	const isOtherAuth = path.startsWith("iserver/auth/") && path !== "iserver/auth/status";
	if (isLogin || isOtherAuth) return `${keeps}, and this call would change its login. Only the agent logs in`;
	return undefined;
}

/** A documented rate limit of one path, besides that of all calls together. */
export interface Pace {
	/** The path in lower case. All of fyi/ together. */
	readonly key: string;
	readonly everyMs: number;
}

/** The venue's documented rate limits, by {@link Pace.key}. Exceeding one blocks the address of the agent for 15 minutes. */
export const paces: ReadonlyMap<string, number> = new Map([
	["/iserver/account/orders", 5_000],
	["/iserver/account/trades", 5_000],
	["/iserver/account/pnl/partitioned", 5_000],
	["/portfolio/accounts", 5_000],
	["/portfolio/subaccounts", 5_000],
	["/iserver/scanner/params", 900_000],
	["/iserver/scanner/run", 1_000],
	["/pa/performance", 900_000],
	["/pa/summary", 900_000],
	["/pa/transactions", 900_000],
	["/fyi", 1_000],
]);

/** The calls that the session's rate limiter limits by themselves, by path. */
const limitedCalls: ReadonlyMap<string, string> = new Map([
	["/tickle", "POST /tickle"],
	["/sso/validate", "GET /sso/validate"],
]);

/**
 * The name under which the session's rate limiter knows a call that it limits by itself. The venue may count a path in any case and with
 * any method. Undefined for all others.
 */
export const limitedCallOf = (path: string): string | undefined => limitedCalls.get(path.toLowerCase());

/** The limit of a path: calls with the same key share it. Undefined when it has none of its own. */
export function paceOf(path: string): Pace | undefined {
	const key = path.toLowerCase().replace(/^\/fyi\/.*/, "/fyi");
	const everyMs = paces.get(key);
	return everyMs === undefined ? undefined : { key, everyMs };
}
