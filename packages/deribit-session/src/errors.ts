import { sentence } from "@x/base/errors";

/**
 * Why a connection ended.
 *
 * - `heartbeat`: the venue closed with code 4000, because a `test_request` was not answered in time;
 * - `rate-limit`: the venue had just replied 10028, which ends the session;
 * - `maintenance`: the venue had announced maintenance;
 * - `silence`: the venue or a proxy ended an idle connection, after about a minute without a frame in either direction,
 *   or ten minutes without a frame from this side;
 * - `network`: no close frame was received;
 * - `venue`: the venue closed for another reason, see `closeCode`;
 * - `logout`, `disconnect`: the method of that name was called.
 */
export type DeribitEndReason =
	| "heartbeat"
	| "rate-limit"
	| "maintenance"
	| "silence"
	| "network"
	| "venue"
	| "logout"
	| "disconnect";

/**
 * Whether the end of a connection made the venue cancel the orders placed over that connection. Check the orders before
 * acting on this value.
 *
 * - `likely`: cancel-on-disconnect was on, and this kind of end triggers the cancel;
 * - `no`: cancel-on-disconnect was off, or this kind of end does not trigger the cancel;
 * - `unknown`: the connection cannot tell.
 */
export type DeribitCancelOnDisconnectFired = "likely" | "no" | "unknown";

/** The name at the beginning of every error. */
export const packageName = "@x/deribit-session";
const brand = "@x/deribit-session/DeribitError";

/**
 * The error of a call that failed or of a connection that ended. Wrong options throw an `OptionError` instead.
 *
 * No member, not even `cause` or `data`, holds a key, secret, token or signature.
 */
export class DeribitError extends Error {
	declare readonly name: "DeribitError";
	/** Read by `isDeribitError`, because `instanceof` fails for errors of another installed copy of this package. */
	declare readonly brand: "@x/deribit-session/DeribitError";
	/**
	 * What failed.
	 *
	 * - `request`: the call cannot be sent, for example because it is too large, cannot be converted to JSON, has an
	 *   invalid method name, is `private/logout` (use `logout()`), or uses a session name that is in use;
	 * - `credits`: the call was not sent, because it would exceed the rate limit, and the venue would then end the
	 *   session; see `retryAfterMs`;
	 * - `aborted`: the caller's signal aborted;
	 * - `timeout`: no reply came before the deadline; the venue may have acted on the call nevertheless;
	 * - `network`: not connected, or the connection broke during an HTTP call;
	 * - `http`: the HTTP status is not 200 and the body holds no error of the venue, see `status`;
	 * - `venue`: the venue replied with an error, see `venueCode`, `venueMessage` and `todo`;
	 * - `reply`: the reply does not match the spec, see `path`;
	 * - `subscription`: the venue did not accept all channels, see `missingChannels`;
	 * - `closed`: the connection has ended, see `why` and `cancelOnDisconnectFired`.
	 */
	declare readonly kind:
		| "request"
		| "credits"
		| "aborted"
		| "timeout"
		| "network"
		| "http"
		| "venue"
		| "reply"
		| "subscription"
		| "closed";
	/** When the call failed or the connection ended, in epoch milliseconds. */
	declare readonly at: number;
	/** The call that failed: the JSON-RPC method, or `connect`. Absent when `kind` is `closed`. */
	declare readonly call?: string | undefined;
	/** Deribit's error code, such as 13004, when `kind` is `venue`. */
	declare readonly venueCode?: number | undefined;
	/** Deribit's error message, such as `invalid_credentials`, when `kind` is `venue`. */
	declare readonly venueMessage?: string | undefined;
	/** What to do about the venue's error, when `kind` is `venue`. */
	declare readonly todo?: string | undefined;
	/** Details that the venue sent with its error, shortened and without secrets. */
	declare readonly data?: string | Readonly<Record<string, string | number | boolean>> | undefined;
	/** HTTP status of the response, for a call over HTTP. */
	declare readonly status?: number | undefined;
	/** JSON pointer to the first member that does not match the spec, when `kind` is `reply`. */
	declare readonly path?: string | undefined;
	/** The requested channels that the venue did not accept, when `kind` is `subscription`. */
	declare readonly missingChannels?: readonly string[] | undefined;
	/** Why the connection ended, when `kind` is `closed`. */
	declare readonly why?: DeribitEndReason | undefined;
	/** Whether the end of the connection made the venue cancel the orders placed over it, when `kind` is `closed`. */
	declare readonly cancelOnDisconnectFired?: DeribitCancelOnDisconnectFired | undefined;
	/** The WebSocket close code, when `kind` is `closed` and there was a close event. */
	declare readonly closeCode?: number | undefined;
	/** Milliseconds until there are enough credits for the call, when `kind` is `credits`. */
	declare readonly retryAfterMs?: number | undefined;

	/**
	 * The error has only those optional members that are passed.
	 *
	 * @param problem - what was found, without a full stop. The message is `call` followed by `problem`.
	 */
	constructor(
		problem: string,
		{
			cause,
			...details
		}: { readonly kind: DeribitError["kind"]; readonly cause?: unknown } & Partial<
			Omit<DeribitError, keyof Error | "brand" | "kind">
		>,
	) {
		const call = details.call ? `${details.call}: ` : "";
		super(`${packageName}: ${call}${sentence(problem)}`, cause === undefined ? undefined : { cause });
		Object.assign(this, { name: "DeribitError", brand, at: Date.now() }, details);
	}
}

/**
 * Whether `value` is a {@link DeribitError}, including one created by another copy of this package. After a check of
 * `kind`, the compiler knows which members the error has: after `error.kind === "venue"`, `error.venueCode` is a
 * number.
 */
export function isDeribitError(value: unknown): value is DeribitError &
	(
		| { readonly kind: "request" | "aborted" | "timeout" | "network"; readonly call: string }
		| { readonly kind: "credits"; readonly call: string; readonly retryAfterMs: number }
		| { readonly kind: "http"; readonly call: string; readonly status: number }
		| { readonly kind: "venue"; readonly call: string; readonly venueCode: number; readonly todo: string }
		| { readonly kind: "reply"; readonly call: string; readonly path: string }
		| { readonly kind: "subscription"; readonly call: string; readonly missingChannels: readonly string[] }
		| {
				readonly kind: "closed";
				readonly why: DeribitEndReason;
				readonly cancelOnDisconnectFired: DeribitCancelOnDisconnectFired;
		  }
	) {
	return value instanceof Error && "brand" in value && value.brand === brand;
}
