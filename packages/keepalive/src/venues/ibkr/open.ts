import { monotonicMs, sleep } from "@x/base/clock";
import {
	type IbkrBrokerageStatus,
	type IbkrError,
	type IbkrHidden,
	type IbkrOutcomes,
	isIbkrError,
	isOptionError,
} from "@x/ibkr-session";
import type { OpenStep } from "../../session.ts";
import { isSessionError } from "../../session-error.ts";
import {
	contradicted,
	denied,
	described,
	keyNeedsCompete,
	openFailed,
	quoted,
	renewalFailed,
	yielding,
} from "./error-disposition.ts";
import { type LoginAccounts, requireExpectedLogin } from "./expected-login.ts";
import { LoginLost, type ProofContext, requireLive, tickleLogin, validateLogin } from "./login-proof.ts";
import { initHoldMs, maintenanceAt } from "./reset-times.ts";

/** A brokerage session that a tickle has proved alive. */
export interface OpenedBrokerage {
	/** The session key, with which a socket authenticates at the venue. */
	readonly socketKey: IbkrHidden<string> | undefined;
	/** The accounts of the login. */
	readonly accounts: LoginAccounts;
	/** Whether a new brokerage session was initialized. */
	readonly isNew: boolean;
	/** When the tickle that proved the session alive was sent, on the monotonic clock. */
	readonly provedAt: number;
}

/** Delay in milliseconds before the venue is asked again. IBKR allows one tickle a second; the rest is a margin for network jitter. */
export const askAgainMs = 1_250;

/**
 * Opens a brokerage session in these steps: login, status, init, readiness, accounts, tickle. If a step shows that the login is lost,
 * renews the token and begins again, at most once.
 *
 * @param onStep - called at each step, as in `Session.open`, except for the step `connect` and the first step `authenticate`,
 * which the caller reports.
 * @throws SessionError, or what the client threw.
 */
export async function openBrokerage(
	context: ProofContext,
	onStep?: (step: OpenStep) => void,
): Promise<OpenedBrokerage> {
	const { history, settings, signal } = context;
	let hasRenewed = false;
	let wasContradicted = false;
	for (;;) {
		try {
			return await openOnce(context, onStep);
		} catch (error) {
			if (!(error instanceof LoginLost)) throw error;
			onStep?.("authenticate");
			const { outcome, isFromInit } = error;
			const because = described(outcome);
			// When the reply to an init says that the login is lost, and the option `renew` is set, the token is renewed at once. The
			// login is not checked with a tickle first, because a new token costs only one call.
			const isDoubtful = history.lostLogin === undefined && !hasRenewed && !(isFromInit && settings.renew);
			if (isDoubtful && (await isLoginThere(context))) {
				const what = `there is no Web API session (${because}), while tickles report one`;
				if (isFromInit) throw initFailed(context, `answered with ${because}, while tickles report a login`);
				if (wasContradicted) throw contradicted(what);
				wasContradicted = true;
				continue;
			}
			if (!isFromInit) history.lostLogin = outcome;
			if (outcome.because === "invalid-consumer") history.renewals.recordUnknownConsumer();
			if (hasRenewed) {
				throw openFailed(`the venue rejected a new token as well (${because})`, history.renewals.waitMs);
			}
			if (!settings.renew) throw denied(outcome, settings);
			await renewToken(context, settings.renew, because);
			signal.throwIfAborted();
			hasRenewed = true;
			// The earlier inits failed because of the old token, so they must not delay the next init.
			history.inits.resetBackoff();
		}
	}
}

/**
 * Checks with a tickle whether somebody is logged in, after an answer said that nobody is: single wrong answers have been seen while a
 * session was alive.
 */
async function isLoginThere(context: ProofContext): Promise<boolean> {
	await sleep(askAgainMs, context.signal);
	context.signal.throwIfAborted();
	try {
		await tickleLogin(context);
		return true;
	} catch (error) {
		if (error instanceof LoginLost) return false;
		throw error;
	}
}

/**
 * Makes a new token. If the back-off does not allow this yet, throws an error that asks to wait. If only a person can correct the
 * cause of the latest failure, throws that failure again instead.
 */
async function renewToken({ history }: ProofContext, renew: () => Promise<unknown>, because: string): Promise<void> {
	const { renewals } = history;
	if (!renewals.tryAcquire()) {
		const earlier = history.renewalFailure === undefined ? "" : `: ${history.renewalFailure}`;
		const what = `the login is lost (${because}); the next request for a new token has to wait${earlier}`;
		throw history.renewalRefused ?? openFailed(what, renewals.waitMs);
	}
	history.onUsed();
	history.renewalRefused = undefined;
	history.renewalFailure = undefined;
	try {
		await renew();
	} catch (reason) {
		if (isIbkrError(reason) && reason.venueCode === "invalid-consumer") renewals.recordUnknownConsumer();
		const isSafe = isIbkrError(reason) || isSessionError(reason) || isOptionError(reason);
		// An error of any other type is not shown, because it may contain a secret of the program, even in its name.
		const error = renewalFailed(isSafe ? reason : openFailed("option renew failed", 0), renewals.waitMs);
		history.renewalFailure = error.message;
		if (error.disposition.action === "human") history.renewalRefused = error;
		throw error;
	}
}

async function openOnce(context: ProofContext, onStep?: (step: OpenStep) => void): Promise<OpenedBrokerage> {
	const { history, settings } = context;
	history.reportedLoginType = undefined;
	// IBKR locks an address that validates twice in a minute, and the previous process may have sent a validation just now. So a new
	// process reads the status first: if the reply has a brokerage session, the login is good.
	const readsStatusFirst = settings.mode !== "oauth1" && history.isNew && history.lostLogin === undefined;
	if (!readsStatusFirst) await requireLogin(context);
	const state = await readState(context);
	const isThere = state === "ready" || state === "loading";
	if (readsStatusFirst && !isThere) await requireLogin(context);
	const isNew = history.neverBecameReady || !isThere;
	if (isNew) await initBrokerage(context, state);
	let accounts = await untilReady(context, isNew ? "loading" : state);
	// The step `arm` is left out, because IBKR has no protection that could be armed.
	onStep?.("verify");
	await untilTickleAllowed(context);
	const provedAt = monotonicMs();
	const socketKey = requireLive(await tickleLogin(context), settings);
	// A person may have logged in with other accounts just before the tickle, and the session key in its reply then belongs to the
	// new login. So the accounts are read again.
	if (settings.expect) accounts = await readAccounts(context);
	await requireExpectedLogin(context, accounts, socketKey?.reveal());
	history.recordOpened();
	return { socketKey, accounts, isNew, provedAt };
}

/**
 * Proves the login in one of these ways:
 *
 * - While the login is lost: by a tickle at each open, to notice soon when somebody has logged in. If IBKR does not know the
 *   consumer key, and the option `renew` is not set, the number of these tickles is limited.
 * - With OAuth 1.0a, which has no validation: at the first open, and at the first open after a loss, by the calls that follow; else
 *   by a tickle.
 * - Otherwise: by a validation if one is due, else by a tickle.
 *
 * @throws LoginLost, or what the client threw.
 */
async function requireLogin(context: ProofContext): Promise<void> {
	const { history, settings } = context;
	const { lostLogin } = history;
	if (lostLogin === undefined) {
		if (settings.mode === "oauth1" && history.takeLoginDoubt()) return;
		if (settings.mode !== "oauth1" && history.tryValidation() && (await validateLogin(context))) return;
	} else if (lostLogin.because === "invalid-consumer" && !settings.renew && !history.keyQuestions.tryAcquire()) {
		throw new LoginLost(lostLogin);
	}
	await untilTickleAllowed(context);
	await tickleLogin(context);
	history.recordLogin();
}

/** In a new process, waits until a tickle is allowed, because nobody knows when the previous process sent its last one. */
async function untilTickleAllowed({ history, signal }: ProofContext): Promise<void> {
	const ms = history.tickleInMs;
	if (ms <= 0) return;
	await sleep(ms, signal);
	signal.throwIfAborted();
}

/** @throws LoginLost if the reply says that nobody is logged in; SessionError (wait, for 0 ms) if it has no accounts. */
async function readAccounts({ client, signal }: ProofContext): Promise<LoginAccounts> {
	const outcome = await client.accounts({ signal });
	if (outcome.kind === "accounts") return outcome;
	if (outcome.kind === "no-session") throw new LoginLost(outcome);
	throw openFailed("the second read of the accounts returned no accounts", 0);
}

/** Waits until the status reply says ready and IBKR answers with the accounts: each of the two has been seen without the other. */
async function untilReady(context: ProofContext, first: IbkrBrokerageStatus["state"]): Promise<LoginAccounts> {
	const { client, history, settings, signal } = context;
	const deadline = monotonicMs() + settings.readyTimeoutMs;
	history.neverBecameReady = false;
	for (let state = first; ; state = await readState(context)) {
		if (state === "ready") {
			const accounts = await client.accounts({ signal });
			if (accounts.kind === "accounts") return accounts;
			if (accounts.kind === "no-session") throw new LoginLost(accounts);
		}
		if (monotonicMs() + settings.pollMs > deadline) {
			history.neverBecameReady = true;
			const what = `the brokerage session was not ready after ${settings.readyTimeoutMs} ms (${state})`;
			throw openFailed(what, history.inits.waitMs || settings.initBackoffMs);
		}
		await sleep(settings.pollMs, signal);
		signal.throwIfAborted();
	}
}

/**
 * Reads the state of the brokerage session.
 *
 * @throws SessionError if another session of the user holds the brokerage session and may not be taken over, or if the key needs an init
 * with `compete: true` that is not allowed.
 */
async function readState(context: ProofContext): Promise<IbkrBrokerageStatus["state"]> {
	const { client, history, signal } = context;
	const outcome = await client.status({ signal });
	if (outcome.kind === "no-session") throw new LoginLost(outcome);
	if (outcome.kind === "no-brokerage") return "unauthenticated";
	const { brokerage } = outcome;
	history.keyNeedsCompete ||= brokerage.forceOnly;
	if (brokerage.state === "competing" && !mayTakeOver(context)) {
		throw yielding(`another session of this user holds the brokerage session${quoted(brokerage)}`, yieldMs(context));
	}
	// Throws before an init is sent, because IBKR would refuse it and count it towards its limits.
	const needsInit = brokerage.state !== "ready" && brokerage.state !== "loading";
	if (brokerage.forceOnly && needsInit && !mayForce(context)) throw forceDenied(context);
	return brokerage.state;
}

/**
 * Whether an init with `compete: true` may be sent now. Such an init takes the brokerage session from any other login of the user.
 */
function mayForce({ history, settings }: ProofContext): boolean {
	return settings.compete !== false && history.takeovers.waitMs === 0;
}

/** Whether the option `compete` asks to take the session over from another session of the user. The limits may not allow it. */
function competes({ history, settings }: ProofContext): boolean {
	return settings.compete === "takeover" ? history.isTakeoverDue : settings.compete;
}

/** Whether the session may now send an init that ends another session of the user. */
function mayTakeOver(context: ProofContext): boolean {
	return competes(context) && mayForce(context);
}

/** For how many milliseconds the brokerage session is left to another session of the user. */
function yieldMs(context: ProofContext): number {
	const { history, settings } = context;
	const isSoon = competes(context) && !history.takeovers.isUsedUp;
	return isSoon ? Math.max(history.takeovers.waitMs, minYieldMs) : settings.yieldMs;
}

const minYieldMs = 100;

/** The error if the API key needs an init with `compete: true`, while the session may never send one, or may not send one yet. */
function forceDenied(context: ProofContext) {
	const { history, settings } = context;
	if (settings.compete === false || history.takeovers.isUsedUp) return keyNeedsCompete();
	return openFailed(
		"this key can open a brokerage session only with compete: true, and the next such init has to wait",
		yieldMs(context),
	);
}

/**
 * Initializes a brokerage session. The first init has `compete: false`, so that it ends no other session. It has `compete: true` only if
 * the status reports another session, or if IBKR has said that this consumer key needs it.
 */
async function initBrokerage(context: ProofContext, state: IbkrBrokerageStatus["state"]): Promise<void> {
	holdDuringReset(context);
	const { history } = context;
	const isForced = state === "competing" ? mayTakeOver(context) : history.keyNeedsCompete && mayForce(context);
	if (history.keyNeedsCompete && !isForced) throw forceDenied(context);
	let outcome = await init(context, isForced, false);
	if (outcome.kind === "refused" && !isForced) {
		await requireReasonForForce(context, outcome);
		outcome = await init(context, true, true);
	}
	if (outcome.kind === "accepted") return;
	if (outcome.kind === "no-session") throw new LoginLost(outcome, true);
	const reason =
		outcome.kind === "refused"
			? `refused although it had compete: true${quoted(outcome)}`
			: `answered with ${described(outcome)}`;
	throw initFailed(context, reason);
}

type Refused = Extract<IbkrOutcomes["init"], { kind: "refused" }>;

/**
 * Checks whether a refused init may be repeated with `compete: true`. It may be repeated in two cases, if the option `compete` and
 * its limits allow it:
 *
 * - there is evidence that another session of the user holds the brokerage session;
 * - the key needs `compete: true`.
 *
 * A refusal without a reason is no evidence: IBKR has refused inits while nobody else was logged in.
 *
 * @throws SessionError if the init may not be repeated.
 */
async function requireReasonForForce(context: ProofContext, refused: Refused): Promise<void> {
	const { client, history, settings, signal } = context;
	const status = await client.status({ signal });
	const brokerage = status.kind === "status" ? status.brokerage : undefined;
	history.keyNeedsCompete ||= refused.because === "force-only" || brokerage?.forceOnly === true;
	if (history.keyNeedsCompete) {
		if (brokerage?.state === "competing" ? mayTakeOver(context) : mayForce(context)) return;
		throw forceDenied(context);
	}
	const words = quoted(refused) || quoted(brokerage ?? {});
	if (refused.because === "unstated" && brokerage?.state !== "competing") {
		throw initFailed(context, `refused without a reason${words}`);
	}
	if (mayTakeOver(context)) return;
	const evidence = refused.because === "not-passed" ? "the init did not pass" : "the venue says so";
	const what = `another session of this user holds the brokerage session (${evidence}${words})`;
	history.initFailure = what;
	throw yielding(what, competes(context) ? yieldMs(context) : Math.max(settings.yieldMs, initWaitMs(context)));
}

/** The error for a failed init. It asks to wait until the back-off allows the next init. */
function initFailed(context: ProofContext, how: string, cause?: unknown) {
	const what = `the init was ${how}`;
	context.history.initFailure = what;
	return openFailed(what, initWaitMs(context), cause);
}

/** @throws SessionError if a nightly reset has just begun: IBKR would refuse an init and count it towards its limits. */
function holdDuringReset({ history, settings }: ProofContext): void {
	const now = Date.now();
	const region = history.region(settings);
	const isInMaintenance = maintenanceAt(now, region) !== undefined;
	if (history.wasInMaintenance && !isInMaintenance) history.inits.resetBackoff();
	history.wasInMaintenance = isInMaintenance;
	const holdMs = initHoldMs(now, region);
	if (holdMs > 0) throw openFailed("expected: the nightly reset has just begun, no init is sent during it", holdMs);
}

/** @param isSecondHalf - true if this init repeats a refused init with `compete: true`. */
async function init(context: ProofContext, compete: boolean, isSecondHalf: boolean): Promise<IbkrOutcomes["init"]> {
	const { client, history, signal } = context;
	if (!history.inits.tryAcquire(isSecondHalf)) {
		const { last24h, limit } = history.inits.count(Date.now());
		const reason = history.inits.isUsedUp ? "the limit is reached" : "the back-off has not ended";
		const earlier = history.initFailure === undefined ? "" : `; the latest failure: ${history.initFailure}`;
		const what = `no init is sent now (${last24h} of at most ${limit} in 24 hours): ${reason}${earlier}`;
		throw openFailed(what, initWaitMs(context));
	}
	if (compete) history.takeovers.tryAcquire();
	history.onUsed();
	return client.init({ compete }, { signal }).catch((error: unknown) => {
		if (!isIbkrError(error) || !backedOff.has(error.kind)) throw error;
		history.initFailure = error.message;
		throw openFailed(error.message, initWaitMs(context), error);
	});
}

/**
 * Kinds of errors of an init after which the session waits for the back-off of inits. Errors of other kinds already say how long to
 * wait.
 */
const backedOff: ReadonlySet<IbkrError["kind"]> = new Set(["network", "timeout", "unavailable", "reply"]);

/**
 * Milliseconds until the next init is allowed. During maintenance, a longer wait is shortened to the end of the maintenance, but not
 * below the first delay of the back-off.
 */
function initWaitMs({ history, settings }: ProofContext): number {
	const now = Date.now();
	const ms = Math.max(history.inits.waitMs, 100);
	const maintenance = maintenanceAt(now, history.region(settings));
	return maintenance ? Math.min(ms, Math.max(maintenance.until - now, settings.initBackoffMs)) : ms;
}
