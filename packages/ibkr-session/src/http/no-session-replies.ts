import { longestBodyBytes } from "@x/base/read-body";
import { IbkrError } from "../errors.ts";
import { type Answer, saidIn } from "./classified-reply.ts";

/** There is no Web API session. Log in at the gateway, or get a new token. */
export interface IbkrNoSession {
	readonly kind: "no-session";
	/**
	 * How the venue said that there is no session:
	 * - `access-denied`: 401 (which is also the answer of a gateway that does not allow this machine's IP address);
	 * - `login-redirect`: a redirect to the gateway's login page;
	 * - `error-body`: 200 or 400 with `no session` in the body;
	 * - `result-false`: a validation that failed;
	 * - `gone`: 410;
	 * - `invalid-consumer`: the OAuth consumer key is not active yet, or the signature is wrong;
	 * - `token-refused`: the OAuth access token must be created again;
	 * - `token-expired`: the bearer token is too old.
	 */
	readonly because:
		| "access-denied"
		| "login-redirect"
		| "error-body"
		| "result-false"
		| "gone"
		| "invalid-consumer"
		| "token-refused"
		| "token-expired";
	/** HTTP status of the reply, which may be 200. */
	readonly status: number;
	/** The venue's own message, without secrets and cut to 200 characters; absent if there was none. */
	readonly venueMessage?: string;
}

/** There is a Web API session, but no brokerage session. Call `init`. */
export interface IbkrNoBrokerage {
	readonly kind: "no-brokerage";
	/**
	 * How the venue said that there is no brokerage session. `empty`: the reply to `accounts` is `{}`, because the session
	 * is not ready or another login holds it.
	 */
	readonly because: "not-authenticated" | "no-bridge" | "init-first" | "empty";
	/** HTTP status of the reply: 200 if `because` is `empty`, otherwise 400 or 401. */
	readonly status: number;
	/** The venue's own message, without secrets and cut to 200 characters; absent if there was none. */
	readonly venueMessage?: string;
}

type Because = Omit<IbkrNoSession, "status" | "venueMessage"> | Omit<IbkrNoBrokerage, "status" | "venueMessage">;

/** What the text of a reply with status 400 or 401 means. The first phrase that matches counts. */
const phrases: readonly (readonly [RegExp, Because])[] = [
	[/no bridge/i, { kind: "no-brokerage", because: "no-bridge" }],
	[/init session first/i, { kind: "no-brokerage", because: "init-first" }],
	[/not authenticated/i, { kind: "no-brokerage", because: "not-authenticated" }],
	[/no session/i, { kind: "no-session", because: "error-body" }],
	[/invalid consumer/i, { kind: "no-session", because: "invalid-consumer" }],
	[/LST failed|access secret key/i, { kind: "no-session", because: "token-refused" }],
	[/expired/i, { kind: "no-session", because: "token-expired" }],
];

/**
 * What a redirect or a reply with status 400, 401 or 410 says about the session; undefined when the reply says nothing
 * about the session.
 */
export function outcomeOf(answer: Answer): IbkrNoSession | IbkrNoBrokerage | undefined {
	const because = becauseOf(answer);
	return because && { ...because, status: answer.status, ...said(answer) };
}

/** The venue's own message in a reply, if there is one. */
export function said({ venueMessage }: Answer): { readonly venueMessage?: string } {
	return venueMessage === undefined ? {} : { venueMessage };
}

function becauseOf(answer: Answer): Because | undefined {
	const { status } = answer;
	if (answer.kind === "redirect") return answer.login ? { kind: "no-session", because: "login-redirect" } : undefined;
	if (status === 410) return { kind: "no-session", because: "gone" };
	if (status !== 400 && status !== 401) return undefined;
	const said = saidIn(answer);
	const found = phrases.find(([phrase]) => phrase.test(said))?.[1];
	return found ?? (status === 401 ? { kind: "no-session", because: "access-denied" } : undefined);
}

/** The error for a reply that says nothing about the session. Of the body, the error quotes only words that hold no secret. */
export function statusError(call: string, answer: Answer): IbkrError {
	const { status, venueMessage } = answer;
	if (status >= 500) {
		const problem = `status ${status} (a restart, maintenance or a slow backend); the session may well be alive`;
		return new IbkrError("unavailable", problem, { call, status, venueMessage });
	}
	if (status >= 200 && status < 400) {
		const todo = "Check baseUrl and any proxy in between.";
		return new IbkrError("reply", `status ${status} with ${shapes[answer.kind]} instead of JSON`, {
			call,
			status,
			venueMessage,
			todo,
		});
	}
	return new IbkrError("http", `status ${status}`, { call, status, venueMessage, todo: advice.get(status) });
}

const shapes = {
	json: "an unexpected body",
	html: "HTML",
	text: "plain text",
	empty: "an empty body",
	redirect: "a redirect, not to the login page,",
	broken: "broken JSON",
	"too-long": `a body of more than ${longestBodyBytes} bytes`,
} as const;

const advice: ReadonlyMap<number, string> = new Map([
	[403, "IBKR refuses this IP address, this host or a request without User-Agent: check them."],
	[404, "There is no such path: check that baseUrl ends in /v1/api."],
	[411, "Check any proxy in between: it removed the Content-Length of the request."],
]);
