import { IbkrError } from "../errors.ts";
import { postIserverAuthSsodhInit200 } from "../generated/check.ts";
import type { Answer } from "../http/answer.ts";
import { readReply, unreadable } from "../http/http.ts";
import type { IbkrNoBrokerage, IbkrNoSession } from "../http/refusal.ts";
import { onlyKnown } from "../known.ts";
import { failOf, type IbkrBrokerageStatus, readBrokerage } from "./brokerage.ts";

/** What to ask for with `init()`. */
export interface IbkrInitRequest {
	/** Publish the session token. Default true; false is answered with 500. */
	readonly publish?: boolean;
	/** True ends another brokerage session of the same user. Default false, which yields to it. */
	readonly compete?: boolean;
}

/** What `init()` learned. */
export type IbkrInitOutcome =
	/** Taken. It can take seconds to become ready: ask `status()`. */
	| { readonly kind: "accepted"; readonly brokerage?: IbkrBrokerageStatus }
	/**
	 * Refused: somebody else holds the user, or the key can only force. The reply does not tell which; `forceOnly` of the
	 * next `status()` does.
	 */
	| { readonly kind: "refused"; readonly brokerage?: IbkrBrokerageStatus }
	| IbkrNoSession
	| IbkrNoBrokerage;

export const initCall = "POST /iserver/auth/ssodh/init";

export function checkInitRequest(request: IbkrInitRequest): Required<IbkrInitRequest> {
	onlyKnown(request, { publish: 1, compete: 1 });
	const { publish = true, compete = false } = request;
	for (const [name, value] of Object.entries({ publish, compete })) {
		if (typeof value === "boolean") continue;
		const message = `init: ${name} must be true or false, and a value of type ${typeof value} was given`;
		throw new IbkrError(message, { kind: "options", call: initCall });
	}
	return { publish, compete };
}

export function readInit(answer: Answer): IbkrInitOutcome {
	const reply = readReply(initCall, postIserverAuthSsodhInit200, answer);
	if (reply.kind !== "reply") return reply;
	const { passed, authenticated } = reply.body;
	const brokerage = readBrokerage(reply.body);
	const seen = brokerage ? { brokerage } : {};
	// Not by `competing`: a refused init says false there.
	const failed = failOf(reply.body) !== undefined && authenticated !== true;
	if (passed === false || authenticated === false || failed) return { kind: "refused", ...seen };
	if (passed === true || authenticated === true) return { kind: "accepted", ...seen };
	throw unreadable(initCall, "neither /passed nor /authenticated nor /fail is there");
}
