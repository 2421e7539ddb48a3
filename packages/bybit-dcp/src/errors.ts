/**
 * What went wrong, by what to do about it.
 *
 * Nothing was sent:
 * - `options`: an option or argument is wrong;
 * - `signer`: the signer that was handed in failed or gave no text: try again;
 * - `closed`: the socket had ended, or ended before the answer.
 *
 * No usable answer, so the outcome of a set call is unknown:
 * - `timeout`, `network`: try again;
 * - `aborted`: the caller's signal;
 * - `reply`: an answer that is not of the venue's form;
 * - `unknown-outcome`: the venue says that it does not know (10000, 10014, 10016, HTTP 5xx): read back, then repeat.
 *
 * The venue refused, and repeating helps later:
 * - `clock` (10002, -1): see `skewMs`; the client has corrected its estimate when it could, so try again;
 * - `rate` (10006): not before `retryAfterMs`;
 * - `banned` (HTTP 403, 10018): no call from this address for `retryAfterMs`;
 * - `overload` (HTTP 429, 429): try again, more slowly;
 * - `auth`: the socket was refused, most often because the expiry had passed on its way.
 *
 * The venue refused, and repeating does not help:
 * - `environment` (10003, 10032, HTTP 401): the key is not of this host's environment;
 * - `signature` (10004); `permission` (10005); `address` (10010);
 * - `key` (10007, 33004, -2015): expired or failed authentication;
 * - `account` (10008, 10009, 10024, 10027, 10028): the account or region may not;
 * - `parameter` (10001); `route` (10017, HTTP 404, a redirect): wrong host or path;
 * - `wrong-host`: a `dcp.*` topic was asked of a host that is not the private one;
 * - `subscribe`: a subscription refused for another reason;
 * - `venue`: a code that this package does not know.
 */
export type BybitErrorKind =
	| "options"
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
	| "route"
	| "wrong-host"
	| "subscribe"
	| "venue";

/** What is known of a failure beside its message. */
export interface BybitErrorDetails {
	/** What was tried, such as `GET /v5/account/query-dcp-info` or `subscribe dcp.future`. */
	readonly attempt?: string | undefined;
	/** The venue's code. */
	readonly retCode?: number | undefined;
	/** The venue's text, with keys and signatures taken out. */
	readonly venueMessage?: string | undefined;
	/** Of the answer; absent where there was none. */
	readonly httpStatus?: number | undefined;
	/** How far the timestamp that was sent was ahead of the venue's clock; negative when behind. */
	readonly skewMs?: number | undefined;
	/** The instant from which calls pass again, on the venue's clock in epoch milliseconds. */
	readonly resetAt?: number | undefined;
	/** How long to wait before the next call. */
	readonly retryAfterMs?: number | undefined;
	/** The close code of the WebSocket. */
	readonly closeCode?: number | undefined;
	/** What failed beneath, with secrets taken out. */
	readonly cause?: unknown;
}

const brand = "@x/bybit-dcp/BybitError";

/** A failure of this package. No member of it ever holds a key, a secret or a signature. */
export class BybitError extends Error {
	/** Always `BybitError`. */
	override readonly name = "BybitError";
	// The rest is declared only: a member that is not known is absent, not undefined, and does not clutter what is printed.
	/** Errors cross package borders by brand: two copies of this package may be installed. */
	declare readonly brand: typeof brand;
	/** What to do about it. */
	declare readonly kind: BybitErrorKind;
	/** What was tried, such as `GET /v5/account/query-dcp-info`. */
	declare readonly attempt?: string;
	/** See {@link BybitErrorDetails.retCode}. */
	declare readonly retCode?: number;
	/** See {@link BybitErrorDetails.venueMessage}. */
	declare readonly venueMessage?: string;
	/** See {@link BybitErrorDetails.httpStatus}. */
	declare readonly httpStatus?: number;
	/** See {@link BybitErrorDetails.skewMs}. */
	declare readonly skewMs?: number;
	/** See {@link BybitErrorDetails.resetAt}. */
	declare readonly resetAt?: number;
	/** See {@link BybitErrorDetails.retryAfterMs}. */
	declare readonly retryAfterMs?: number;
	/** See {@link BybitErrorDetails.closeCode}. */
	declare readonly closeCode?: number;

	constructor(kind: BybitErrorKind, message: string, { cause, ...fields }: BybitErrorDetails = {}) {
		super(`@x/bybit-dcp: ${message}`, cause === undefined ? undefined : { cause });
		for (const [name, value] of Object.entries({ brand, kind, ...fields })) {
			if (value !== undefined) Object.assign(this, { [name]: value });
		}
	}
}

/** Of an attempt, whose name begins the message. */
export function failed(
	kind: BybitErrorKind,
	attempt: string,
	what: string,
	details?: Omit<BybitErrorDetails, "attempt">,
): BybitError {
	return new BybitError(kind, `${attempt} ${what}`, { attempt, ...details });
}

/** True for a {@link BybitError} of any copy of this package. */
export function isBybitError(error: unknown): error is BybitError {
	return error instanceof Error && "brand" in error && error.brand === brand;
}
