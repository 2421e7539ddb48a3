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
import type { Expectation } from "./calendar.ts";
import { ordersAfterLoss } from "./exposure.ts";
import type { IbkrSettings } from "./options.ts";

/** The outcome of any call of the client. */
export type CallOutcome = IbkrOutcomes[keyof IbkrOutcomes];

/** The venue's answer that a session does not exist or is not ready. */
export type SessionDenial =
	| IbkrNoSession
	| IbkrNoBrokerage
	| { readonly kind: "brokerage"; readonly brokerage: IbkrBrokerageStatus };

/** The venue's own message in quotes, to append to a sentence; an empty string if there is no message. */
export function quoted({ venueMessage }: { readonly venueMessage?: string | undefined }): string {
	return venueMessage === undefined ? "" : `: "${venueMessage}"`;
}

/** Describes an answer that reports no session, as human-readable text. */
export function described(denial: IbkrNoSession | IbkrNoBrokerage): string {
	return `${denial.because}, ${denial.status}${quoted(denial)}`;
}

/** The error for a lost session. It says whether a nightly reset of IBKR can be the cause. */
export class SessionLostError extends SessionError {
	readonly mayBeReset: boolean;

	constructor(message: string, mayBeReset: boolean, options: ConstructorParameters<typeof SessionError>[1]) {
		super(message, options);
		this.mayBeReset = mayBeReset;
	}
}

/** The error for a login that is lost or not the expected one, so that a person has to log in. */
export class LoginNeededError extends SessionLostError {
	constructor(what: string, todo: string, canBeReset: boolean) {
		const disposition: Disposition = { action: "human", todo };
		super(prefixed(what), canBeReset, { disposition, session: "ended", kind: "venue" });
	}
}

/** Answers of which a reset of IBKR cannot be the cause, because they are about the program's keys and tokens. */
const causedByKeys: ReadonlySet<string> = new Set(["invalid-consumer", "token-refused", "token-expired"]);

/** Whether a reset of IBKR can be the cause of an answer that denies the session. */
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
 * Turns any failure of a call into a SessionError that does not end the session: a failed call says nothing about the session.
 * The message of third-party code, such as `authorize`, is not quoted, because it may hold a token.
 */
export function toSessionError(error: unknown): SessionError {
	if (isSessionError(error)) return error;
	// A wrong option is fatal, because a retry does not correct it.
	if (isOptionError(error)) return sessionError(error.message, { action: "fatal" }, error);
	if (isIbkrError(error)) return sessionError(error.message, decide(error), error);
	return sessionError(unexpectedFailure("a call", error), retry);
}

/**
 * The error if a new token could not be made. The venue's answer decides what to do; without an answer, the next attempt is made
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
		// A retry cannot correct a wrong key, consumer or access token, and the venue counts the attempts.
		const wait = venueCode === "invalid-consumer" ? " IBKR can take days to activate a new consumer key." : "";
		return { action: "human", todo: `Check the OAuth keys and tokens (${venueCode}).${wait}` };
	}
	return decisions[kind];
}

const decisions: Readonly<Record<Exclude<IbkrError["kind"], "banned" | "pacing" | "venue">, Disposition>> = {
	// The service that makes tokens may be down, and will come back.
	authorize: retry,
	network: unreachable,
	// The gateway does not answer. Each attempt takes as long as the timeout of a call, so early retries exceed no rate limit.
	timeout: unreachable,
	// The socket has ended, which says nothing about the layers below it, the login and the brokerage session.
	closed: retry,
	// The keeper has aborted the call, and reports a reason of its own.
	aborted: retry,
	// A 5xx means a restart or a slow backend, and not a lost login.
	unavailable: retry,
	// A 403, 404 or 411 means a wrong address or a proxy. A person has to act; meanwhile the keeper retries slowly.
	http: { action: "human", todo: "Check client.baseUrl and any proxy between this program and IBKR." },
	reply: retry,
};

/** The error for an answer that denies the session. The error names the layer that is lost. */
export function denied(denial: SessionDenial, settings: IbkrSettings): SessionError {
	const canBeReset = mayBeReset(denial);
	if (denial.kind === "no-session") return loginLost(denial, settings);
	if (denial.kind === "no-brokerage") {
		// The login is good, so opening again costs only one init.
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
			// An answer that account data is loading neither ends the session nor proves it alive.
			return sessionError("the brokerage session is loading account data", retry);
		case "disconnected":
			return lost(`the venue has no connection to its backend for this user${words}`, retry, canBeReset);
		case "unauthenticated":
			return lost(`the brokerage session has ended, the login is still good${words}`, retry, canBeReset);
		case "ready":
			return sessionError("the brokerage session is ready but was not expected to be", retry);
	}
}

/** The error for an outcome that denies the session, even if the program made the call; undefined for any other outcome. */
export function denialIn(outcome: CallOutcome, settings: IbkrSettings): SessionError | undefined {
	switch (outcome.kind) {
		case "logged-out":
			return lost("the program logged out over the session's handle", retry, false);
		case "no-session":
			return denied(outcome, settings);
		case "no-brokerage":
			// The answer `{}` is ignored, because a session that works may give it for a moment: the next tickle decides.
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

/** The error if the session was closed or opened again while a call was pending. */
export function superseded(): SessionError {
	return sessionError("the session was closed or reopened during the call", retry);
}

/** The error of a beat while there is no open session. */
export function notOpen(): SessionError {
	return lost("the session is not open", retry, false);
}

/** The error if the reply to a call lacks a member that proves the session. */
export function replyIncomplete(call: "accounts call" | "tickle", what: string): SessionError {
	return sessionError(`the reply to the ${call} has no ${what}`, retry);
}

/** The error if one answer denied the session, and further answers a moment later neither confirmed nor refuted this. */
export function contradicted(what: string): SessionError {
	return sessionError(`the venue contradicts itself: ${what}`, retry);
}

/** The error for a login that differs from the login that the program expects. */
export function wrongLogin(what: string, settings: IbkrSettings): SessionError {
	const todo = `${logInAt(settings)} with the account and mode of option expect, or change that option.`;
	return new LoginNeededError(`${what}; the session is not used`, todo, false);
}

/** The error if the socket is lost, so that the session is not alive. The layers below the socket may be up. */
export function socketLost(reason: string, canBeReset: boolean): SessionError {
	return lost(`the socket is lost: ${reason}`, retry, canBeReset, "closed");
}

/** The error while another session of the user keeps the brokerage session. */
export function yielding(what: string, forMs: number): SessionError {
	const why = "not taking it over: `compete` is off, or no takeover is allowed now";
	return lost(`${what}; ${why}`, { action: "wait", forMs, heldElsewhere: true }, false);
}

/** Adds to the error of a loss whether the loss was expected, and what the loss means for the orders. */
export function withExpectation(error: SessionError, { expected, text }: Expectation): SessionError {
	return reworded(error, `${clause(error.message)}; ${text}; ${ordersAfterLoss}`, { isExpected: expected });
}

/** The error of an open that failed and is tried again after `forMs` milliseconds. */
export function openFailed(what: string, forMs: number, cause?: unknown): SessionError {
	return sessionError(what, { action: "wait", forMs }, cause);
}

/** The error for a key that can open a brokerage session only with `compete`, while `compete` is not allowed. */
export function keyNeedsCompete(): SessionError {
	const what = "this key can open a brokerage session only by ending another one";
	const todo = "Set compete: true for this session, or use a key that can open a session without force.";
	return lost(`${what}, and \`compete\` is off or today's takeovers are used up`, { action: "human", todo }, false);
}

function loginLost(denial: IbkrNoSession, settings: IbkrSettings): SessionError {
	const what = `there is no Web API session (${described(denial)})`;
	const canBeReset = mayBeReset(denial);
	// The next open makes a new token by the option `renew`.
	if (settings.renew) return lost(`${what}; making a new token`, retry, canBeReset);
	if (settings.mode !== "gateway") {
		const todo = "Make a new live session token or bearer token for client.authorize.";
		return lost(what, { action: "human", todo }, canBeReset);
	}
	// A gateway gives the same answer to a machine whose address is not in its setting ips.allow.
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
