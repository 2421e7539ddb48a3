import { IbkrError } from "../errors.ts";
import { type Answer, saidIn } from "./answer.ts";

/** The venue said that there is no Web API session: log in at the gateway, or get a new token. */
export interface IbkrNoSession {
	readonly kind: "no-session";
	/**
	 * - `access-denied`: 401 (at a gateway also: this machine's address is not allowed there);
	 * - `login-redirect`: a gateway without a login;
	 * - `error-body`: 200 or 400 with `no session` in the body;
	 * - `result-false`: a validation that failed;
	 * - `gone`: 410;
	 * - `invalid-consumer`: the OAuth consumer key is not active yet, or the signature is wrong;
	 * - `token-refused`: the OAuth access token has to be made again;
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
	/** HTTP status of the answer; 200 too. */
	readonly status: number;
}

/** The venue said that there is no brokerage session on top of the Web API session: call `init`. */
export interface IbkrNoBrokerage {
	readonly kind: "no-brokerage";
	/** `empty` is the reply `{}` of the accounts: not ready yet, or another session holds the user. */
	readonly because: "not-authenticated" | "no-bridge" | "init-first" | "empty";
	/** HTTP status of the answer: 400 or 401, and 200 with `empty`. */
	readonly status: number;
}

/** What a 400 or 401 says, by its words: the first that fits counts. */
const phrases: readonly (readonly [RegExp, Because])[] = [
	[/no bridge/i, { kind: "no-brokerage", because: "no-bridge" }],
	[/init session first/i, { kind: "no-brokerage", because: "init-first" }],
	[/not authenticated/i, { kind: "no-brokerage", because: "not-authenticated" }],
	[/no session/i, { kind: "no-session", because: "error-body" }],
	[/invalid consumer/i, { kind: "no-session", because: "invalid-consumer" }],
	[/LST failed|access secret key/i, { kind: "no-session", because: "token-refused" }],
	[/expired/i, { kind: "no-session", because: "token-expired" }],
];

type Because = Omit<IbkrNoSession, "status"> | Omit<IbkrNoBrokerage, "status">;

/** What a 400, 401, 410 or redirect says about the session, if it does. */
export function refusalOf(answer: Answer): IbkrNoSession | IbkrNoBrokerage | undefined {
	const { status } = answer;
	const because = becauseOf(answer, saidIn(answer));
	return because && { ...because, status };
}

function becauseOf(answer: Answer, said: string): Because | undefined {
	const { status } = answer;
	if (answer.kind === "redirect") return answer.login ? { kind: "no-session", because: "login-redirect" } : undefined;
	if (status === 410) return { kind: "no-session", because: "gone" };
	if (status !== 400 && status !== 401) return undefined;
	const found = phrases.find(([phrase]) => phrase.test(said))?.[1];
	return found ?? (status === 401 ? { kind: "no-session", because: "access-denied" } : undefined);
}

/** The error for an answer that says nothing about the session. No part of its body is quoted. */
export function failureOf(call: string, answer: Answer): IbkrError {
	const { status } = answer;
	const said = `${call} was answered ${status}`;
	if (status >= 500) {
		const message = `${said}: a restart, maintenance or a call that took too long; the session may well be alive`;
		return new IbkrError(message, { kind: "unavailable", call, status });
	}
	if (status >= 200 && status < 400) {
		const message = `${said} with ${shapes[answer.kind]}, where JSON was due; check baseUrl and what stands in between`;
		return new IbkrError(message, { kind: "reply", call, status });
	}
	const hint = hints.get(status) ?? "the request was refused";
	return new IbkrError(`${said}: ${hint}`, { kind: "refused", call, status });
}

const shapes = {
	json: "an unexpected body",
	html: "HTML",
	text: "plain text",
	empty: "an empty body",
	redirect: "a redirect that does not lead to the login",
	broken: "broken JSON",
} as const;

const hints = new Map([
	[403, "the edge refuses this address, this host or a request without User-Agent"],
	[404, "there is no such path, check baseUrl (it ends in /v1/api)"],
	[411, "something on the way took the Content-Length of the request off"],
]);
