/**
 * What kind of failure an {@link IbkrError} is.
 *
 * - `options`: a wrong option or argument; nothing was sent;
 * - `authorize`: the `authorize` option threw, gave no headers or was not done in time; nothing was sent;
 * - `network`: no answer, because the connection could not be made or broke;
 * - `timeout`: no whole answer within the deadline;
 * - `aborted`: the caller's signal aborted;
 * - `paced`: 429, or held back in the 15 minutes after one: the venue locks the whole source address. `until` says when it ends;
 * - `held`: not sent, because it would break the venue's pace and its turn comes too late for the call's deadline. `until` says when;
 * - `unavailable`: 5xx; a restart, maintenance, or a call that took too long inside the venue;
 * - `refused`: another status that says nothing about the session, such as 403 of the edge, 404 or 411;
 * - `closed`: the socket ended, or was not recognised;
 * - `reply`: an answer that is not what the spec describes, such as HTML with status 200.
 */
export type IbkrErrorKind =
	| "options"
	| "authorize"
	| "network"
	| "timeout"
	| "aborted"
	| "paced"
	| "held"
	| "unavailable"
	| "refused"
	| "closed"
	| "reply";

/** What a person needs to act on an {@link IbkrError}. */
export interface IbkrErrorDetails {
	readonly kind: IbkrErrorKind;
	/** The call, such as `POST /tickle`. */
	readonly call?: string;
	/** The HTTP status, when there was an answer. */
	readonly status?: number;
	/** The system's code of a broken connection, such as `ECONNREFUSED`. */
	readonly code?: string;
	/** Why an OAuth call was refused, where the venue said so in words that are known. */
	readonly because?: string;
	/** When the call may be made again, in epoch milliseconds: with `paced` and `held`. */
	readonly until?: number;
	/** The error's name and code below this one. Not the error itself: it can carry headers and so secrets. */
	readonly cause?: { readonly name: string; readonly code?: string };
}

const brand = "@x/ibkr-session/IbkrError";

/**
 * A call that taught nothing about the session: it may be alive, it may be gone.
 *
 * What the venue *says* about the session is never an error but an outcome of the call. No error carries a cookie, a
 * token, a session id, a user name, an account or the text of a reply.
 */
export class IbkrError extends Error {
	/** `IbkrError`, for logs; {@link isIbkrError} is what recognises one. */
	declare readonly name: "IbkrError";
	/** Errors cross package borders by brand: two copies of this package may be installed. */
	declare readonly brand: typeof brand;
	/** What went wrong, and with that what to do about it. */
	declare readonly kind: IbkrErrorKind;
	/** Such as `POST /tickle`; undefined for what is no call, such as a wrong option. */
	declare readonly call: string | undefined;
	/** HTTP status; undefined without an answer. */
	declare readonly status: number | undefined;
	/** The system's code, such as `ECONNREFUSED`, or the close code of a socket as text. */
	declare readonly code: string | undefined;
	/** Why an OAuth call was refused, such as `invalid-consumer`. */
	declare readonly because: string | undefined;
	/** Epoch milliseconds from which on the call may be made again: with `paced` and `held`. */
	declare readonly until: number | undefined;

	constructor(message: string, { cause, ...facts }: IbkrErrorDetails) {
		super(`@x/ibkr-session: ${message}`, cause && { cause });
		Object.assign(this, { name: "IbkrError", brand }, facts);
	}
}

/** True for an {@link IbkrError} of any copy of this package. */
export function isIbkrError(error: unknown): error is IbkrError {
	return error instanceof Error && "brand" in error && error.brand === brand;
}
