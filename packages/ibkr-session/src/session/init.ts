import { boolean, object, optional } from "@x/base/option-schema";
import { postIserverAuthSsodhInit200 } from "../generated/check.ts";
import type { Answer } from "../http/answer.ts";
import { type ReplyOf, readReply, replyError } from "../http/http.ts";
import { type IbkrNoBrokerage, type IbkrNoSession, said } from "../http/refusal.ts";
import { checkArgument } from "../options.ts";
import { failOf, type IbkrBrokerageStatus, isForceOnly, readBrokerage } from "./brokerage.ts";

/**
 * The parameters of `init()`.
 *
 * @internal
 */
export interface InitRequest {
	/** Publish the session token. Default true; the venue answers false with 500. */
	readonly publish?: boolean;
	/** Whether to end another brokerage session of the same user. Default false: the other session keeps the user. */
	readonly compete?: boolean;
}

/** The outcome of `init()`. */
export type IbkrInitOutcome =
	/** Started. It can take seconds to become ready: poll `status()`. */
	| { readonly kind: "accepted"; readonly brokerage?: IbkrBrokerageStatus }
	| {
			readonly kind: "refused";
			/**
			 * Why, as far as the reply says:
			 * - `competing`: another session holds the user;
			 * - `force-only`: this key can open a session only with `compete: true`;
			 * - `not-passed`: one of these two, and `forceOnly` of the next `status()` says which;
			 * - `unstated`: no reason. This has been seen with nobody else logged in.
			 */
			readonly because: "competing" | "force-only" | "not-passed" | "unstated";
			readonly brokerage?: IbkrBrokerageStatus;
			/** The venue's own words, without secrets and cut; absent if there were none. */
			readonly venueMessage?: string;
	  }
	| IbkrNoSession
	| IbkrNoBrokerage;

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

export function readInit(answer: Answer): IbkrInitOutcome {
	const reply = readReply(initCall, postIserverAuthSsodhInit200, answer);
	if (reply.kind !== "reply") return reply;
	const { passed, authenticated } = reply.body;
	const words = said(answer);
	const brokerage = readBrokerage(reply.body, words);
	const known = brokerage ? { brokerage } : {};
	const fail = failOf(reply.body);
	// Not by `competing`, which is false in a refused init.
	const hasFailed = fail !== undefined && authenticated !== true;
	if (passed === false || authenticated === false || hasFailed) {
		return { kind: "refused", because: refusalOf(reply.body, fail), ...known, ...words };
	}
	if (passed === true || authenticated === true) return { kind: "accepted", ...known };
	throw replyError(initCall, "/passed, /authenticated and /fail are missing");
}

type Refusal = Extract<IbkrInitOutcome, { kind: "refused" }>["because"];

function refusalOf({ passed, competing }: ReplyOf<typeof initCall>, fail = ""): Refusal {
	if (isForceOnly(fail)) return "force-only";
	if (competing === true || /compet|(another|other) (session|login|user)/i.test(fail)) return "competing";
	return passed === false ? "not-passed" : "unstated";
}
