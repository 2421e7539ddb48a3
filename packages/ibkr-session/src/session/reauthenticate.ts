import { getIserverReauthenticate200 } from "../generated/check.ts";
import type { Answer } from "../http/classified-reply.ts";
import { readReply } from "../http/http-client.ts";
import type { IbkrOutcomes } from "./call-outcomes.ts";

const reauthenticateCall = "GET /iserver/reauthenticate";

export function readReauthenticate(answer: Answer): IbkrOutcomes["reauthenticate"] {
	const reply = readReply(reauthenticateCall, getIserverReauthenticate200, answer);
	if (reply.kind !== "reply") return reply;
	return { kind: reply.body.message === "triggered" ? "triggered" : "not-triggered" };
}
