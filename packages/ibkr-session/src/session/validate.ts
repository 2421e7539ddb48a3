import { getSsoValidate200 } from "../generated/check.ts";
import { IbkrHidden } from "../hidden-value.ts";
import type { Answer } from "../http/classified-reply.ts";
import { readReply, replyError } from "../http/http-client.ts";
import type { IbkrOutcomes } from "./call-outcomes.ts";

const validateCall = "GET /sso/validate";

/**
 * A value of `EXPIRES` above this many milliseconds is a point in time, not a duration: as a duration it would be more
 * than three years.
 */
const maxDurationMs = 1e11;

export function readValidate(answer: Answer, now: number): IbkrOutcomes["validate"] {
	const reply = readReply(validateCall, getSsoValidate200, answer);
	if (reply.kind !== "reply") return reply;
	const { RESULT, EXPIRES, LOGIN_TYPE, loginType, region, features, USER_NAME } = reply.body;
	if (RESULT === false) return { kind: "no-session", because: "result-false", status: 200 };
	if (RESULT !== true) throw replyError(validateCall, 'the reply has no "RESULT"');
	const type = LOGIN_TYPE ?? loginType;
	const environment = features?.env ?? features?.envs;
	return {
		kind: "valid",
		...(typeof EXPIRES === "number" ? expiry(EXPIRES, now) : {}),
		...(type === 1 ? { loginType: "live" } : type === 2 ? { loginType: "paper" } : {}),
		...(region ? { region } : {}),
		...(environment ? { environment } : {}),
		...(USER_NAME ? { userName: new IbkrHidden(USER_NAME) } : {}),
	};
}

function expiry(expires: number, now: number): { expiresAt: number; expiresForm: "absolute" | "relative" } {
	return expires > maxDurationMs
		? { expiresAt: expires, expiresForm: "absolute" }
		: { expiresAt: now + expires, expiresForm: "relative" };
}
