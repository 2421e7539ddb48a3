import createClient, { type Client } from "openapi-fetch";
import type { Answer } from "./answer.ts";
import { Cookies } from "./cookies.ts";
import { IbkrError } from "./errors.ts";
import { type ExchangeSettings, exchange } from "./exchange.ts";
import type { Check, checks } from "./generated/check.ts";
import type { paths } from "./generated/schema.ts";
import { failureOf, type NoBrokerage, type NoSession, refusalOf } from "./refusal.ts";

/** What the `send` of {@link Http.ask} hands on to openapi-fetch. */
export type PerCall = { readonly fetch: (request: Request) => Promise<Response> };

/** Sends what openapi-fetch has addressed and serialised, and reads the answer by this package's own rules. */
export interface Http {
	readonly api: Client<paths>;
	readonly cookies: Cookies;
	/** @throws IbkrError when there was no whole answer. */
	ask(call: string, signal: AbortSignal | undefined, send: (init: PerCall) => Promise<unknown>): Promise<Answer>;
}

/** @param baseUrl - where the paths begin. */
export function createHttp(baseUrl: string, settings: ExchangeSettings): Http {
	const api = createClient<paths>({ baseUrl });
	const cookies = new Cookies();
	return {
		api,
		cookies,
		ask: async (call, signal, send) => {
			let answer: Answer | undefined;
			// openapi-fetch follows redirects, has no deadline, throws on HTML and takes an empty 401 for success: it gets
			// an empty reply, and the real one is read here.
			await send({
				fetch: async (request) => {
					answer = await exchange(call, request, settings, cookies, signal);
					return new Response(null, { status: 204 });
				},
			});
			if (answer === undefined) throw new IbkrError(`${call} was not sent`, { kind: "network", call });
			return answer;
		},
	};
}

/** The calls with a check of their 200 reply, such as `POST /tickle`. */
export type CheckedCall = keyof typeof checks extends infer Key
	? Key extends `${infer Call} 200`
		? Call
		: never
	: never;

/** The described body of a call's 200 reply. */
export type ReplyOf<Call extends CheckedCall> = Call extends `${infer Method} ${infer Path extends keyof paths}`
	? paths[Path][Lowercase<Method> & keyof paths[Path]] extends {
			responses: { 200: { content: { "application/json": infer Body } } };
		}
		? Body
		: never
	: never;

/**
 * The body of a 200 reply as described, or what the answer says about the session instead.
 *
 * @param check - of that call: named here, so that a bundle has those alone that it needs.
 * @throws IbkrError for any other answer.
 */
export function readReply<Call extends CheckedCall>(
	call: Call,
	check: Check,
	answer: Answer,
): { readonly kind: "reply"; readonly body: ReplyOf<Call> } | NoSession | NoBrokerage {
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
	return { kind: "reply", body: answer.value as ReplyOf<Call> };
}

/** The error for a 200 reply that lacks, or has in another form, what the call is for. */
export function unreadable(call: string, what: string): IbkrError {
	return new IbkrError(`${call} was answered 200, but ${what}`, { kind: "reply", call, status: 200 });
}
