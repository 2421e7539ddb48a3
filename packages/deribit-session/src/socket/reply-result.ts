import { isRecord } from "@x/base/objects";
import { redact } from "@x/base/redact";
import type { Check } from "@x/base/reply-check";
import { adviceFor } from "../error-advice.ts";
import { DeribitError } from "../errors.ts";
import { checks } from "../generated/check.ts";
import type { DeribitMethod, DeribitResult } from "../method-types.ts";
import { redactData } from "../redact.ts";
import { type JsonObject, mismatch } from "./read-frame.ts";

/** The call that a reply belongs to. */
export interface RepliedCall {
	readonly call: string;
	/** The secrets to remove from the error of the call. */
	readonly secrets: Iterable<string>;
	/** HTTP status of the response, for a call over HTTP. */
	readonly status?: number | undefined;
}

/**
 * The result of a method of the spec.
 *
 * @throws {DeribitError} of kind `venue` when the reply is an error, `reply` when the reply does not match the spec.
 */
export function resultOf<M extends DeribitMethod>(method: M, body: JsonObject, call: RepliedCall): DeribitResult<M> {
	// The cast is safe: the check of this method has verified the type of its result.
	return checkedResult(body, call, checks[`GET /${method} 200`]) as DeribitResult<M>;
}

/**
 * The result of a method that is not in the spec, without a check of its type.
 *
 * @throws {DeribitError} as {@link resultOf}.
 */
export function uncheckedResultOf(body: JsonObject, call: RepliedCall): unknown {
	if (!("result" in body) && !("error" in body)) throw replyError(call, "/", "it has neither result nor error");
	return checkedResult(body, call, checks.ReplyFrame);
}

function checkedResult(body: JsonObject, call: RepliedCall, check: Check): unknown {
	if ("error" in body) throw venueError(body["error"], call);
	if (!check(body)) throw replyError(call, check.errors?.[0]?.instancePath || "/", mismatch(check.errors));
	return body["result"];
}

/** The error for the `error` member of a reply. */
export function venueError(error: unknown, replied: RepliedCall): DeribitError {
	if (!isRecord(error) || typeof error["code"] !== "number") {
		return replyError(replied, "/error", "the error has no numeric code");
	}
	const { call, secrets, status } = replied;
	const venueCode = error["code"];
	const venueMessage = typeof error["message"] === "string" ? redact(error["message"], secrets) : undefined;
	const data = redactData(error["data"], secrets);
	const todo = adviceFor(venueCode);
	const details = data === undefined ? "" : ` (${typeof data === "string" ? data : JSON.stringify(data)})`;
	return new DeribitError(
		`the venue replied with error ${venueCode}${venueMessage ? ` ${venueMessage}` : ""}${details}: ${todo}`,
		{ kind: "venue", call, venueCode, venueMessage, todo, data, status },
	);
}

/** The error for a reply that does not match the spec. */
export function replyError(
	{ call, status }: RepliedCall,
	path: string,
	problem: string,
	cause?: unknown,
): DeribitError {
	return new DeribitError(`the reply does not match the spec: ${problem}`, {
		kind: "reply",
		call,
		path,
		status,
		cause,
	});
}
