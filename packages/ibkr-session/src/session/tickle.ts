import { postIserverAuthStatus200, postTickle200 } from "../generated/check.ts";
import { IbkrHidden } from "../hidden.ts";
import type { Answer } from "../http/answer.ts";
import { readReply, replyError } from "../http/http.ts";
import type { IbkrNoBrokerage, IbkrNoSession } from "../http/refusal.ts";
import { type IbkrBrokerageStatus, readBrokerage } from "./brokerage.ts";

/** What a tickle tells of the Web API session. */
export interface IbkrTickleFacts {
	/** The key of the WebSocket, where it was sent. It can change from one tickle to the next. */
	readonly session?: IbkrHidden<string>;
	/**
	 * Milliseconds until the login renews itself. Falls to near zero about every ten minutes in a healthy session, and a
	 * tickle does not raise it: a low value alone is no alarm. Not sent over OAuth 1.0a.
	 */
	readonly ssoExpiresInMs?: number;
	/** The same as an instant in epoch milliseconds, by this machine's clock. */
	readonly ssoExpiresAt?: number;
}

/** What `tickle()` learned. */
export type IbkrTickleOutcome =
	/** Both sessions are good: `brokerage.state` is `ready`. */
	| ({ readonly kind: "live"; readonly brokerage: IbkrBrokerageStatus } & IbkrTickleFacts)
	/** The Web API session is good, the brokerage session is not ready: see `brokerage.state`. */
	| ({ readonly kind: "not-ready"; readonly brokerage: IbkrBrokerageStatus } & IbkrTickleFacts)
	/** The Web API session is good, and the reply says nothing of the brokerage session. */
	| ({ readonly kind: "unstated" } & IbkrTickleFacts)
	| IbkrNoSession
	| IbkrNoBrokerage;

export const tickleCall = "POST /tickle";

export function readTickle(answer: Answer, now: number): IbkrTickleOutcome {
	const reply = readReply(tickleCall, postTickle200, answer);
	if (reply.kind !== "reply") return reply;
	// A body with `error` and `iserver` passes the check as a failure, where `iserver` is not looked at.
	if (!("session" in reply.body || "iserver" in reply.body || "ssoExpires" in reply.body)) {
		throw replyError(tickleCall, "it says nothing about a session");
	}
	const { session, ssoExpires, iserver } = reply.body;
	const facts: IbkrTickleFacts = {
		...(typeof session === "string" && session !== "" ? { session: new IbkrHidden(session) } : {}),
		...(typeof ssoExpires === "number" ? { ssoExpiresInMs: ssoExpires, ssoExpiresAt: now + ssoExpires } : {}),
	};
	const wire = iserver?.authStatus ?? {};
	if (!postIserverAuthStatus200(wire)) throw replyError(tickleCall, "/iserver/authStatus is malformed");
	const brokerage = readBrokerage(wire);
	if (!brokerage) return { kind: "unstated", ...facts };
	return { kind: brokerage.state === "ready" ? "live" : "not-ready", brokerage, ...facts };
}
