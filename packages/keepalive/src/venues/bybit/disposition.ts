import { type BybitError, type BybitErrorKind, isBybitError } from "@x/bybit-dcp";
import { type Disposition, isSessionError, SessionError, type SessionFate } from "../../session-error.ts";

/**
 * What to do about any failure of the client.
 *
 * @param fate - `ended` when the connection is known to be gone; an error of kind `closed` says so by itself.
 */
export function toSessionError(error: unknown, fate: SessionFate = "unclear"): SessionError {
	if (isSessionError(error)) return error;
	if (!isBybitError(error)) {
		// Of unknown origin, so its text is not taken over: it could quote anything.
		const name = error instanceof Error ? error.name : typeof error;
		const message = `@x/keepalive/bybit: an unexpected failure (${name}).`;
		return new SessionError(message, { disposition: { action: "retry" }, session: fate, cause: placeOf(error) });
	}
	return new SessionError(error.message, {
		disposition: isUnreached(error)
			? { action: "retry", unreached: true }
			: dispositionOfKind(error.kind, error.retryAfterMs),
		session: error.kind === "closed" ? "ended" : fate,
		cause: error,
	});
}

/**
 * A handshake that was refused while HTTP knows of a ban: it is a request of this address too, and does not tell why it was
 * refused, so none more is made before the ban is over. Any other failure as it is.
 *
 * @param isRacing - whether a connection could still save orders from the venue's countdown.
 */
export function underBan(error: unknown, bannedMs: number, isRacing: boolean): unknown {
	const isHandshake = isBybitError(error) && error.kind === "network" && error.attempt === "connect";
	if (!isHandshake || bannedMs === 0) return error;
	// While orders may still be saved by a connection, a ban that only HTTP is known to have does not stop it; nor does it hurry.
	if (isRacing) return new SessionError(error.message, { disposition: { action: "retry" }, cause: error });
	return new SessionError(
		`${error.message} The venue has banned this address from HTTP for another ${bannedMs} ms: no handshake is made before.`,
		{ disposition: { action: "wait", forMs: bannedMs }, cause: error },
	);
}

/** No connection came about: a handshake counts against the limit of an address, which the budget keeps, and no sign-in was made. */
function isUnreached({ kind, attempt }: BybitError): boolean {
	return attempt === "connect" && (kind === "network" || kind === "timeout");
}

/** Where a foreign error comes from, without what it says. */
function placeOf(error: unknown): Error | undefined {
	if (!(error instanceof Error)) return undefined;
	const place = new Error("its text is left out, as it could quote anything");
	place.name = error.name;
	const frames = (error.stack ?? "").match(/^ {4}at [^\n]*:\d+:\d+\)?$/gm) ?? [];
	place.stack = [`${place.name}: ${place.message}`, ...frames].join("\n");
	return place;
}

function dispositionOfKind(kind: BybitErrorKind, retryAfterMs: number | undefined): Disposition {
	switch (kind) {
		// The reply that refused us also told the venue's clock, and the client uses it from the next call on.
		case "clock":
		// The next call passes or fails by itself; a set call of unknown outcome is read back before it is repeated.
		case "timeout":
		case "network":
		case "aborted":
		case "unknown-outcome":
		case "overload":
		// A proxy's page or a maintenance page: it goes away, and a wrong host fails with `route` or `environment`.
		case "reply":
		// The line is gone, and every second counts against the window.
		case "closed":
		// HTTP has accepted this very key before, so on the socket it is the expiry that had passed: on a slow link, or by a
		// clock that was set since. The next open reads the venue's clock first; what is refused then too waits (auth-refusals.ts).
		case "auth":
		// A key service that is away for a moment; stopping for good would leave the orders to the venue's countdown.
		case "signer":
		// "Request not authorized" and the like: a new connection starts clean.
		case "subscribe":
		// A code that is not known: worth another try, slowly.
		case "venue":
			return { action: "retry" };
		case "rate":
			return { action: "wait", forMs: Math.max(retryAfterMs ?? 1_000, 100) };
		// Any call during the ban would lengthen it.
		case "banned":
			return { action: "wait", forMs: retryAfterMs ?? 600_000 };
		// Nothing but a change of the configuration helps, and asking again looks like an attack.
		case "options":
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
 * While the orders can still be saved the first waits are a third of what is left at most: with a window of a few seconds an
 * ordinary one would be all of it.
 */
export function inTime(disposition: Disposition, savableMs = 0): Disposition {
	if (disposition.action !== "retry" || savableMs <= 0) return disposition;
	return { ...disposition, withinMs: savableMs / 3 };
}

/** There is no connection any more, or it is not the one that was meant. */
export function ended(why: string): SessionError {
	return new SessionError(`@x/keepalive/bybit: ${why}.`, { disposition: { action: "retry" }, session: "ended" });
}
