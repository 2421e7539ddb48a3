import { boolean, object, optional } from "@x/base/option-schema";
import { postIserverAuthSsodhInit200 } from "../generated/check.ts";
import type { Answer } from "../http/classified-reply.ts";
import { type ReplyOf, readReply, replyError } from "../http/http-client.ts";
import { said } from "../http/no-session-replies.ts";
import { checkArgument } from "../options.ts";
import { failOf, isForceOnly, readBrokerage } from "./brokerage-status.ts";
import type { IbkrOutcomes } from "./call-outcomes.ts";

/**
 * The parameters of `init()`.
 *
 * @internal
 */
export interface InitRequest {
	/** Whether to publish the session token. Default true; if false, the venue refuses the call with status 500. */
	readonly publish?: boolean;
	/** Whether to end another brokerage session of the same user. Default false: the other session continues. */
	readonly compete?: boolean;
}

const initCall = "POST /iserver/auth/ssodh/init";

/**
 * The request with its defaults, checked.
 *
 * @internal
 * @throws OptionError.
 */
export function resolveInitRequest(request: InitRequest): Required<InitRequest> {
	const members = { publish: optional(boolean()), compete: optional(boolean()) };
	checkArgument("request", object<InitRequest>(members), request);
	const { publish = true, compete = false } = request;
	return { publish, compete };
}

export function readInit(answer: Answer): IbkrOutcomes["init"] {
	const reply = readReply(initCall, postIserverAuthSsodhInit200, answer);
	if (reply.kind !== "reply") return reply;
	const { passed, authenticated } = reply.body;
	const words = said(answer);
	const brokerage = readBrokerage(reply.body, words);
	const known = brokerage ? { brokerage } : {};
	const fail = failOf(reply.body);
	// This check does not use `competing`, because the venue may send false although it refused the init because of another
	// session.
	const hasFailed = fail !== undefined && authenticated !== true;
	if (passed === false || authenticated === false || hasFailed) {
		return { kind: "refused", because: refusalOf(reply.body, fail), ...known, ...words };
	}
	if (passed === true || authenticated === true) return { kind: "accepted", ...known };
	throw replyError(initCall, "/passed, /authenticated and /fail are missing");
}

type Refusal = Extract<IbkrOutcomes["init"], { kind: "refused" }>["because"];

function refusalOf({ passed, competing }: ReplyOf<typeof initCall>, fail = ""): Refusal {
	if (isForceOnly(fail)) return "force-only";
	if (competing === true || /compet|(another|other) (session|login|user)/i.test(fail)) return "competing";
	return passed === false ? "not-passed" : "unstated";
}
