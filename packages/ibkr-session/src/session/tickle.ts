import { postIserverAuthStatus200, postTickle200 } from "../generated/check.ts";
import { IbkrHidden } from "../hidden.ts";
import type { Answer } from "../http/answer.ts";
import { readReply, replyError } from "../http/http.ts";
import { type IbkrNoBrokerage, type IbkrNoSession, said } from "../http/refusal.ts";
import { type IbkrBrokerageStatus, readBrokerage } from "./brokerage.ts";

/** The outcome of `tickle()`. */
export type IbkrTickleOutcome =
	| ((
			| {
					/**
					 * - `live`: both sessions are alive, `brokerage.state` is `ready`;
					 * - `not-ready`: the Web API session is alive, the brokerage session is not ready, see `brokerage.state`.
					 */
					readonly kind: "live" | "not-ready";
					readonly brokerage: IbkrBrokerageStatus;
			  }
			/** The Web API session is alive; the reply says nothing about the brokerage session. */
			| { readonly kind: "unstated" }
	  ) & {
			/** The session key for the WebSocket, if the venue sent it. It can change between tickles. */
			readonly session?: IbkrHidden<string>;
			/**
			 * Milliseconds until the venue renews the login. In a healthy session it falls to almost 0 about every ten minutes, and a
			 * tickle does not raise it, so a low value is no reason for an alert. Not sent with OAuth 1.0a.
			 */
			readonly ssoExpiresInMs?: number;
			/** The same as a time, in epoch milliseconds of this machine's clock. */
			readonly ssoExpiresAt?: number;
	  })
	| IbkrNoSession
	| IbkrNoBrokerage;

const tickleCall = "POST /tickle";

export function readTickle(answer: Answer, now: number): IbkrTickleOutcome {
	const reply = readReply(tickleCall, postTickle200, answer);
	if (reply.kind !== "reply") return reply;
	// The schema also accepts an error reply, and does not validate iserver in it.
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
