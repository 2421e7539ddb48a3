import { getIserverReauthenticate200 } from "../generated/check.ts";
import type { Answer } from "../http/answer.ts";
import { readReply } from "../http/http.ts";
import type { IbkrNoBrokerage, IbkrNoSession } from "../http/refusal.ts";

/** The outcome of `reauthenticate()`. */
export type IbkrReauthenticateOutcome =
	/** Accepted, but not done: poll `status()`. */
	{ readonly kind: "triggered" } | { readonly kind: "not-triggered" } | IbkrNoSession | IbkrNoBrokerage;

const reauthenticateCall = "GET /iserver/reauthenticate";

export function readReauthenticate(answer: Answer): IbkrReauthenticateOutcome {
	const reply = readReply(reauthenticateCall, getIserverReauthenticate200, answer);
	if (reply.kind !== "reply") return reply;
	return { kind: reply.body.message === "triggered" ? "triggered" : "not-triggered" };
}
