import { adviceFor } from "../advice.ts";
import { DeribitError } from "../errors.ts";
import { type Check, checks } from "../generated/check.ts";
import type { DeribitMethod, DeribitResult } from "../methods.ts";
import { redact, redactData } from "../redact.ts";
import { isObject, type JsonObject, mismatch } from "./frames.ts";

/** What a reply is judged by. */
export interface Asked {
	method: string;
	/** Texts that no error may show. */
	secrets: Iterable<string>;
	/** HTTP status of the answer, when it came over HTTP. */
	status?: number;
}

/**
 * The result of a method that the spec describes.
 *
 * @throws {DeribitError} of kind `venue` for an error, `reply` for anything that is not as the spec says.
 */
export function resultOf<M extends DeribitMethod>(method: M, body: JsonObject, asked: Asked): DeribitResult<M> {
	// The check of this very method has just found the type that the spec gives its result.
	return checkedResult(body, asked, checks[`GET /${method} 200`]) as DeribitResult<M>;
}

/** The result of a method that the spec does not describe, unread. @throws {DeribitError} as {@link resultOf}. */
export function anyResultOf(body: JsonObject, asked: Asked): unknown {
	if (!("result" in body) && !("error" in body)) throw misfit(asked, "/", "has neither result nor error");
	return checkedResult(body, asked, checks.ReplyFrame);
}

function checkedResult(body: JsonObject, asked: Asked, check: Check): unknown {
	if ("error" in body) throw refusal(body["error"], asked);
	if (!check(body)) throw misfit(asked, check.errors?.[0]?.instancePath || "/", mismatch(check.errors));
	return body["result"];
}

/** The error that a reply's `error` member stands for. */
export function refusal(error: unknown, { method, secrets, status }: Asked): DeribitError {
	if (!isObject(error) || typeof error["code"] !== "number") {
		return misfit({ method, secrets, ...(status === undefined ? {} : { status }) }, "/error", "/error has no code");
	}
	const code = error["code"];
	const venueMessage = typeof error["message"] === "string" ? redact(error["message"], secrets) : undefined;
	const data = redactData(error["data"], secrets);
	const details = data === undefined ? "" : ` (${typeof data === "string" ? data : JSON.stringify(data)})`;
	return new DeribitError(
		`${method} was refused with ${code}${venueMessage ? ` ${venueMessage}` : ""}${details}: ${adviceFor(code)}`,
		{ kind: "venue", method, code, venueMessage, data, status },
	);
}

/** An answer that is not as the spec says. */
export function misfit({ method, status }: Asked, path: string, detail: string, cause?: unknown): DeribitError {
	return new DeribitError(`the answer to ${method} is not as the spec says: ${detail}; it was not used`, {
		kind: "reply",
		method,
		path,
		status,
		cause,
	});
}
