import { postIserverAuthStatus200, postTickle200 } from "../generated/check.ts";
import { IbkrHidden } from "../hidden-value.ts";
import type { Answer } from "../http/classified-reply.ts";
import { readReply, replyError } from "../http/http-client.ts";
import { said } from "../http/no-session-replies.ts";
import { readBrokerage } from "./brokerage-status.ts";
import type { IbkrOutcomes } from "./call-outcomes.ts";

const tickleCall = "POST /tickle";

export function readTickle(answer: Answer, now: number): IbkrOutcomes["tickle"] {
	const reply = readReply(tickleCall, postTickle200, answer);
	if (reply.kind !== "reply") return reply;
	// The schema accepts error replies too, and does not validate the member `iserver` of an error reply. So this function checks error
	// replies and `iserver` itself.
	if (!("session" in reply.body || "iserver" in reply.body || "ssoExpires" in reply.body)) {
		throw replyError(tickleCall, "the reply says nothing about a session");
	}
	const { session, ssoExpires, iserver } = reply.body;
	const details = {
		...(typeof session === "string" && session !== "" ? { session: new IbkrHidden(session) } : {}),
		...(typeof ssoExpires === "number" ? { ssoExpiresInMs: ssoExpires, ssoExpiresAt: now + ssoExpires } : {}),
	};
	const wire = iserver?.authStatus ?? {};
	if (!postIserverAuthStatus200(wire)) throw replyError(tickleCall, "/iserver/authStatus does not match the spec");
	const brokerage = readBrokerage(wire, said(answer));
	if (!brokerage) return { kind: "unstated", ...details };
	return { kind: brokerage.state === "ready" ? "live" : "not-ready", brokerage, ...details };
}
