import { postIserverAuthStatus200 } from "../generated/check.ts";
import type { Answer } from "../http/classified-reply.ts";
import { readReply, replyError } from "../http/http-client.ts";
import { outcomeOf, said } from "../http/no-session-replies.ts";
import { readBrokerage } from "./brokerage-status.ts";
import type { IbkrOutcomes } from "./call-outcomes.ts";

const statusCall = "POST /iserver/auth/status";

export function readStatus(answer: Answer): IbkrOutcomes["status"] {
	const reply = readReply(statusCall, postIserverAuthStatus200, answer);
	if (reply.kind !== "reply") return reply;
	const brokerage = readBrokerage(reply.body, said(answer));
	if (!brokerage) throw replyError(statusCall, 'the reply has no "authenticated"');
	return { kind: "status", brokerage };
}

/**
 * Whether the venue refused the HTTP method of the request rather than the request itself. Which method is right is not
 * certain: the venue documents POST, but every request recorded in 2026 uses GET.
 */
export function isMethodRefused(answer: Answer): boolean {
	const { status } = answer;
	return (status === 400 || status === 404 || status === 405) && outcomeOf(answer) === undefined;
}
