import { postLogout200 } from "../generated/check.ts";
import type { Answer } from "../http/classified-reply.ts";
import { readReply } from "../http/http-client.ts";
import type { IbkrOutcomes } from "./call-outcomes.ts";

const logoutCall = "POST /logout";

export function readLogout(answer: Answer): IbkrOutcomes["logout"] {
	const reply = readReply(logoutCall, postLogout200, answer);
	if (reply.kind !== "reply") return reply;
	return { kind: reply.body.status === true ? "logged-out" : "unconfirmed" };
}
