import type { DeribitErrorData } from "./redact.ts";

/**
 * What failed.
 *
 * - `options`: an option is missing or out of range; nothing was connected;
 * - `request`: the call cannot be sent (too large, not JSON, a method that has a function of its own);
 * - `credits`: not sent, because a call too many would end the session; see `waitMs`;
 * - `aborted`: the caller's signal ended it;
 * - `timeout`: no answer within the deadline; the venue may have acted all the same;
 * - `network`: no connection, or it broke during an HTTP call;
 * - `venue`: the venue answered with an error, see `code` and `venueMessage`;
 * - `reply`: the answer is not what the spec says, see `path`;
 * - `closed`: the connection has ended, see `why` and `cancelOnDisconnectFired`.
 */
export type DeribitErrorKind =
	| "options"
	| "request"
	| "credits"
	| "aborted"
	| "timeout"
	| "network"
	| "venue"
	| "reply"
	| "closed";

/**
 * Why a connection ended.
 *
 * - `heartbeat`: the venue closed with 4000, a `test_request` was not answered in time;
 * - `rate-limit`: the venue had just answered 10028, which ends the session;
 * - `maintenance`: the venue had announced a break;
 * - `silence`: nothing had gone over it for so long that the venue, or what stands before it, ends it: about a minute
 *   in both directions without a close frame, or ten minutes without a word of ours;
 * - `network`: the end came without a close frame;
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
 * Whether the end of the connection made the venue cancel the orders placed over it: `likely` when it was armed and
 * this kind of end fires it, `no` when it was off or this end does not fire it, `unknown` when this connection cannot
 * tell. Look at the orders before acting on it.
 */
export type DeribitCancelOnDisconnectFired = "likely" | "no" | "unknown";

/** What is known of a failure. */
interface Facts extends Partial<Omit<DeribitError, keyof Error | "brand" | "kind">> {
	kind: DeribitErrorKind;
	cause?: unknown;
}

const brand = "@x/deribit-session/DeribitError";

/**
 * The one error of this package. Its message says what was tried, what the venue said and what to do now.
 *
 * No part of it, `cause` and `data` included, carries a key, secret, token or signature.
 */
export class DeribitError extends Error {
	declare readonly name: "DeribitError";
	/** Errors cross package borders by brand: two copies of this package may be installed. */
	declare readonly brand: typeof brand;
	/** What failed. */
	declare readonly kind: DeribitErrorKind;
	/** Epoch milliseconds at which it was noticed. */
	declare readonly at: number;
	/** The JSON-RPC method that failed. */
	declare readonly method?: string | undefined;
	/** Deribit's error code, such as 13004, when `kind` is `venue`. */
	declare readonly code?: number | undefined;
	/** Deribit's error message, such as `invalid_credentials`, when `kind` is `venue`. */
	declare readonly venueMessage?: string | undefined;
	/** What the venue added to its error, without secrets and cut short. */
	declare readonly data?: DeribitErrorData | undefined;
	/** HTTP status, when the call went over HTTP and was answered. */
	declare readonly status?: number | undefined;
	/** JSON pointer to the first member that is not as the spec says, when `kind` is `reply`. */
	declare readonly path?: string | undefined;
	/** Why the connection ended, when `kind` is `closed`. */
	declare readonly why?: DeribitEndReason | undefined;
	/** What that meant for the orders placed over it, when `kind` is `closed`. */
	declare readonly cancelOnDisconnectFired?: DeribitCancelOnDisconnectFired | undefined;
	/** The WebSocket close code, when `kind` is `closed` and there was a close event. */
	declare readonly closeCode?: number | undefined;
	/** Milliseconds until the call can be paid, when `kind` is `credits`. */
	declare readonly waitMs?: number | undefined;

	constructor(message: string, { cause, ...facts }: Facts) {
		super(`@x/deribit-session: ${message}`, cause === undefined ? undefined : { cause });
		Object.assign(this, { name: "DeribitError", brand, at: Date.now() }, facts);
	}
}

/** True for a {@link DeribitError} of any copy of this package. */
export function isDeribitError(value: unknown): value is DeribitError {
	return value instanceof Error && "brand" in value && value.brand === brand;
}
