/** What a call of a bot does. The relay treats calls of different kinds differently. */
export type CallKind =
	/** The call asks for the state of the session. The relay answers it itself if the last known state is recent. */
	| { readonly kind: "session"; readonly call: SessionCall }
	/** The call places, changes or confirms an order. */
	| { readonly kind: "order" }
	/** The call cancels an order. It is sent whatever the state of the session is. */
	| { readonly kind: "cancel" }
	/** The call only reads something, so it may be repeated. */
	| { readonly kind: "read" }
	| { readonly kind: "write" }
	/** The call asks for the state of the session with another method than GET or POST. */
	| { readonly kind: "wrong-method" }
	| { readonly kind: "refused"; readonly reason: string };

/** The calls that ask for the state of the session. */
export type SessionCall = "tickle" | "status" | "validate";

const sessionCalls: ReadonlyMap<string, SessionCall> = new Map([
	["tickle", "tickle"],
	["iserver/auth/status", "status"],
	["sso/validate", "validate"],
]);

/** One segment of a path; the paths of IBKR have no characters that need percent-encoding. */
const segment = /^(?!\.+$)[A-Za-z0-9_~:@,+=.-]+$/;
/** A query of printable characters, without the `#` that begins a fragment. */
const plainQuery = /^(?:\?[\x21\x22\x24-\x7e]*)?$/;

/**
 * Whether a path is spelled as IBKR documents its paths. Other spellings could bypass the checks of the relay: percent-encoding, dot
 * segments, doubled slashes, a slash at the end.
 *
 * @param path - the path, with its leading slash.
 * @param query - the query from its question mark on; empty if there is none.
 */
export function isPlain(path: string, query: string): boolean {
	return (
		path
			.split("/")
			.slice(1)
			.every((each) => segment.test(each)) && plainQuery.test(query)
	);
}

/**
 * Returns the kind of a call. Upper and lower case are not distinguished, because IBKR may not distinguish them either.
 *
 * @param path - a path for which {@link isPlain} is true.
 */
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

/** A call with `notification` in its path answers a question of IBKR, which can be about an order. */
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

/** A documented rate limit of one path, which applies in addition to the rate limit of all calls together. */
export interface Pace {
	/** The path in lower case. All paths below `/fyi` share one key. */
	readonly key: string;
	readonly everyMs: number;
}

/**
 * The shortest time, in milliseconds, that IBKR allows between two calls of a path. The keys are those of {@link Pace.key}. A call that
 * comes too early blocks the agent's IP address for 15 minutes.
 */
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

/** The calls for which the session's rate limiter has a separate limit, by path. */
const limitedCalls: ReadonlyMap<string, string> = new Map([
	["/tickle", "POST /tickle"],
	["/sso/validate", "GET /sso/validate"],
]);

/**
 * The name of a call in the session's rate limiter, if the limiter has a separate limit for this call; undefined for other calls. The limit
 * applies to every spelling in upper or lower case and to every method of the path, because IBKR may count them all together.
 */
export const limitedCallOf = (path: string): string | undefined => limitedCalls.get(path.toLowerCase());

/** The rate limit of a path: calls with the same key share it. Undefined if the path has no limit of its own. */
export function paceOf(path: string): Pace | undefined {
	const key = path.toLowerCase().replace(/^\/fyi\/.*/, "/fyi");
	const everyMs = paces.get(key);
	return everyMs === undefined ? undefined : { key, everyMs };
}
