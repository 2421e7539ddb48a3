import { sentence } from "@x/base/errors";

export const packageName = "@x/ibkr-session";
const brand = "@x/ibkr-session/IbkrError";

/**
 * The error of a call that failed in a way that says nothing about the session. A reply that says something about the
 * session is never an error, but the outcome of the call.
 *
 * No member holds a cookie, a token, a session id, a user name or an account. `venueMessage` and `message` quote only plain words of
 * a reply.
 */
export class IbkrError extends Error {
	// The members are declared without an initial value, so that a member without a value is absent and not printed.
	/** Always `IbkrError`. */
	declare readonly name: "IbkrError";
	/** A fixed text by which `isIbkrError` recognizes an error of another copy of this package. */
	declare readonly brand: "@x/ibkr-session/IbkrError";
	/**
	 * What went wrong. Whatever the kind, the session may well be alive.
	 *
	 * Not sent:
	 * - `authorize`: the option `authorize`, or the option `ip` of `createIbkrBearer`, threw, took too long or returned no usable value.
	 * - `pacing`: the call would exceed the venue's rate limit. Make the call again after `retryAfterMs`.
	 * - `closed`: the connection has ended, or the venue did not recognize its session.
	 *
	 * Sent, without a usable reply:
	 * - `timeout`: no complete reply came before the deadline. It is unknown whether the call had an effect.
	 * - `network`: the venue was not reached, or the connection broke.
	 * - `aborted`: the caller's signal aborted.
	 * - `reply`: the reply does not match the spec, such as HTML with status 200.
	 * - `unavailable`: HTTP 5xx (a restart, maintenance or a slow backend), or an error the venue does not explain.
	 *
	 * Refused:
	 * - `banned`: HTTP 429. The venue blocks the IP address for `retryAfterMs`; until then this client sends no call.
	 * - `venue`: an OAuth call was refused for the reason in `venueCode`.
	 * - `http`: any other HTTP status that is an error, such as 403, 404 or 411.
	 */
	declare readonly kind:
		| "authorize"
		| "pacing"
		| "closed"
		| "timeout"
		| "network"
		| "aborted"
		| "reply"
		| "unavailable"
		| "banned"
		| "venue"
		| "http";
	/** The call that failed, such as `POST /tickle` or `connect`. */
	declare readonly call: string;
	/** The HTTP status of the reply. */
	declare readonly status?: number;
	/** Why an OAuth call was refused, such as `invalid-consumer`. */
	declare readonly venueCode?: string;
	/** The venue's own message, without secrets and cut to 200 characters. */
	declare readonly venueMessage?: string;
	/** The operating system's code for a failed connection, such as `ECONNREFUSED`. */
	declare readonly code?: string;
	/** The close code of the WebSocket. */
	declare readonly closeCode?: number;
	/** When calls are allowed again, in epoch milliseconds. */
	declare readonly resetAt?: number;
	/** Milliseconds from when this error was created until calls are allowed again. */
	declare readonly retryAfterMs?: number;
	/** What to do, as human-readable text. */
	declare readonly todo?: string;

	/**
	 * @param problem - what was found, as a text without a full stop. The message joins `call`, `problem`, the venue's
	 * message and `todo`.
	 * @param details - the members of the error, and `cause`: the name and the code of the underlying error. The underlying error is not
	 * kept, because its headers can hold secrets.
	 */
	constructor(
		kind: IbkrError["kind"],
		problem: string,
		{
			cause,
			...details
		}: { readonly call: string; readonly cause?: { readonly name: string; readonly code?: string } } & {
			readonly [Name in "status" | "venueCode" | "venueMessage" | "code" | "closeCode" | "resetAt" | "todo"]?:
				| IbkrError[Name]
				| undefined;
		},
	) {
		const { call, resetAt, todo, venueMessage } = details;
		const quoted = venueMessage === undefined ? "" : `: "${venueMessage}"`;
		const text = `${call}: ${sentence(problem + quoted)}${todo ? ` ${sentence(todo)}` : ""}`;
		super(`${packageName}: ${text}`, cause && { cause });
		const retryAfterMs = resetAt && Math.max(0, resetAt - Date.now());
		for (const [name, value] of Object.entries({ name: "IbkrError", brand, kind, ...details, retryAfterMs })) {
			if (value !== undefined) Object.assign(this, { [name]: value });
		}
	}
}

/**
 * Whether a value is an {@link IbkrError}, including one created by another copy of this package. `kind` narrows the
 * type further: after `error.kind === "venue"`, `error.venueCode` is a string.
 */
export function isIbkrError(
	error: unknown,
): error is IbkrError &
	(
		| { readonly kind: "pacing" | "banned"; readonly resetAt: number; readonly retryAfterMs: number }
		| { readonly kind: "venue"; readonly venueCode: string }
		| { readonly kind: "http" | "unavailable" | "reply"; readonly status: number }
		| { readonly kind: "authorize" | "closed" | "timeout" | "network" | "aborted" }
	) {
	return error instanceof Error && "brand" in error && error.brand === brand;
}

/** The error for a call whose caller aborted it by a signal. */
export function abortedError(call: string): IbkrError {
	return new IbkrError("aborted", "aborted by its caller", { call });
}
