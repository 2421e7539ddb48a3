import { isOptionError, unexpectedFailure } from "@x/base/errors";
import { type BybitError, isBybitError } from "@x/bybit-dcp";
import { type Disposition, isSessionError, SessionError } from "../../session-error.ts";

/**
 * Turns any error into a {@link SessionError}, whose disposition says what to do next.
 *
 * @param session - `ended` if the connection is known to be gone. A client error of kind `closed` always gives `ended`.
 */
export function toSessionError(error: unknown, session: SessionError["session"] = "unclear"): SessionError {
	if (isSessionError(error)) return error;
	if (isOptionError(error)) return new SessionError(error.message, { disposition: { action: "fatal" }, cause: error });
	if (!isBybitError(error)) {
		// The text of an unknown error is not shown, because it could quote a secret.
		const message = `@x/keepalive/bybit: ${unexpectedFailure("the session", error)}.`;
		return new SessionError(message, { disposition: { action: "retry" }, session, cause: withoutText(error) });
	}
	return new SessionError(error.message, {
		disposition: isUnreached(error)
			? { action: "retry", unreachable: true }
			: dispositionOfKind(error.kind, error.retryAfterMs),
		session: error.kind === "closed" ? "ended" : session,
		cause: error,
	});
}

/**
 * Changes the error of a refused handshake while this address is banned from HTTP. Returns any other error unchanged.
 *
 * The venue does not say why it refuses a handshake, so the ban may be the reason. The new error says when to try again:
 *
 * - while a new connection could still prevent the venue's cancel of the orders: after the normal back-off;
 * - otherwise: after the ban, because a refused handshake counts as a request of this address.
 *
 * @param maySaveOrders - true while a new connection could still prevent the venue's cancel of the orders.
 */
export function waitDuringBan(error: unknown, bannedMs: number, maySaveOrders: boolean): unknown {
	const isHandshake = isBybitError(error) && error.kind === "network" && error.call === "connect";
	if (!isHandshake || bannedMs === 0) return error;
	// The ban is known to apply to HTTP only, so a new connection may succeed in time to prevent the cancel.
	if (maySaveOrders) return new SessionError(error.message, { disposition: { action: "retry" }, cause: error });
	return new SessionError(
		`${error.message} The venue has banned this address from HTTP for another ${bannedMs} ms: no connection is tried before that.`,
		{ disposition: { action: "wait", forMs: bannedMs }, cause: error },
	);
}

/**
 * True if no connection was established, so that no sign-in was sent. Attempts that fail in this way are limited by the connection
 * limiter.
 */
function isUnreached({ kind, call }: BybitError): boolean {
	return call === "connect" && (kind === "network" || kind === "timeout");
}

/** The name and stack frames of an unknown error, without its text. */
function withoutText(error: unknown): Error | undefined {
	if (!(error instanceof Error)) return undefined;
	const safe = new Error("message left out, because it could contain a secret");
	safe.name = error.name;
	const frames = (error.stack ?? "").match(/^ {4}at [^\n]*:\d+:\d+\)?$/gm) ?? [];
	safe.stack = [`${safe.name}: ${safe.message}`, ...frames].join("\n");
	return safe;
}

function dispositionOfKind(kind: BybitError["kind"], retryAfterMs: number | undefined): Disposition {
	switch (kind) {
		// A refusal because of a wrong clock also contains the venue's time, which the client uses from the next call on.
		case "clock":
		// These failures are temporary. `unknown-outcome`: a call that changes the configuration may have succeeded, so the configuration is
		// read before the call is repeated.
		case "timeout":
		case "network":
		case "aborted":
		case "unknown-outcome":
		case "overload":
		// The reply is the page of a proxy, or was sent during maintenance, so the failure is temporary. A wrong host would fail with `route`
		// or `environment`.
		case "reply":
		// The connection is gone, and the venue will cancel the orders unless a new connection comes in time.
		case "closed":
		// HTTP has accepted the same key, so most likely the sign-in had expired, because of a slow connection or a changed clock. The next
		// open reads the venue's clock first; after a second refusal the session waits (AuthRefusals in open.ts).
		case "auth":
		// The service that signs requests may be down for a moment. If the session gave up, the venue would cancel the orders.
		case "signer":
		// The venue refused a topic, for example with "Request not authorized". A new connection may succeed.
		case "subscribe":
		// The venue answered with an error code or an HTTP status that is unknown to this package.
		case "http":
		case "venue":
			return { action: "retry" };
		case "rate":
			return { action: "wait", forMs: Math.max(retryAfterMs ?? 1_000, 100) };
		// Any call during a ban would prolong it.
		case "banned":
			return { action: "wait", forMs: retryAfterMs ?? 600_000 };
		// A country block or a network filter refuses this address. Waiting does not help, but a person can change the network route.
		case "blocked":
			return {
				action: "human",
				todo: "Check from where this machine calls Bybit (country, proxy, hosting): its network refuses the address.",
			};
		// Only a change of the options or of the account helps, and repeated calls look like an attack.
		case "environment":
		case "signature":
		case "permission":
		case "address":
		case "key":
		case "account":
		case "parameter":
		case "route":
		case "wrong-host":
			return { action: "fatal" };
	}
}

/**
 * While a new connection can still prevent the venue's cancel, limits the delay before the next retry to a third of the time that is
 * left. With a short cancel window, the normal back-off could take longer than that time.
 */
export function retryWithin(disposition: Disposition, savableMs = 0): Disposition {
	if (disposition.action !== "retry" || savableMs <= 0) return disposition;
	return { ...disposition, withinMs: savableMs / 3 };
}

/** The human-readable message of an error. The message of an unknown error could quote a secret, so it is left out. */
export function messageOf(error: unknown): string {
	return isBybitError(error) || isSessionError(error) ? error.message : "unexpected error";
}

/** The error if a call, or a step of several calls, had no answer before its deadline. */
export function noAnswer(what: string, ms: number): SessionError {
	return new SessionError(`@x/keepalive/bybit: ${what}: no answer within ${Math.round(ms)} ms.`, {
		disposition: { action: "retry" },
	});
}

/** The error of a call if the connection is gone, or if a later open() or close() has made the call obsolete. */
export function sessionEnded(why: string): SessionError {
	return new SessionError(`@x/keepalive/bybit: session ended: ${why}`, {
		disposition: { action: "retry" },
		session: "ended",
	});
}
