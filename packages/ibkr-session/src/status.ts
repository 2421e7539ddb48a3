import type { Answer } from "./answer.ts";
import { type BrokerageStatus, readBrokerage } from "./brokerage.ts";
import { postIserverAuthStatus200 } from "./generated/check.ts";
import { readReply, unreadable } from "./http.ts";
import type { NoBrokerage, NoSession } from "./refusal.ts";

/** What `status()` learned. */
export type StatusOutcome = { readonly kind: "status"; readonly brokerage: BrokerageStatus } | NoSession | NoBrokerage;

export const statusCall = "POST /iserver/auth/status";

export function readStatus(answer: Answer): StatusOutcome {
	const reply = readReply(statusCall, postIserverAuthStatus200, answer);
	if (reply.kind !== "reply") return reply;
	const brokerage = readBrokerage(reply.body);
	if (!brokerage) throw unreadable(statusCall, "/authenticated is missing");
	return { kind: "status", brokerage };
}
