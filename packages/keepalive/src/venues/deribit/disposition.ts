import { type DeribitError, isDeribitError } from "@x/deribit-session";
import { type Disposition, isSessionError, SessionError } from "../../session-error.ts";

/** A spent credit pool refills within 5 s; twice that, so that the first calls do not empty it again. */
const rateLimitMs = 10_000;
/** A break lasts 15 to 30 minutes or more; asked once a minute it costs no logins worth counting. */
export const maintenanceMs = 60_000;
/** system_maintenance, temporarily_unavailable, unavailable: what the venue says during a break. */
export const breakCodes: ReadonlySet<number> = new Set([11051, 13028, 13503]);
/** "Too many logins" asks for a long pause, without a number. */
const loginsMs = 5 * 60_000;

/** What to do about an error of the client: the one place where it is decided. */
export function toSessionError(what: string, error: unknown): SessionError {
	if (isSessionError(error)) return error;
	if (!isDeribitError(error)) {
		// Not foreseen, and so worth another try, slowly.
		const name = error instanceof Error ? error.name : typeof error;
		return new SessionError(`@x/keepalive/deribit: ${what} failed with an unforeseen ${name}`, {
			disposition: { action: "retry" },
			cause: error,
		});
	}
	return new SessionError(`@x/keepalive/deribit: ${what} failed. ${error.message}`, {
		disposition: dispositionOf(error),
		session: error.kind === "closed" ? "ended" : "unclear",
		cause: error,
	});
}

function dispositionOf(error: DeribitError): Disposition {
	switch (error.kind) {
		// The program or its settings are wrong: no later try can differ.
		case "options":
			return { action: "fatal" };
		// But for a session name in use, which the connection that has it may be about to give back: nothing was sent.
		case "request":
			return { action: error.method === "public/auth" ? "retry" : "fatal" };
		case "closed":
			return afterEnd(error);
		// Nothing was sent: the venue would have ended the session for it.
		case "credits":
			return { action: "wait", forMs: error.waitMs ?? rateLimitMs };
		case "venue":
			return afterRefusal(error);
		// A handshake can be refused for maintenance or too many connections, which a WebSocket does not tell: so the sooner
		// attempts are bounded by number, and no login is among them.
		case "network":
		case "timeout":
			return { action: "retry", ...(error.method === undefined && { unreached: true }) };
		case "aborted":
		// A reply we cannot read may be a proxy's page or a change of the venue: nothing was taken from it.
		case "reply":
			return { action: "retry" };
	}
}

function afterEnd({ why }: DeribitError): Disposition {
	// The venue ended the session for too many requests: connecting at once would spend the rest of the credits.
	if (why === "rate-limit") return { action: "wait", forMs: rateLimitMs };
	if (why === "maintenance") return { action: "wait", forMs: maintenanceMs };
	return { action: "retry" };
}

function afterRefusal({ code, data }: DeribitError): Disposition {
	switch (code) {
		case 13004: // invalid credentials: repeated errors count against the address
		case 11098: // account locked, which is not maintenance
		case 12005: // country not served
		case 13021: // the key lacks the right
		case 11042: // permission denied
		case -32601: // no such method
		case -32602: // a setting of ours is not taken
			return { action: "fatal" };
		case 10028: // too many requests; the venue ends the session by itself
			return { action: "wait", forMs: rateLimitMs };
		case 11051: // system maintenance
		case 13028: // temporarily unavailable
		case 13503: // unavailable
			return { action: "wait", forMs: maintenanceMs };
		case 12003: // too many logins
			return { action: "wait", forMs: loginsMs };
		case 12998: // the venue says for how many seconds
			return { action: "wait", forMs: waitSeconds(data) * 1_000 };
		default:
			// 10049 among them: not armed, so the session is not open; the next attempt may arm.
			return { action: "retry" };
	}
}

function waitSeconds(data: DeribitError["data"]): number {
	const seconds = typeof data === "object" ? data["wait"] : undefined;
	return typeof seconds === "number" && seconds > 0 ? Math.min(seconds, 86_400) : 60;
}
