import { clause, errorName, isOptionError } from "@x/base/errors";
import { type DeribitError, isDeribitError } from "@x/deribit-session";
import { type Disposition, isSessionError, reworded, SessionError } from "../../session-error.ts";

/**
 * The wait after a rate limit, in milliseconds: twice the 5 s in which an empty credit pool refills, so that the first calls do
 * not empty the pool again.
 */
const rateLimitWaitMs = 10_000;
/** The wait between two attempts during maintenance, in milliseconds. Maintenance lasts 15 to 30 minutes, sometimes longer. */
export const maintenanceWaitMs = 60_000;
/** The wait after "too many logins", in milliseconds. The venue does not say how long to wait. */
const loginLimitWaitMs = 5 * 60_000;

/** Error codes of the venue that other files check for. */
export const venueCodes = {
	invalidCredentials: 13004,
	unauthorized: 13009,
	/** The venue's error `unauthenticated_public_requests_temporarily_disabled`. */
	publicCallsDisabled: 11056,
};

/** The codes `system_maintenance`, `temporarily_unavailable` and `unavailable`: the venue's answers to calls during maintenance. */
export const maintenanceCodes: ReadonlySet<number> = new Set([11051, 13028, 13503]);

/**
 * Turns an error of the client into a SessionError, whose disposition says what to do next. Other functions may still change this
 * disposition, for example {@link RepeatedRefusals}.
 *
 * @param what - what failed, such as `beat failed`.
 */
export function toSessionError(what: string, error: unknown): SessionError {
	if (isSessionError(error)) return error;
	if (isOptionError(error)) {
		const { message } = error;
		return new SessionError(`@x/keepalive/deribit: ${what}: ${message}`, {
			disposition: { action: "fatal" },
			cause: error,
		});
	}
	if (!isDeribitError(error)) {
		return new SessionError(`@x/keepalive/deribit: ${what}: unexpected ${errorName(error)} (see error.cause)`, {
			disposition: { action: "retry" },
			cause: error,
		});
	}
	return new SessionError(`@x/keepalive/deribit: ${what}: ${error.message}`, {
		disposition: dispositionOf(error),
		session: error.kind === "closed" ? "ended" : "unclear",
		cause: error,
	});
}

function dispositionOf(error: DeribitError): Disposition {
	switch (error.kind) {
		// The client refuses a login while another connection uses the same session name. That name may become free soon.
		case "request":
			return { action: error.call === "public/auth" ? "retry" : "fatal" };
		case "closed":
			return afterClose(error);
		case "credits":
			return { action: "wait", forMs: error.retryAfterMs ?? rateLimitWaitMs };
		case "venue":
			return afterRefusal(error);
		// A WebSocket does not report why its handshake failed. The cause may be maintenance or too many connections.
		case "network":
		case "timeout":
			return { action: "retry", ...(error.call === "connect" && { unreachable: true }) };
		case "aborted":
		// An unreadable reply may be the error page of a proxy, so the failure is temporary.
		case "http":
		case "reply":
		case "subscription":
			return { action: "retry" };
	}
}

function afterClose({ why }: DeribitError): Disposition {
	// The venue closed the connection because of its rate limit. Reconnecting at once would spend the credits that remain.
	if (why === "rate-limit") return { action: "wait", forMs: rateLimitWaitMs };
	if (why === "maintenance") return { action: "wait", forMs: maintenanceWaitMs };
	return { action: "retry" };
}

function afterRefusal({ venueCode, data }: DeribitError): Disposition {
	switch (venueCode) {
		case 13004: // invalid credentials: repeated attempts count against the address
		case 11098: // account locked
		case 12005: // country not served
		case 13021: // the API key lacks permission
		case 11042: // permission denied
		case -32601: // method not found
		case -32602: // invalid params
			return { action: "fatal" };
		case 10028: // too many requests: the venue ends the session
			return { action: "wait", forMs: rateLimitWaitMs };
		case 11051: // system maintenance
		case 13028: // temporarily unavailable
		case 13503: // unavailable
			return { action: "wait", forMs: maintenanceWaitMs };
		case 12003: // too many logins
			return { action: "wait", forMs: loginLimitWaitMs };
		case 12998: // the reply says how many seconds to wait
			return { action: "wait", forMs: waitSeconds(data) * 1_000 };
		default:
			// For example after 10049 (arming failed), the session is not open, and the next attempt may succeed.
			return { action: "retry" };
	}
}

/**
 * The wait after an {@link UncheckedRefusal}, in milliseconds: long enough for this machine's clock to be corrected, if it was wrong at
 * the refusal.
 */
const uncheckedWaitMs = 60_000;

/**
 * The error if the venue refused a signed login (13004) and did not answer a later request for its time. The code 13004 may mean a wrong
 * secret or a wrong clock of this machine, and only the venue's time shows which. {@link RepeatedRefusals} decides what to do.
 */
export class UncheckedRefusal extends SessionError {
	constructor(cause: DeribitError) {
		const advice = "check the API key and this machine's clock, as the venue's time could not be read";
		super(`@x/keepalive/deribit: login failed: ${clause(cause.message)}; ${advice}`, {
			disposition: { action: "wait", forMs: uncheckedWaitMs },
			cause,
		});
	}
}

/**
 * Error codes after which the session makes no further attempt. For example, each further login with invalid credentials would count
 * against this address.
 */
const definiteCodes: ReadonlySet<number | undefined> = new Set([venueCodes.invalidCredentials, 11098, 12005]);

/**
 * Whether the session makes no further attempt after this error. Any other `fatal` error may be a single wrong answer: see {@link
 * RepeatedRefusals}.
 */
export function isDefinite({ disposition, cause }: SessionError): boolean {
	if (disposition.action !== "fatal") return false;
	return (
		isOptionError(cause) || (isDeribitError(cause) && (cause.kind === "request" || definiteCodes.has(cause.venueCode)))
	);
}

/**
 * Changes an error of beat() so that a single answer of the venue does not end the session:
 *
 * - A `fatal` error that is not definite (see {@link isDefinite}) becomes `retry`. The answer may be wrong, and the next beat() asks the
 *   venue again before the session is lost.
 * - The answer that the venue is unavailable becomes `retry`. Its normal wait of a minute without pings would lose a connection that may
 *   still work.
 */
export function withoutDoubtfulVerdict(error: SessionError): SessionError {
	const { disposition, message, cause } = error;
	const isUnavailable = isDeribitError(cause) && cause.kind === "venue" && maintenanceCodes.has(cause.venueCode);
	const isDoubtful = disposition.action === "fatal" ? !isDefinite(error) : isUnavailable;
	if (!isDoubtful) return error;
	return reworded(error, message, { disposition: { action: "retry" } });
}

/**
 * The waits after the first, second and third `fatal` error of an open, in milliseconds. The session tries again after each of them,
 * because each may be a single wrong answer.
 */
const confirmAfterMs: readonly number[] = [2_000, 15_000, 60_000];

/**
 * Counts opens that failed in a row with the same `fatal` error. After each of the first three the session waits and tries again, because
 * a venue that is being updated may answer wrongly. The fourth failure ends the session for good. An {@link UncheckedRefusal} ends
 * the session the second time, because each attempt may be a login with a wrong key.
 */
export class RepeatedRefusals {
	readonly #armingPermission: string;
	#what: string | undefined;
	#count = 0;
	#wasUnchecked = false;

	constructor(armingPermission: string) {
		this.#armingPermission = armingPermission;
	}

	/** To be called with the error of each failed open. While a `fatal` error may be a single wrong answer, turns it into a wait. */
	judge(error: SessionError): SessionError {
		if (error instanceof UncheckedRefusal) {
			if (this.#wasUnchecked) return reworded(error, error.message, { disposition: { action: "fatal" } });
			this.#wasUnchecked = true;
			return error;
		}
		if (error.disposition.action !== "fatal" || isDefinite(error)) return error;
		const { cause, message } = error;
		const what = isDeribitError(cause) ? `${cause.call} ${cause.venueCode}` : message;
		this.#count = what === this.#what ? this.#count + 1 : 1;
		this.#what = what;
		const forMs = confirmAfterMs[this.#count - 1];
		if (forMs !== undefined) {
			const attempt = `refusal ${this.#count} of ${confirmAfterMs.length + 1} before giving up`;
			return reworded(error, `${clause(message)} (${attempt})`, { disposition: { action: "wait", forMs } });
		}
		const needs = `${this.#count} refusals in a row. ${this.#needs(cause)}`;
		return reworded(error, `${clause(message)}: ${needs}`);
	}

	/** To be called when an open has succeeded, so that counting begins anew. */
	reset(): void {
		this.#what = undefined;
		this.#count = 0;
		this.#wasUnchecked = false;
	}

	#needs(cause: unknown): string {
		const code = venueCodeOf(cause);
		if (code === -32601 || code === -32602) return "Check the option client.url, and whether this package is outdated.";
		return `Give the API key the permission ${this.#armingPermission}.`;
	}
}

function waitSeconds(data: DeribitError["data"]): number {
	const seconds = typeof data === "object" ? data["wait"] : undefined;
	return typeof seconds === "number" && seconds > 0 ? Math.min(seconds, 86_400) : 60;
}

/** The venue's error code, if the error is a refusal by the venue; else undefined. */
export function venueCodeOf(error: unknown): number | undefined {
	return isDeribitError(error) ? error.venueCode : undefined;
}

/** The message of any value that was thrown. */
export function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : "unexpected error";
}

/** The error of beat() while there is no connection. */
export function noSession(): SessionError {
	return new SessionError("@x/keepalive/deribit: beat failed: there is no connection. Call open() first.", {
		disposition: { action: "retry" },
		session: "ended",
	});
}

/** The error of an open() whose result is discarded, because of a later open(), a close() or an abort. */
export function superseded(): SessionError {
	return new SessionError("@x/keepalive/deribit: open was superseded by a later open, a close or an abort", {
		disposition: { action: "retry" },
	});
}
