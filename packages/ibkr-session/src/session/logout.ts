import { postLogout200 } from "../generated/check.ts";
import type { Answer } from "../http/answer.ts";
import { readReply } from "../http/http.ts";
import type { NoBrokerage, NoSession } from "../http/refusal.ts";

/** What `logout()` learned. Working orders stay where they are in every case. */
export type LogoutOutcome =
	| { readonly kind: "logged-out" }
	/** The venue answered without saying that the session is over. */
	| { readonly kind: "unconfirmed" }
	| NoSession
	| NoBrokerage;

export const logoutCall = "POST /logout";

export function readLogout(answer: Answer): LogoutOutcome {
	const reply = readReply(logoutCall, postLogout200, answer);
	if (reply.kind !== "reply") return reply;
	return { kind: reply.body.status === true ? "logged-out" : "unconfirmed" };
}
