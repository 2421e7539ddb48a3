import { type DeribitCancelOnDisconnectFired, type DeribitEndReason, DeribitError } from "../errors.ts";

/** What is known of the end of a connection when it happens. */
export interface End {
	/** The close event's code; undefined when no close came and the connection was given up on our side. */
	closeCode: number | undefined;
	/** The method that is leaving, if any. */
	leaving: "logout" | "disconnect" | undefined;
	/** Milliseconds since the venue answered 10028. */
	rateLimitedMsAgo: number | undefined;
	/** Milliseconds since the venue announced or answered with maintenance. */
	maintenanceMsAgo: number | undefined;
	/** Milliseconds since the last frame in either direction. */
	quietMs: number;
	/** Milliseconds since the last frame of ours. */
	unsentMs: number;
	/** What the connection knows of its switch. */
	armed: boolean | undefined;
}

/** The close code of an end without a close frame. */
export const noCloseFrame = 1006;
const heartbeatClose = 4000;
/** The venue ends the session right after 10028; an end long after it has another reason. */
const rateLimitMs = 10_000;
/** Announced breaks last up to 30 minutes. */
const maintenanceMs = 30 * 60_000;

/** A line without any traffic was gone after 60.5 s (measured); a little less, for frames that were under way. */
const quietCutMs = 55_000;
/** The venue closes after ten minutes without a frame of ours (documented). */
const inactivityMs = 595_000;

/** Why it ended and what that meant for the orders placed over it. */
export function explainEnd(end: End): {
	why: DeribitEndReason;
	cancelOnDisconnectFired: DeribitCancelOnDisconnectFired;
} {
	const why = reasonOf(end);
	return { why, cancelOnDisconnectFired: firedAfter(why, end) };
}

function reasonOf(end: End): DeribitEndReason {
	const { closeCode, leaving, quietMs, unsentMs } = end;
	if (closeCode === heartbeatClose) return "heartbeat";
	if (leaving) return leaving;
	const said = saidBefore(end);
	if (said) return said;
	if (closeCode === undefined || closeCode === noCloseFrame) return quietMs >= quietCutMs ? "silence" : "network";
	return unsentMs >= inactivityMs ? "silence" : "venue";
}

/** What the venue said that makes it end connections by itself. */
function saidBefore({ rateLimitedMsAgo, maintenanceMsAgo }: End): "rate-limit" | "maintenance" | undefined {
	if (rateLimitedMsAgo !== undefined && rateLimitedMsAgo <= rateLimitMs) return "rate-limit";
	if (maintenanceMsAgo !== undefined && maintenanceMsAgo <= maintenanceMs) return "maintenance";
	return undefined;
}

function firedAfter(why: DeribitEndReason, end: End): DeribitCancelOnDisconnectFired {
	const { closeCode, armed } = end;
	// It is off, whatever the end was.
	if (armed === false) return "no";
	if (why === "logout") {
		// A close frame answers the logout. Without one the request may never have arrived, and then the venue sees a
		// lost connection and cancels. Nor is a close an answer that was due anyway.
		return closeCode === undefined || closeCode === noCloseFrame || saidBefore(end) ? "unknown" : "no";
	}
	// The venue states nowhere whether a planned break cancels.
	if (why === "maintenance") return "unknown";
	return armed ? "likely" : "unknown";
}

const told: Readonly<Record<DeribitEndReason, string>> = {
	heartbeat: "the venue closed it because a test_request was not answered in time",
	"rate-limit": "the venue ended the session because of too many requests",
	maintenance: "the venue ended it in a maintenance break",
	silence: "nothing had gone over it for too long",
	network: "it broke without a close frame",
	venue: "the venue closed it",
	logout: "logout() was called",
	disconnect: "disconnect() was called",
};

const consequence: Readonly<Record<DeribitCancelOnDisconnectFired, string>> = {
	likely: "Cancel-on-disconnect was armed, so its orders are cancelled once the venue has noticed",
	no: "Its orders keep working",
	unknown: "Whether its orders were cancelled is not known",
};

/** An end with what it means. */
export interface Ended extends ReturnType<typeof explainEnd> {
	/** Epoch milliseconds. */
	readonly at: number;
	readonly closeCode: number | undefined;
	/** For people. */
	readonly detail: string;
}

/** An end that happens now, in words too. */
export function endedBy(end: End): Ended {
	const { why, cancelOnDisconnectFired } = explainEnd(end);
	const { closeCode } = end;
	const code = closeCode === undefined ? "no close frame came" : `close code ${closeCode}`;
	const detail = `the connection has ended: ${told[why]} (${code}). ${consequence[cancelOnDisconnectFired]}; look at the orders, then connect anew`;
	return { at: Date.now(), why, cancelOnDisconnectFired, closeCode, detail };
}

/** The reason that `connection.ended` carries. */
export function endError({ detail, ...facts }: Ended): DeribitError {
	return new DeribitError(detail, { kind: "closed", ...facts });
}
