import { getSsoValidate200 } from "../generated/check.ts";
import { IbkrHidden } from "../hidden.ts";
import type { Answer } from "../http/answer.ts";
import { readReply, replyError } from "../http/http.ts";
import type { IbkrNoBrokerage, IbkrNoSession } from "../http/refusal.ts";

/** What `validate()` learned. */
export type IbkrValidateOutcome =
	| {
			readonly kind: "valid";
			/** End of the login in epoch milliseconds, where it was sent. */
			readonly expiresAt?: number;
			/** Whether the venue sent an instant or, `relative`, the milliseconds left: those count from the reply. */
			readonly expiresForm?: "absolute" | "relative";
			readonly loginType?: "live" | "paper";
			/** Such as `NJ` or `EU`. */
			readonly region?: string;
			/** Such as `PROD`. */
			readonly environment?: string;
			readonly userName?: IbkrHidden<string>;
	  }
	| IbkrNoSession
	| IbkrNoBrokerage;

export const validateCall = "GET /sso/validate";

/** Above this, `EXPIRES` is an instant: as a duration it would be more than three years. */
const leastInstant = 1e11;

export function readValidate(answer: Answer, now: number): IbkrValidateOutcome {
	const reply = readReply(validateCall, getSsoValidate200, answer);
	if (reply.kind !== "reply") return reply;
	const { RESULT, EXPIRES, LOGIN_TYPE, loginType, region, features, USER_NAME } = reply.body;
	if (RESULT === false) return { kind: "no-session", because: "result-false", status: 200 };
	if (RESULT !== true) throw replyError(validateCall, "/RESULT is missing");
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
	return expires > leastInstant
		? { expiresAt: expires, expiresForm: "absolute" }
		: { expiresAt: now + expires, expiresForm: "relative" };
}
