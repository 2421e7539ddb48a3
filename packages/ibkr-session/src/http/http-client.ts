import type { Check } from "@x/base/reply-check";
import createClient, { type Client } from "openapi-fetch";
import { IbkrError } from "../errors.ts";
import type { checks } from "../generated/check.ts";
import type { paths } from "../generated/schema.ts";
import { checkCallOptions, type IbkrCallOptions } from "../options.ts";
import type { Answer } from "./classified-reply.ts";
import { Cookies } from "./cookies.ts";
import { type IbkrNoBrokerage, type IbkrNoSession, outcomeOf, said, statusError } from "./no-session-replies.ts";
import { VenueMessages } from "./redact-venue-message.ts";
import { type RequestSettings, sendRequest } from "./send-request.ts";

/** The operation in the OpenAPI spec that belongs to the name of a call, such as `POST /tickle`. */
type OperationOf<Name extends string> = Name extends `${infer Method} ${infer Path extends keyof paths}`
	? paths[Path][Lowercase<Method> & keyof paths[Path]]
	: never;

/** Sends the calls of one client and keeps its cookies. */
export interface Http {
	readonly cookies: Cookies;
	/**
	 * @param call - makes the request with openapi-fetch. The reply is read without openapi-fetch, which would throw on
	 * HTML and take an empty reply with status 401 for success.
	 * @param method - the HTTP method to use instead of the method of the call.
	 * @throws IbkrError when there was no complete reply, OptionError when the platform has no fetch.
	 */
	ask(
		call: (api: Client<paths>) => Promise<unknown>,
		options: IbkrCallOptions | undefined,
		method?: "GET" | "POST",
	): Promise<Answer>;
}

/** @param baseUrl - the URL in front of each path. */
export function createHttp(baseUrl: string, settings: RequestSettings): Http {
	const cookies = new Cookies();
	const messages = new VenueMessages();
	return {
		cookies,
		ask: (call, options = {}, otherMethod) => {
			checkCallOptions(options);
			return new Promise((resolve, reject) => {
				const fetch = async (request: Request): Promise<Response> => {
					const { url, method, headers } = request;
					const name = `${method} ${url.slice(baseUrl.length)}`;
					const text = await request.text();
					const content = text ? { type: headers.get("content-type") ?? "", text } : undefined;
					const sent = { method: otherMethod ?? method, url, content };
					resolve(sendRequest(name, sent, settings, { cookies, messages }, options));
					return new Response();
				};
				call(createClient<paths>({ baseUrl, fetch })).catch(reject);
			});
		},
	};
}

/** The names of all calls whose 200 reply has a generated check, such as `POST /tickle`. */
export type CheckedCall = keyof typeof checks extends infer Key
	? Key extends `${infer Name} 200`
		? Name
		: never
	: never;

/** The body of a call's 200 reply. */
export type ReplyOf<Name extends CheckedCall> =
	OperationOf<Name> extends { responses: { 200: { content: { "application/json": infer Body } } } } ? Body : never;

/**
 * The body of a 200 reply, or the outcome `no-session` or `no-brokerage` if the reply says so.
 *
 * @param check - the check of this call's reply, passed in so that a bundle contains only the checks that it needs.
 * @throws IbkrError for any other reply.
 */
export function readReply<Name extends CheckedCall>(
	call: Name,
	check: Check,
	answer: Answer,
): { readonly kind: "reply"; readonly body: ReplyOf<Name> } | IbkrNoSession | IbkrNoBrokerage {
	if (answer.status !== 200 || answer.kind !== "json") {
		const outcome = outcomeOf(answer);
		if (outcome) return outcome;
		throw statusError(call, answer);
	}
	if (!check(answer.value)) {
		const { instancePath, message } = check.errors?.[0] ?? {};
		throw replyError(call, `${instancePath || "the body"} ${message ?? "does not match the spec"}`);
	}
	// Every member of a reply is optional, so a body with only an error passes every check. The cast allows the members
	// `error` and `iserver` to be read.
	const { error, iserver } = answer.value as { error?: unknown; iserver?: unknown };
	if (typeof error === "string" && (iserver === undefined || iserver === null)) {
		if (/no session/i.test(error)) return { kind: "no-session", because: "error-body", status: 200, ...said(answer) };
		const problem = "status 200 with an error in the body, which says nothing about the session";
		throw new IbkrError("unavailable", problem, { call, status: 200, ...said(answer) });
	}
	// The cast is safe: the check is generated from the same schema as this type.
	return { kind: "reply", body: answer.value as ReplyOf<Name> };
}

/** The error for a 200 reply that does not match the OpenAPI spec. */
export function replyError(call: string, what: string): IbkrError {
	return new IbkrError("reply", `status 200, but ${what}`, { call, status: 200 });
}
