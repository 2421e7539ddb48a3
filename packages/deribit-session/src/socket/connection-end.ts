import { type DeribitCancelOnDisconnectFired, type DeribitEndReason, DeribitError } from "../errors.ts";

/** The facts about a connection that ends, from which {@link explainEnd} finds the reason. */
export interface EndFacts {
	/** The code of the close event; undefined when no close event came within `closeTimeoutMs` and this side gave up. */
	readonly closeCode: number | undefined;
	/** The method that was called to close the connection; undefined if neither was called. */
	readonly closing: "logout" | "disconnect" | undefined;
	/** Milliseconds since the venue replied with error 10028 (rate limit exceeded); undefined if it never did. */
	readonly rateLimitedMsAgo: number | undefined;
	/**
	 * Milliseconds since the venue announced maintenance or refused a call because of maintenance; undefined if it did
	 * neither.
	 */
	readonly maintenanceMsAgo: number | undefined;
	/** Milliseconds since the last frame in either direction. */
	readonly idleMs: number;
	/** Milliseconds since the last frame from this side. */
	readonly sendIdleMs: number;
	/** Whether cancel-on-disconnect was on; undefined if the connection does not know. */
	readonly isArmed: boolean | undefined;
}

/** The WebSocket close code that stands for "no close frame was received". */
export const noCloseFrame = 1006;
const heartbeatClose = 4000;
/**
 * The venue ends the session right after error 10028. An end more than this many milliseconds later has another reason.
 */
const rateLimitMs = 10_000;
/** Announced maintenance lasts up to 30 minutes. */
const maintenanceMs = 30 * 60_000;
/**
 * The venue cut an idle connection after 60.5 s (measured). The limit here is lower, because a frame takes time to arrive: this
 * side and the venue measure different idle times.
 */
const idleTimeoutMs = 55_000;
/**
 * The venue's documentation says that it closes a connection after ten minutes without a frame from this side. The limit here is
 * 5 s lower, as a margin.
 */
const sendIdleTimeoutMs = 595_000;

/** Why a connection ended, and what the end did to the orders placed over it. */
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

/** The reason that the venue recently announced for ending connections; undefined if there is none. */
function announcedReason({ rateLimitedMsAgo, maintenanceMsAgo }: EndFacts): "rate-limit" | "maintenance" | undefined {
	if (rateLimitedMsAgo !== undefined && rateLimitedMsAgo <= rateLimitMs) return "rate-limit";
	if (maintenanceMsAgo !== undefined && maintenanceMsAgo <= maintenanceMs) return "maintenance";
	return undefined;
}

function firedAfter(why: DeribitEndReason, facts: EndFacts): DeribitCancelOnDisconnectFired {
	const { closeCode, isArmed } = facts;
	if (isArmed === false) return "no";
	if (why === "logout") {
		// The venue answers a logout with a close frame. If none came, the logout may not have arrived: then the venue sees a
		// lost connection and cancels the orders. If the venue had announced that it would close the connection (rate limit or
		// maintenance), a close frame does not prove that the logout arrived, because the announced end may bring one too.
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

/** The end of a connection, with its reason and its effect on the orders. */
export interface ConnectionEnd extends ReturnType<typeof explainEnd> {
	/** When the connection ended, in epoch milliseconds. */
	readonly at: number;
	readonly closeCode: number | undefined;
	/** The end in a human-readable sentence. */
	readonly detail: string;
}

/** Describes the end of a connection that ends now. */
export function describeEnd(facts: EndFacts): ConnectionEnd {
	const { why, cancelOnDisconnectFired } = explainEnd(facts);
	const { closeCode } = facts;
	const hasCloseFrame = closeCode !== undefined && closeCode !== noCloseFrame;
	const code = hasCloseFrame ? `close code ${closeCode}` : `no close frame${closeCode ? ` (${closeCode})` : ""}`;
	const detail = `connection ended: ${reasonText[why]}, ${code}. ${ordersText[cancelOnDisconnectFired]}. Check the orders, then reconnect`;
	return { at: Date.now(), why, cancelOnDisconnectFired, closeCode, detail };
}

/** The error with which calls over an ended connection fail. */
export function endError({ detail, ...facts }: ConnectionEnd): DeribitError {
	return new DeribitError(detail, { kind: "closed", ...facts });
}
