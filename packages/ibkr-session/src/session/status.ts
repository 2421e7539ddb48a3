import { postIserverAuthStatus200 } from "../generated/check.ts";
import type { Answer } from "../http/answer.ts";
import { readReply, replyError } from "../http/http.ts";
import type { IbkrNoBrokerage, IbkrNoSession } from "../http/refusal.ts";
import { type IbkrBrokerageStatus, readBrokerage } from "./brokerage.ts";

/** The outcome of `status()`. */
export type IbkrStatusOutcome =
	| { readonly kind: "status"; readonly brokerage: IbkrBrokerageStatus }
	| IbkrNoSession
	| IbkrNoBrokerage;

export const statusCall = "POST /iserver/auth/status";

export function readStatus(answer: Answer): IbkrStatusOutcome {
	const reply = readReply(statusCall, postIserverAuthStatus200, answer);
	if (reply.kind !== "reply") return reply;
	const brokerage = readBrokerage(reply.body);
	if (!brokerage) throw replyError(statusCall, "/authenticated is missing");
	return { kind: "status", brokerage };
}
