import { type DeribitCancelOnDisconnectFired, type DeribitEndReason, DeribitError } from "../errors.ts";

/** What is known when a connection ends. */
export interface EndFacts {
	/** The close event's code; undefined when none came and this side gave up. */
	readonly closeCode: number | undefined;
	/** The method that is closing the connection. */
	readonly closing: "logout" | "disconnect" | undefined;
	/** Milliseconds since the venue replied 10028. */
	readonly rateLimitedMsAgo: number | undefined;
	/** Milliseconds since the venue announced maintenance or replied so. */
	readonly maintenanceMsAgo: number | undefined;
	/** Milliseconds since the last frame in either direction. */
	readonly idleMs: number;
	/** Milliseconds since the last frame from this side. */
	readonly sendIdleMs: number;
	/** Whether cancel-on-disconnect was on, if the connection knows. */
	readonly isArmed: boolean | undefined;
}

/** The close code of an end without a close frame. */
export const noCloseFrame = 1006;
const heartbeatClose = 4000;
/** The venue ends the session right after 10028, so a later end has another reason. */
const rateLimitMs = 10_000;
/** Announced maintenance lasts up to 30 minutes. */
const maintenanceMs = 30 * 60_000;
/** An idle connection was cut after 60.5 s (measured); less here, for frames that were in flight. */
const idleTimeoutMs = 55_000;
/** The venue closes after ten minutes without a frame from this side (documented). */
const sendIdleTimeoutMs = 595_000;

/** Why it ended, and what that did to the orders placed over it. */
export function explainEnd(facts: EndFacts): {
	readonly why: DeribitEndReason;
	readonly cancelOnDisconnectFired: DeribitCancelOnDisconnectFired;
} {
	const why = reasonOf(facts);
	return { why, cancelOnDisconnectFired: firedAfter(why, facts) };
}

function reasonOf(facts: EndFacts): DeribitEndReason {
	const { closeCode, closing, idleMs, sendIdleMs } = facts;
	if (closeCode === heartbeatClose) return "heartbeat";
	if (closing) return closing;
	const announced = announcedReason(facts);
	if (announced) return announced;
	if (closeCode === undefined || closeCode === noCloseFrame) return idleMs >= idleTimeoutMs ? "silence" : "network";
	return sendIdleMs >= sendIdleTimeoutMs ? "silence" : "venue";
}

/** The reason that the venue announced for ending connections, if it is recent. */
function announcedReason({ rateLimitedMsAgo, maintenanceMsAgo }: EndFacts): "rate-limit" | "maintenance" | undefined {
	if (rateLimitedMsAgo !== undefined && rateLimitedMsAgo <= rateLimitMs) return "rate-limit";
	if (maintenanceMsAgo !== undefined && maintenanceMsAgo <= maintenanceMs) return "maintenance";
	return undefined;
}

function firedAfter(why: DeribitEndReason, facts: EndFacts): DeribitCancelOnDisconnectFired {
	const { closeCode, isArmed } = facts;
	if (isArmed === false) return "no";
	if (why === "logout") {
		// The venue answers a logout with a close frame. Without one the logout may not have arrived, and the venue sees a
		// lost connection and cancels. A close that was due anyway is no answer either.
		return closeCode === undefined || closeCode === noCloseFrame || announcedReason(facts) ? "unknown" : "no";
	}
	// The venue does not document whether maintenance cancels orders.
	if (why === "maintenance") return "unknown";
	return isArmed ? "likely" : "unknown";
}

const reasonText: Readonly<Record<DeribitEndReason, string>> = {
	heartbeat: "the venue closed it because a test_request was not answered in time",
	"rate-limit": "the venue closed it because the rate limit was exceeded",
	maintenance: "the venue closed it for maintenance",
	silence: "it was idle for too long",
	network: "connection lost",
	venue: "the venue closed it",
	logout: "logout() was called",
	disconnect: "disconnect() was called",
};

const ordersText: Readonly<Record<DeribitCancelOnDisconnectFired, string>> = {
	likely: "Cancel-on-disconnect was on: the venue cancels its orders once it notices the end",
	no: "Its orders keep working",
	unknown: "Its orders may have been cancelled",
};

/** The end of a connection, explained. */
export interface ConnectionEnd extends ReturnType<typeof explainEnd> {
	/** Epoch milliseconds. */
	readonly at: number;
	readonly closeCode: number | undefined;
	/** A human-readable text. */
	readonly detail: string;
}

/** Explains an end that happens now. */
export function describeEnd(facts: EndFacts): ConnectionEnd {
	const { why, cancelOnDisconnectFired } = explainEnd(facts);
	const { closeCode } = facts;
	const hasCloseFrame = closeCode !== undefined && closeCode !== noCloseFrame;
	const code = hasCloseFrame ? `close code ${closeCode}` : `no close frame${closeCode ? ` (${closeCode})` : ""}`;
	const detail = `connection ended: ${reasonText[why]}, ${code}. ${ordersText[cancelOnDisconnectFired]}. Check the orders, then reconnect`;
	return { at: Date.now(), why, cancelOnDisconnectFired, closeCode, detail };
}

/** The error that an ended connection gives to its calls. */
export function endError({ detail, ...facts }: ConnectionEnd): DeribitError {
	return new DeribitError(detail, { kind: "closed", ...facts });
}
