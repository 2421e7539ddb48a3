import { boolean, object, optional } from "@x/base/option-schema";
import { postIserverAuthSsodhInit200 } from "../generated/check.ts";
import type { Answer } from "../http/answer.ts";
import { readReply, replyError } from "../http/http.ts";
import type { IbkrNoBrokerage, IbkrNoSession } from "../http/refusal.ts";
import { checkArgument } from "../options.ts";
import { failOf, type IbkrBrokerageStatus, readBrokerage } from "./brokerage.ts";

/** The parameters of `init()`. */
export interface IbkrInitRequest {
	/** Publish the session token. Default true; the venue answers false with 500. */
	readonly publish?: boolean;
	/** Whether to end another brokerage session of the same user. Default false: the other session keeps the user. */
	readonly compete?: boolean;
}

/** The outcome of `init()`. */
export type IbkrInitOutcome =
	/** Started. It can take seconds to become ready: poll `status()`. */
	| { readonly kind: "accepted"; readonly brokerage?: IbkrBrokerageStatus }
	/**
	 * Refused: another session holds the user, or the key can only take over by force. The reply does not say which;
	 * `forceOnly` of the next `status()` does.
	 */
	| { readonly kind: "refused"; readonly brokerage?: IbkrBrokerageStatus }
	| IbkrNoSession
	| IbkrNoBrokerage;

export const initCall = "POST /iserver/auth/ssodh/init";

/** The request with its defaults, checked. @throws OptionError. */
export function resolveInitRequest(request: IbkrInitRequest): Required<IbkrInitRequest> {
	const members = { publish: optional(boolean()), compete: optional(boolean()) };
	checkArgument("request", object<IbkrInitRequest>(members), request);
	const { publish = true, compete = false } = request;
	return { publish, compete };
}

export function readInit(answer: Answer): IbkrInitOutcome {
	const reply = readReply(initCall, postIserverAuthSsodhInit200, answer);
	if (reply.kind !== "reply") return reply;
	const { passed, authenticated } = reply.body;
	const brokerage = readBrokerage(reply.body);
	const known = brokerage ? { brokerage } : {};
	// Not by `competing`, which is false in a refused init.
	const hasFailed = failOf(reply.body) !== undefined && authenticated !== true;
	if (passed === false || authenticated === false || hasFailed) return { kind: "refused", ...known };
	if (passed === true || authenticated === true) return { kind: "accepted", ...known };
	throw replyError(initCall, "/passed, /authenticated and /fail are missing");
}
