import { postLogout200 } from "../generated/check.ts";
import type { Answer } from "../http/answer.ts";
import { readReply } from "../http/http.ts";
import type { IbkrNoBrokerage, IbkrNoSession } from "../http/refusal.ts";

/** The outcome of `logout()`. Working orders keep working in every case. */
export type IbkrLogoutOutcome =
	| { readonly kind: "logged-out" }
	/** The venue did not confirm the logout. */
	| { readonly kind: "unconfirmed" }
	| IbkrNoSession
	| IbkrNoBrokerage;

const logoutCall = "POST /logout";

export function readLogout(answer: Answer): IbkrLogoutOutcome {
	const reply = readReply(logoutCall, postLogout200, answer);
	if (reply.kind !== "reply") return reply;
	return { kind: reply.body.status === true ? "logged-out" : "unconfirmed" };
}
