import { sentence } from "@x/base/errors";

/** @internal */
export const packageName = "@x/bybit-dcp";
const brand = "@x/bybit-dcp/BybitError";

/** The error of a call that failed. No member holds a key, a secret or a signature. */
export class BybitError extends Error {
	/** Always `BybitError`. */
	override readonly name = "BybitError";
	// All members except `name` are declared without an initial value, so that a member without a value is absent and not printed.
	/** The mark by which `isBybitError` recognises an error of another copy of this package. */
	declare readonly brand: "@x/bybit-dcp/BybitError";
	/**
	 * What went wrong. The kinds are grouped by what is known about the call.
	 *
	 * Not sent (with an exception for `closed`):
	 * - `signer`: the `signer` option threw or did not return a non-empty string. Try again.
	 * - `closed`: the connection has ended. Exception: a request that was sent before the end and got no reply has this kind too.
	 *
	 * Perhaps sent, without a usable reply. For `setDcp` it is unknown whether the venue acted:
	 * - `timeout`: no reply came before the deadline. Try again.
	 * - `network`: the venue was not reached, or the connection broke. Try again.
	 * - `aborted`: the caller's signal aborted.
	 * - `reply`: the reply does not match the spec.
	 * - `unknown-outcome` (10000, 10014, 10016, HTTP 5xx): the venue does not say whether it acted. Read the state back,
	 *   then repeat the call.
	 *
	 * Refused for now:
	 * - `clock` (10002, -1): the timestamp was refused, see `skewMs`. The client has corrected its clock: try again.
	 * - `rate` (10006): the rate limit is exceeded. Call again after `retryAfterMs`.
	 * - `banned` (HTTP 403 with JSON or a short text, 10018): make no call from this IP address for `retryAfterMs`.
	 * - `overload` (HTTP 429, 429): the venue is overloaded. Try again more slowly.
	 * - `auth`: the login of the connection was refused, most often because the login request had expired on arrival.
	 *
	 * Refused until something is changed:
	 * - `environment` (10003, 10032, HTTP 401): the key belongs to another environment than the host.
	 * - `signature` (10004): the secret does not match the key.
	 * - `permission` (10005): the key lacks permission.
	 * - `address` (10010): the key is not allowed from this IP address.
	 * - `key` (10007, 33004, -2015): the key has expired or is not accepted.
	 * - `account` (10008, 10009, 10024, 10027, 10028): the account or its region may not make the call. 10009 can also mean that the
	 *   venue has banned this IP address.
	 * - `parameter` (10001): the venue refused a parameter.
	 * - `blocked` (HTTP 403 with a web page): a country block or a filter in front of the venue. Waiting does not help.
	 * - `route` (10017, HTTP 404, a redirect): wrong host or path.
	 * - `wrong-host`: the WebSocket host has no `dcp.*` topics.
	 * - `subscribe`: a subscription was refused for another reason.
	 * - `http`: any other HTTP status that is an error, see `status`.
	 * - `venue`: any other code of the venue, see `venueCode`.
	 */
	declare readonly kind:
		| "signer"
		| "closed"
		| "timeout"
		| "network"
		| "aborted"
		| "reply"
		| "unknown-outcome"
		| "clock"
		| "rate"
		| "banned"
		| "overload"
		| "auth"
		| "environment"
		| "signature"
		| "permission"
		| "address"
		| "key"
		| "account"
		| "parameter"
		| "blocked"
		| "route"
		| "wrong-host"
		| "subscribe"
		| "http"
		| "venue";
	/** The call that failed, such as `GET /v5/account/query-dcp-info` or `subscribe dcp.future`. */
	declare readonly call?: string;
	/** The HTTP status of the reply. */
	declare readonly status?: number;
	/** The venue's `retCode`. */
	declare readonly venueCode?: number;
	/** The venue's text, without keys and signatures. */
	declare readonly venueMessage?: string;
	/** How far the timestamp of the call was ahead of the venue's clock, in milliseconds; negative when it was behind. */
	declare readonly skewMs?: number;
	/** When calls are allowed again, in epoch milliseconds of the venue's clock. */
	declare readonly resetAt?: number;
	/** How long to wait before the next call, in milliseconds. */
	declare readonly retryAfterMs?: number;
	/** The close code of the WebSocket. */
	declare readonly closeCode?: number;
	/** What to do, as human-readable text. */
	declare readonly todo?: string;

	/**
	 * @param problem - what was found, without a full stop. The message joins `call`, `problem` and `todo`.
	 * @param details - the members of the error, and `cause`: the underlying error, without secrets.
	 */
	constructor(
		kind: BybitError["kind"],
		problem: string,
		{
			cause,
			...details
		}: { readonly cause?: unknown } & {
			readonly [Name in keyof Omit<BybitError, keyof Error | "brand" | "kind">]?: BybitError[Name] | undefined;
		} = {},
	) {
		const { call, todo } = details;
		const message = `${packageName}: ${call ? `${call}: ` : ""}${sentence(problem)}${todo ? ` ${sentence(todo)}` : ""}`;
		super(message, cause === undefined ? undefined : { cause });
		for (const [name, value] of Object.entries({ brand, kind, ...details })) {
			if (value !== undefined) Object.assign(this, { [name]: value });
		}
	}
}

/**
 * Whether a value is a {@link BybitError}, including one created by another copy of this package. `kind` narrows the
 * type further: after `error.kind === "venue"`, `error.venueCode` is a number.
 */
export function isBybitError(error: unknown): error is {
	[Kind in BybitError["kind"]]: BybitError & { readonly kind: Kind } & (Kind extends "http" | "reply" | "blocked"
			? { readonly status: number }
			: unknown) &
		(Kind extends "venue" | "rate" ? { readonly venueCode: number } : unknown) &
		(Kind extends "banned" | "rate" ? { readonly retryAfterMs: number } : unknown);
}[BybitError["kind"]] {
	return error instanceof Error && "brand" in error && error.brand === brand;
}

/**
 * The error for a call whose caller aborted it by a signal.
 *
 * @internal
 */
export function abortedError(call: string): BybitError {
	return new BybitError("aborted", "aborted by its caller", { call });
}

/**
 * The error for a call without a reply.
 *
 * @internal
 */
export function timeoutError(call: string, ms: number): BybitError {
	return new BybitError("timeout", `no reply within ${ms} ms`, { call });
}
