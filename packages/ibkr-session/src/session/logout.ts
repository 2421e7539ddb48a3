import { postLogout200 } from "../generated/check.ts";
import type { Answer } from "../http/answer.ts";
import { readReply } from "../http/http.ts";
import type { IbkrNoBrokerage, IbkrNoSession } from "../http/refusal.ts";

/** What `logout()` learned. Working orders stay where they are in every case. */
export type IbkrLogoutOutcome =
	| { readonly kind: "logged-out" }
	/** The venue answered without saying that the session is over. */
	| { readonly kind: "unconfirmed" }
	| IbkrNoSession
	| IbkrNoBrokerage;

export const logoutCall = "POST /logout";

export function readLogout(answer: Answer): IbkrLogoutOutcome {
	const reply = readReply(logoutCall, postLogout200, answer);
	if (reply.kind !== "reply") return reply;
	return { kind: reply.body.status === true ? "logged-out" : "unconfirmed" };
}
