import { isOptionError, unexpectedFailure } from "@x/base/errors";
import {
	type IbkrAccountsOutcome,
	type IbkrBrokerageStatus,
	type IbkrError,
	type IbkrErrorKind,
	type IbkrInitOutcome,
	type IbkrLogoutOutcome,
	type IbkrNoBrokerage,
	type IbkrNoSession,
	type IbkrReauthenticateOutcome,
	type IbkrStatusOutcome,
	type IbkrTickleOutcome,
	type IbkrValidateOutcome,
	isIbkrError,
} from "@x/ibkr-session";
import { type Disposition, isSessionError, type SessionAfterError, SessionError } from "../../session-error.ts";
import type { IbkrSettings } from "./options.ts";

/** The outcome of any call of the client. */
export type CallOutcome =
	| IbkrAccountsOutcome
	| IbkrInitOutcome
	| IbkrLogoutOutcome
	| IbkrReauthenticateOutcome
	| IbkrStatusOutcome
	| IbkrTickleOutcome
	| IbkrValidateOutcome;

/** The venue's answer that a session is not there, or not ready. */
export type SessionDenial =
	| IbkrNoSession
	| IbkrNoBrokerage
	| { readonly kind: "brokerage"; readonly brokerage: IbkrBrokerageStatus };

/**
 * IBKR documents 10 and 15 minutes for the lock after a 429; this is the longer one. The lock is per source address, and any
 * further call prolongs it for all processes.
 */
const penaltyMs = 900_000;

const retry: Disposition = { action: "retry" };

/**
 * Turns any failure of a call into a SessionError. None of them ends the session: a failed call says nothing about it. The
 * message of third-party code, such as `authorize`, is not quoted, because it may hold a token.
 */
export function toSessionError(error: unknown): SessionError {
	if (isSessionError(error)) return error;
	// Waiting does not correct an option.
	if (isOptionError(error)) return sessionError(error.message, { action: "fatal" }, "unclear", error);
	if (isIbkrError(error)) return sessionError(error.message, decide(error), "unclear", error);
	return sessionError(unexpectedFailure("a call", error), retry, "unclear");
}

/** A new token could not be made. The venue's answer decides; without one it is tried again after `waitMs`. */
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
		// A retry cannot correct a key, a consumer or an access token, and the venue counts the attempts.
		return { action: "human", todo: `check the OAuth keys and tokens (${venueCode})` };
	}
	return decisions[kind];
}

const decisions: Readonly<Record<Exclude<IbkrErrorKind, "banned" | "pacing" | "venue">, Disposition>> = {
	// A token service that is down comes back.
	authorize: retry,
	network: retry,
	timeout: retry,
	// The end of a socket says nothing about the sessions below it.
	closed: retry,
	// The keeper gave up the call and reports its own reason.
	aborted: retry,
	// 5xx: a restart or a slow backend. Programs have mistaken it for a lost login.
	unavailable: retry,
	// 403, 404, 411: a wrong address or a proxy. A person has to look; meanwhile it is retried slowly.
	http: { action: "human", todo: "check client.baseUrl and any proxy between this program and IBKR" },
	reply: retry,
};

/** The error for a denial. It names the layer that is lost. */
export function denied(denial: SessionDenial, settings: IbkrSettings): SessionError {
	if (denial.kind === "no-session") return loginLost(denial, settings);
	if (denial.kind === "no-brokerage") {
		// The login is still good: opening again costs one init.
		return sessionError(`there is no brokerage session (${denial.because})`, retry);
	}
	switch (denial.brokerage.state) {
		case "competing":
			return settings.compete
				? sessionError("another session of this user took the brokerage session over; taking it back", retry)
				: yielding("another session of this user holds the brokerage session", settings.yieldMs);
		case "loading":
			// This neither ends the session nor proves it alive.
			return sessionError("the brokerage session is loading account data", retry, "unclear");
		case "disconnected":
			return sessionError("the venue has no connection to its backend for this user", retry);
		case "unauthenticated":
			return sessionError("the brokerage session has ended, the login is still good", retry);
		case "ready":
			return sessionError("the brokerage session is ready but was not expected to be", retry, "unclear");
	}
}

/** The error for an outcome that denies the session, for calls of the program too; undefined for any other outcome. */
export function denialIn(outcome: CallOutcome, settings: IbkrSettings): SessionError | undefined {
	switch (outcome.kind) {
		case "logged-out":
			return sessionError("the program logged out over the session's handle", retry);
		case "no-session":
			return denied(outcome, settings);
		case "no-brokerage":
			// A session that serves a moment later has answered `{}` too: the next tickle decides.
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

/** The session was closed or opened again while a call was pending. */
export function superseded(): SessionError {
	return sessionError("the session was closed or reopened during the call", retry, "unclear");
}

/** Nothing was opened that could be proved alive. */
export function notOpen(): SessionError {
	return sessionError("the session is not open", retry);
}

/** The reply to a tickle lacks a member that proves the session. */
export function tickleIncomplete(what: string): SessionError {
	return sessionError(`the reply to the tickle has no ${what}`, retry, "unclear");
}

/** The session is not alive without its socket. The layers below may well be. */
export function socketLost(reason: string): SessionError {
	return sessionError(`the socket is lost: ${reason}`, retry);
}

/** Another session of the user keeps the brokerage session. */
export function yielding(what: string, forMs: number): SessionError {
	const why = "not taking it over: `compete` is off or today's takeovers are used up";
	return sessionError(`${what}; ${why}`, { action: "wait", forMs });
}

/** Adds to a loss whether it was expected, and what it means for the orders. */
export function withExpectation(error: SessionError, expectation: string): SessionError {
	const { message, disposition, session, cause } = error;
	const text = `${message}; ${expectation}; working orders keep working at the exchange`;
	return new SessionError(text, { disposition, session, cause });
}

/** An open failed and is tried again after `forMs`. */
export function openFailed(what: string, forMs: number, cause?: unknown): SessionError {
	return sessionError(what, { action: "wait", forMs }, "unclear", cause);
}

/** The key can open a brokerage session only with `compete`, which is not allowed. */
export function keyNeedsCompete(): SessionError {
	const what = "this key can open a brokerage session only by ending another one";
	return sessionError(`${what}, and \`compete\` is off or today's takeovers are used up`, {
		action: "human",
		todo: "set compete: true for this session, or use a key that can open a session without force",
	});
}

function loginLost({ because, status }: IbkrNoSession, settings: IbkrSettings): SessionError {
	const what = `there is no Web API session (${because}, ${status})`;
	// The next open renews the token.
	if (settings.renew) return sessionError(`${what}; making a new token`, retry);
	if (settings.mode !== "gateway") {
		return sessionError(what, {
			action: "human",
			todo: "make a new live session token or bearer token for client.authorize",
		});
	}
	// A gateway answers a machine that it does not admit in the same way.
	const isDenied = because === "access-denied";
	const hint = isDenied ? ", and check that ips.allow of the gateway includes this machine" : "";
	return sessionError(what, { action: "human", todo: `log in at the gateway's page in a browser${hint}` });
}

function sessionError(
	what: string,
	disposition: Disposition,
	session: SessionAfterError = "ended",
	cause?: unknown,
): SessionError {
	const prefix = "@x/keepalive/ibkr: ";
	const message = what.startsWith(prefix) ? what : prefix + what;
	return new SessionError(message, { disposition, session, cause });
}
