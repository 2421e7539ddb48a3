import { createFinalURL } from "openapi-fetch";
import { IbkrError } from "../errors.ts";
import type { Check, checks } from "../generated/check.ts";
import type { paths } from "../generated/schema.ts";
import type { Answer } from "./answer.ts";
import { Cookies } from "./cookies.ts";
import { type ExchangeSettings, exchange, type Outgoing } from "./exchange.ts";
import { failureOf, type IbkrNoBrokerage, type IbkrNoSession, refusalOf } from "./refusal.ts";

/** The calls of the spec, such as `POST /tickle`. */
export type Call = {
	[Path in keyof paths & string]:
		| (paths[Path] extends { get: object } ? `GET ${Path}` : never)
		| (paths[Path] extends { post: object } ? `POST ${Path}` : never);
}[keyof paths & string];

/** What the spec says of a call. */
type OperationOf<Name extends Call> = Name extends `${infer Method} ${infer Path extends keyof paths}`
	? paths[Path][Lowercase<Method> & keyof paths[Path]]
	: never;

/** The described body of a call's request, by its Content-Type; never where none is described. */
export type BodyOf<Name extends Call, Type extends string> =
	OperationOf<Name> extends { requestBody: { content: Record<Type, infer Body> } } ? Body : never;

/** Addresses what is sent, and sends it. The answers are read by this package's own rules. */
export interface Http {
	readonly cookies: Cookies;
	/** @throws IbkrError when there was no whole answer. */
	ask(call: Call, signal: AbortSignal | undefined, content?: Outgoing["content"]): Promise<Answer>;
}

/** None of the calls has parameters, so nothing is serialised into its address. */
const bare = { params: {}, querySerializer: () => "", pathSerializer: (path: string) => path };

/** @param baseUrl - where the paths begin. */
export function createHttp(baseUrl: string, settings: ExchangeSettings): Http {
	const cookies = new Cookies();
	return {
		cookies,
		// openapi-fetch as a whole follows redirects, has no deadline, throws on HTML and takes an empty 401 for success.
		ask: (call, signal, content) => {
			const [method = "", path = ""] = call.split(" ");
			const url = createFinalURL(path, { baseUrl, ...bare });
			return exchange(call, { method, url, content }, settings, cookies, signal);
		},
	};
}

/** The calls with a check of their 200 reply, such as `POST /tickle`. */
export type CheckedCall = keyof typeof checks extends infer Key
	? Key extends `${infer Name extends Call} 200`
		? Name
		: never
	: never;

/** The described body of a call's 200 reply. */
export type ReplyOf<Name extends CheckedCall> =
	OperationOf<Name> extends { responses: { 200: { content: { "application/json": infer Body } } } } ? Body : never;

/**
 * The body of a 200 reply as described, or what the answer says about the session instead.
 *
 * @param check - of that call: named here, so that a bundle has those alone that it needs.
 * @throws IbkrError for any other answer.
 */
export function readReply<Name extends CheckedCall>(
	call: Name,
	check: Check,
	answer: Answer,
): { readonly kind: "reply"; readonly body: ReplyOf<Name> } | IbkrNoSession | IbkrNoBrokerage {
	if (answer.status !== 200 || answer.kind !== "json") {
		const refusal = refusalOf(answer);
		if (refusal) return refusal;
		throw failureOf(call, answer);
	}
	if (!check(answer.value)) {
		const where = check.errors?.[0];
		const place = where?.instancePath || "the body itself";
		throw unreadable(call, `${place} ${where?.message ?? "is not as described"}`);
	}
	// Every member of a reply is optional, so a body with nothing but an error passes the checks of all calls.
	const { error, iserver } = answer.value as { error?: unknown; iserver?: unknown };
	if (typeof error === "string" && (iserver === undefined || iserver === null)) {
		if (/no session/i.test(error)) return { kind: "no-session", because: "error-body", status: 200 };
		const message = `${call} was answered 200 with an error in the body that says nothing about the session`;
		throw new IbkrError(message, { kind: "unavailable", call, status: 200 });
	}
	// The check just made is generated from the same schema as this type.
	return { kind: "reply", body: answer.value as ReplyOf<Name> };
}

/** The error for a 200 reply that lacks, or has in another form, what the call is for. */
export function unreadable(call: string, what: string): IbkrError {
	return new IbkrError(`${call} was answered 200, but ${what}`, { kind: "reply", call, status: 200 });
}
