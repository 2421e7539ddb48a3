import { isObject } from "@x/base/objects";
import type { StatusRecord } from "@x/keepalive";
import type { SessionCall } from "./call-kind.ts";
import { type Answer, json } from "./refusals.ts";

/** The value that replaces the venue's session id in answers to bots. */
const sessionId = "hidden";

const live = { authenticated: true, established: true, competing: false, connected: true, message: "" };

/**
 * Answers a call about the session from its last known status, but only if the session is alive and a beat was acknowledged within the
 * last `tickleMs`. The answer has the venue's form, but nothing that identifies the user or the machine.
 */
export function knownAnswer(
	call: SessionCall,
	{ status, tally }: Pick<StatusRecord, "status" | "tally">,
	tickleMs: number,
	now = Date.now(),
): Answer | undefined {
	const ageMs = now - (tally.lastBeatAt ?? Number.NEGATIVE_INFINITY);
	if (status.state !== "alive" || ageMs < 0 || ageMs >= tickleMs) return undefined;
	return { status: 200, contentType: json, body: JSON.stringify(knownBodies[call]) };
}

const knownBodies: Readonly<Record<SessionCall, object>> = {
	tickle: { session: sessionId, collission: false, hmds: { error: "no bridge" }, iserver: { authStatus: live } },
	status: { ...live, fail: "" },
	validate: { RESULT: true },
};

/** The members of the venue's answers that bots get. Members that identify the session, the user or the machine are left out. */
const shownMembers: Readonly<Record<SessionCall, readonly string[]>> = {
	tickle: ["error", "ssoExpires", "collission", "hmds"],
	status: [
		"error",
		"authenticated",
		"established",
		"competing",
		"connected",
		"message",
		"fail",
		"serverInfo",
		"statusCode",
	],
	validate: [
		"error",
		"RESULT",
		"AUTH_TIME",
		"EXPIRES",
		"LOGIN_TYPE",
		"loginType",
		"region",
		"features",
		"lastAccessed",
	],
};

/** Returns the venue's answer to a call about the session, with only the members that bots may see. */
export function shownAnswer(call: SessionCall, answer: Answer): Answer {
	const value = parsed(answer.body);
	if (!isObject(value)) return answer;
	const body = shown(call, value);
	if (call !== "tickle") return { ...answer, body: JSON.stringify(body) };
	const { session, iserver } = value;
	const status = isObject(iserver) ? iserver["authStatus"] : undefined;
	const whole = {
		...(session !== undefined && { session: sessionId }),
		...body,
		...(isObject(status) && { iserver: { authStatus: shown("status", status) } }),
	};
	return { ...answer, body: JSON.stringify(whole) };
}

/**
 * Returns the answer to a tickle with a session id for this bot. That id identifies the bot at the relay's WebSocket, and is worth nothing
 * elsewhere.
 */
export function withLocalSession(answer: Answer, session: string): Answer {
	return {
		...answer,
		body: answer.body.replace(`"session":"${sessionId}"`, () => `"session":${JSON.stringify(session)}`),
	};
}

const shown = (call: SessionCall, value: Readonly<Record<string, unknown>>): Record<string, unknown> =>
	Object.fromEntries(Object.entries(value).filter(([name]) => shownMembers[call].includes(name)));

/** Returns the session id in the venue's answer to a tickle. */
export function sessionIdIn(body: string): string | undefined {
	const value = parsed(body);
	const id = isObject(value) ? value["session"] : undefined;
	return typeof id === "string" && id !== "" ? id : undefined;
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
