import { clause, isOptionError, unexpectedFailure } from "@x/base/errors";
import {
	type IbkrBrokerageStatus,
	type IbkrError,
	type IbkrNoBrokerage,
	type IbkrNoSession,
	type IbkrOutcomes,
	isIbkrError,
} from "@x/ibkr-session";
import { type Disposition, isSessionError, type LossKind, reworded, SessionError } from "../../session-error.ts";
import { ordersAfterLoss } from "./exposure.ts";
import type { IbkrSettings } from "./options.ts";
import type { Expectation } from "./reset-times.ts";

/** The outcome of any call of the client. */
export type CallOutcome = IbkrOutcomes[keyof IbkrOutcomes];

/** An answer of the venue that says that a session does not exist or is not ready. In this folder, such an answer "denies" the session. */
export type SessionDenial =
	| IbkrNoSession
	| IbkrNoBrokerage
	| { readonly kind: "brokerage"; readonly brokerage: IbkrBrokerageStatus };

/** The venue's own message in quotes, for the end of a sentence; an empty string if there is no message. */
export function quoted({ venueMessage }: { readonly venueMessage?: string | undefined }): string {
	return venueMessage === undefined ? "" : `: "${venueMessage}"`;
}

/** Describes an answer that says that there is no session, as human-readable text. */
export function described(denial: IbkrNoSession | IbkrNoBrokerage): string {
	return `${denial.because}, ${denial.status}${quoted(denial)}`;
}

/** The error for a lost session. It also says whether a nightly reset of IBKR can be the cause. */
export class SessionLostError extends SessionError {
	readonly mayBeReset: boolean;

	constructor(message: string, mayBeReset: boolean, options: ConstructorParameters<typeof SessionError>[1]) {
		super(message, options);
		this.mayBeReset = mayBeReset;
	}
}

/** The error for a login that is lost, or that is not the expected one. A person has to log in. */
export class LoginNeededError extends SessionLostError {
	constructor(what: string, todo: string, canBeReset: boolean) {
		const disposition: Disposition = { action: "human", todo };
		super(prefixed(what), canBeReset, { disposition, session: "ended", kind: "venue" });
	}
}

/** Answers that a reset of IBKR cannot cause, because they are about the program's keys and tokens. */
const causedByKeys: ReadonlySet<string> = new Set(["invalid-consumer", "token-refused", "token-expired"]);

/** Whether a reset of IBKR can cause this answer. */
export function mayBeReset(denial: SessionDenial): boolean {
	if (denial.kind === "brokerage") return denial.brokerage.state !== "competing";
	return denial.kind === "no-brokerage" || !causedByKeys.has(denial.because);
}

/**
 * How long IBKR locks a source address after a 429, in milliseconds. IBKR documents 10 minutes on one page and 15 minutes on
 * another; this is the longer time. Any further call prolongs the lock for all processes at this address.
 */
const penaltyMs = 900_000;

const retry: Disposition = { action: "retry" };
const unreachable: Disposition = { action: "retry", unreachable: true };

/**
 * Turns any failure of a call into a SessionError. The error does not end the session, because a failed call does not show that the
 * session is gone. The message of third-party code, such as `authorize`, is not quoted, because it may hold a token.
 */
export function toSessionError(error: unknown): SessionError {
	if (isSessionError(error)) return error;
	// Fatal, because retrying does not correct a wrong option.
	if (isOptionError(error)) return sessionError(error.message, { action: "fatal" }, error);
	if (isIbkrError(error)) return sessionError(error.message, decide(error), error);
	return sessionError(unexpectedFailure("a call", error), retry);
}

/**
 * The error if a new token could not be made. Its disposition depends on the venue's answer. Without an answer, the next attempt is made
 * after `waitMs`.
 */
export function renewalFailed(error: unknown, waitMs: number): SessionError {
	const failed = toSessionError(error);
	if (failed.disposition.action !== "retry") return failed;
	return openFailed(`cannot make a new token: ${failed.message}`, waitMs, failed.cause);
}

function decide(error: IbkrError): Disposition {
	const { kind, resetAt, venueCode } = error;
	if (kind === "banned" || kind === "pacing") {
		return { action: "wait", forMs: resetAt === undefined ? penaltyMs : Math.max(1_000, resetAt - Date.now()) };
	}
	if (kind === "venue") {
		// Retrying cannot correct a wrong consumer key or access token, and the venue counts the attempts.
		const wait = venueCode === "invalid-consumer" ? " IBKR can take days to activate a new consumer key." : "";
		return { action: "human", todo: `Check the OAuth keys and tokens (${venueCode}).${wait}` };
	}
	return decisions[kind];
}

const decisions: Readonly<Record<Exclude<IbkrError["kind"], "banned" | "pacing" | "venue">, Disposition>> = {
	// The service that makes tokens may be down, and will come back.
	authorize: retry,
	network: unreachable,
	// The gateway does not answer. Each attempt lasts as long as the timeout of a call, so retrying at once exceeds no rate limit.
	timeout: unreachable,
	// The socket has ended. This does not show that the login or the brokerage session has ended.
	closed: retry,
	// The keeper has aborted the call, and reports its own reason.
	aborted: retry,
	// Status 5xx: the gateway restarts or a backend is slow. This does not show that the login is lost.
	unavailable: retry,
	// Status 403, 404 or 411: a wrong address or a proxy. A person has to act; meanwhile the keeper retries slowly.
	http: { action: "human", todo: "Check client.baseUrl and any proxy between this program and IBKR." },
	reply: retry,
};

/** The error for an answer that says that there is no session, or that it is not ready. It names what is lost or not ready. */
export function denied(denial: SessionDenial, settings: IbkrSettings): SessionError {
	const canBeReset = mayBeReset(denial);
	if (denial.kind === "no-session") return loginLost(denial, settings);
	if (denial.kind === "no-brokerage") {
		// The login is still good, so opening again costs only one init.
		return lost(`there is no brokerage session (${described(denial)})`, retry, canBeReset);
	}
	const { brokerage } = denial;
	const words = quoted(brokerage);
	switch (brokerage.state) {
		case "competing":
			return settings.compete === true
				? lost(`another session of this user took the brokerage session over${words}; taking it back`, retry, false)
				: yielding(`another session of this user holds the brokerage session${words}`, settings.yieldMs);
		case "loading":
			// Account data is loading: the answer does not end the session, but does not prove it alive either.
			return sessionError("the brokerage session is loading account data", retry);
		case "disconnected":
			return lost(`the venue has no connection to its backend for this user${words}`, retry, canBeReset);
		case "unauthenticated":
			return lost(`the brokerage session has ended, the login is still good${words}`, retry, canBeReset);
		case "ready":
			// Not reached: no caller passes a session that is ready.
			return sessionError("the brokerage session is ready but was not expected to be", retry);
	}
}

/** The error if a reply says that the session is gone or not ready, even if the program made the call; undefined for other replies. */
export function denialIn(outcome: CallOutcome, settings: IbkrSettings): SessionError | undefined {
	switch (outcome.kind) {
		case "logged-out":
			return lost("the program logged out over the session's handle", retry, false);
		case "no-session":
			return denied(outcome, settings);
		case "no-brokerage":
			// The answer `{}` is ignored, because IBKR may give it for a moment although the session works. The next tickle
			// decides.
			return outcome.because === "empty" ? undefined : denied(outcome, settings);
		case "status":
		case "not-ready": {
			const { brokerage } = outcome;
			return brokerage.state === "ready" ? undefined : denied({ kind: "brokerage", brokerage }, settings);
		}
		default:
			return undefined;
	}
}

/** The error if close() or another open() was called while a call was pending. */
export function superseded(): SessionError {
	return sessionError("the session was closed or reopened during the call", retry);
}

/** The error of beat() while there is no open session. */
export function notOpen(): SessionError {
	return lost("the session is not open", retry, false);
}

/** The error if a reply lacks the field that proves the session. */
export function replyIncomplete(call: "accounts call" | "tickle", what: string): SessionError {
	return sessionError(`the reply to the ${call} has no ${what}`, retry);
}

/** The error if one answer said that the session is gone, and the next answers neither confirm nor refute this. */
export function contradicted(what: string): SessionError {
	return sessionError(`the venue contradicts itself: ${what}`, retry);
}

/** The error for a login other than the login that the option `expect` requires. */
export function wrongLogin(what: string, settings: IbkrSettings): SessionError {
	const todo = `${logInAt(settings)} with the account and login type of option expect, or change that option.`;
	return new LoginNeededError(`${what}; the session does not use this login`, todo, false);
}

/** The error if the socket is lost. The session is then not alive, although its login and its brokerage session may be. */
export function socketLost(reason: string, canBeReset: boolean): SessionError {
	return lost(`the socket is lost: ${reason}`, retry, canBeReset, "closed");
}

/** The error while another session of the user holds the brokerage session and is left alone. */
export function yielding(what: string, forMs: number): SessionError {
	const why = "it is not taken over, because `compete` is off or no takeover is allowed now";
	return lost(`${what}; ${why}`, { action: "wait", forMs, heldElsewhere: true }, false);
}

/** Appends to the error of a loss whether the loss was expected, and what it means for the orders. */
export function withExpectation(error: SessionError, { expected, text }: Expectation): SessionError {
	return reworded(error, `${clause(error.message)}; ${text}; ${ordersAfterLoss}`, { isExpected: expected });
}

/** The error of an open that failed and is tried again after `forMs` milliseconds. */
export function openFailed(what: string, forMs: number, cause?: unknown): SessionError {
	return sessionError(what, { action: "wait", forMs }, cause);
}

/** The error for a key that can open a brokerage session only with `compete: true`, while the session may not use `compete`. */
export function keyNeedsCompete(): SessionError {
	const what = "this key can open a brokerage session only by ending another one";
	const todo = "Set compete: true for this session, or use a key that can open a session without it.";
	return lost(`${what}, and \`compete\` is off or today's takeovers are used up`, { action: "human", todo }, false);
}

function loginLost(denial: IbkrNoSession, settings: IbkrSettings): SessionError {
	const what = `there is no Web API session (${described(denial)})`;
	const canBeReset = mayBeReset(denial);
	// The next open() makes a new token by calling the option `renew`.
	if (settings.renew) return lost(`${what}; making a new token`, retry, canBeReset);
	if (settings.mode !== "gateway") {
		const todo = "Make a new live session token or bearer token for client.authorize.";
		return lost(what, { action: "human", todo }, canBeReset);
	}
	// A gateway answers `access-denied` also if the address of this machine is not in its setting ips.allow.
	const isDenied = denial.because === "access-denied";
	const hint = isDenied ? ", and check that ips.allow of the gateway includes this machine" : "";
	return new LoginNeededError(what, `${logInAt(settings)}${hint}.`, canBeReset);
}

function logInAt({ mode, client }: IbkrSettings): string {
	return mode === "gateway" ? `Log in at ${new URL(client.baseUrl).origin} in a browser` : "Log in";
}

const prefix = "@x/keepalive/ibkr: ";
const prefixed = (what: string): string => (what.startsWith(prefix) ? what : prefix + what);

/** An error that does not end the session. */
function sessionError(what: string, disposition: Disposition, cause?: unknown): SessionError {
	return new SessionError(prefixed(what), { disposition, cause });
}

/** An error that ends the session. */
function lost(what: string, disposition: Disposition, canBeReset: boolean, kind: LossKind = "venue"): SessionError {
	return new SessionLostError(prefixed(what), canBeReset, { disposition, session: "ended", kind });
}
