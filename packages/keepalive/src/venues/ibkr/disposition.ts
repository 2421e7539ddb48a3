import {
	type IbkrBrokerageStatus,
	type IbkrError,
	type IbkrErrorKind,
	type IbkrNoBrokerage,
	type IbkrNoSession,
	isIbkrError,
} from "@x/ibkr-session";
import { type Disposition, isSessionError, SessionError, type SessionFate } from "../../session-error.ts";
import type { IbkrSettings } from "./options.ts";
import type { CallOutcome } from "./watched-client.ts";

/**
 * The longer of the two figures the venue gives for its penalty box, which is per source address: any further call, from
 * whichever process, prolongs the trouble of all of them.
 */
const penaltyMs = 900_000;

const retry: Disposition = { action: "retry" };

/** What a call taught that a live session does not say. */
export type Trouble =
	| IbkrNoSession
	| IbkrNoBrokerage
	| { readonly kind: "brokerage"; readonly brokerage: IbkrBrokerageStatus };

/**
 * Any failure of the client as a SessionError. Nothing here ends the session: an exchange that went wrong teaches nothing
 * about it. What the application's own code throws is not quoted: it can hold a token.
 */
export function failureOf(error: unknown): SessionError {
	if (isSessionError(error)) return error;
	if (isIbkrError(error)) return said(error.message, decisionOf(error), "unclear", error);
	const name = error instanceof Error && /^\w{1,40}$/.test(error.name) ? error.name : typeof error;
	return said(`the exchange failed with ${name}`, retry, "unclear");
}

/** A new token could not be made: what the venue said to that decides, and the wait grows where it said nothing final. */
export function renewalFailed(error: unknown, waitMs: number): SessionError {
	const failed = failureOf(error);
	const { action } = failed.disposition;
	if (action === "human" || action === "fatal" || action === "wait") return failed;
	return notOpened(`no new token could be made: ${failed.message}`, waitMs, failed.cause);
}

function decisionOf(error: IbkrError): Disposition {
	const { kind, until, because } = error;
	if (kind === "paced" || kind === "held") {
		// Without an instant the longer figure is the safe one.
		return { action: "wait", forMs: until === undefined ? penaltyMs : Math.max(1_000, until - Date.now()) };
	}
	if (kind === "refused" && because !== undefined) {
		// The keys, the consumer or the access token: no attempt of ours changes them, and the venue counts attempts.
		return { action: "human", todo: `look at the OAuth keys and tokens (${because})` };
	}
	return decisions[kind];
}

const decisions: Readonly<Record<Exclude<IbkrErrorKind, "paced" | "held">, Disposition>> = {
	// A wrong option does not become right by waiting.
	options: { action: "fatal" },
	// The application's own code: a token service that is down comes back.
	authorize: retry,
	network: retry,
	timeout: retry,
	// A socket's end says nothing of the sessions below it.
	closed: retry,
	// The keeper gave the call up, with its own reason.
	aborted: retry,
	// A restart or a slow backend, which users have mistaken for a lost login.
	unavailable: retry,
	// 403, 404, 411: the address or something in between. A person has to look, and asking slowly does no harm.
	refused: { action: "human", todo: "check baseUrl and what stands between this program and IBKR" },
	reply: retry,
};

/** What the venue said as a SessionError, named by the layer that is gone. */
export function endOf(trouble: Trouble, settings: IbkrSettings): SessionError {
	if (trouble.kind === "no-session") return noLogin(trouble, settings);
	if (trouble.kind === "no-brokerage") {
		// The login is good, so opening again costs nothing but an init.
		return said(`there is no brokerage session (${trouble.because})`, retry);
	}
	switch (trouble.brokerage.state) {
		case "competing":
			// Never fight: without the explicit order to compete, whoever is there keeps it.
			return settings.compete
				? said("another session of this user took the brokerage session; taking it back", retry)
				: someoneElse("another session of this user holds the brokerage session", settings.yieldMs);
		case "loading":
			// Authenticated, but not serving: not lost, and no proof of life either.
			return said("the brokerage session is loading account data", retry, "unclear");
		case "disconnected":
			return said("the venue has no connection to its backend for this user", retry);
		case "unauthenticated":
			return said("the brokerage session has ended, the login is still good", retry);
		case "ready":
			return said("the brokerage session is ready but was not expected to be", retry, "unclear");
	}
}

/** What an answer to any call says against the session, whoever made it; undefined when it says nothing against it. */
export function denialIn(outcome: CallOutcome, settings: IbkrSettings): SessionError | undefined {
	switch (outcome.kind) {
		case "logged-out":
			return said("the program logged out over the session's handle", retry);
		case "no-session":
			return endOf(outcome, settings);
		case "no-brokerage":
			// `{}` has been seen in sessions that serve a moment later: the next tickle decides.
			return outcome.because === "empty" ? undefined : endOf(outcome, settings);
		case "status":
		case "not-ready": {
			const { brokerage } = outcome;
			return brokerage.state === "ready" ? undefined : endOf({ kind: "brokerage", brokerage }, settings);
		}
		default:
			return undefined;
	}
}

/** What was under way belongs to a session that was left. */
export function leftMeanwhile(): SessionError {
	return said("the session was left meanwhile", retry, "unclear");
}

/** The socket is gone, and the session is not alive without it. The layers below may well be. */
export function socketLost(why: string): SessionError {
	return said(`the socket is lost: ${why}`, retry);
}

/** Yielding to another session of the user. */
export function someoneElse(what: string, forMs: number): SessionError {
	return said(`${what}; leaving it alone, because compete is false or its takeovers are used up`, {
		action: "wait",
		forMs,
	});
}

/** The end of a session that was alive, with whether it was to be expected and what it means for the orders. */
export function lossOf(error: SessionError, expected: string): SessionError {
	if (error.session !== "ended") return error;
	const { message, disposition, session, cause } = error;
	return new SessionError(`${message}; ${expected}; working orders keep working at the exchange`, {
		disposition,
		session,
		cause,
	});
}

/** A failed attempt to open, with the wait that keeps attempts from piling up. */
export function notOpened(what: string, forMs: number, cause?: unknown): SessionError {
	return said(what, { action: "wait", forMs }, "unclear", cause);
}

/** A key that opens a session only by force, used without that. */
export function forceOnly(): SessionError {
	const what = "this key can open a brokerage session only by ending another one";
	return said(`${what}, and compete is false or its takeovers are used up`, {
		action: "human",
		todo: "set compete: true for this session, or use a key that can yield",
	});
}

function noLogin({ because, status }: IbkrNoSession, settings: IbkrSettings): SessionError {
	const what = `there is no Web API session (${because}, ${status})`;
	// The next opening makes a new token by itself.
	if (settings.renew) return said(`${what}; making a new token`, retry);
	// Trying again cannot help: at a gateway only a person can log in, and with OAuth the token behind `authorize` is over.
	if (settings.mode !== "gateway") {
		return said(what, { action: "human", todo: "make a new live session token or bearer token for authorize" });
	}
	// The same answer comes to a machine that the gateway does not let in.
	const denied = because === "access-denied" ? ", and see that its ips.allow has this machine" : "";
	return said(what, { action: "human", todo: `log in at the gateway's page in a browser${denied}` });
}

function said(what: string, disposition: Disposition, session: SessionFate = "ended", cause?: unknown): SessionError {
	const message = what.startsWith("@x/keepalive/ibkr: ") ? what : `@x/keepalive/ibkr: ${what}`;
	return new SessionError(message, { disposition, session, ...(cause === undefined ? {} : { cause }) });
}
