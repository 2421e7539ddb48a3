import { monotonicMs, sleep } from "@x/base/clock";
import {
	type IbkrBrokerageState,
	type IbkrErrorKind,
	type IbkrHidden,
	type IbkrInitOutcome,
	isIbkrError,
} from "@x/ibkr-session";
import { initHoldMs, maintenanceAt } from "./calendar.ts";
import { denied, keyNeedsCompete, openFailed, renewalFailed, yielding } from "./disposition.ts";
import { LoginLost, type ProofContext, requireLive, tickleLogin, validateLogin } from "./proof.ts";

/** A brokerage session that was proved alive. */
export interface OpenedBrokerage {
	/** The key with which a socket authenticates. */
	readonly socketKey: IbkrHidden<string> | undefined;
	/** Whether a new brokerage session was initialized. */
	readonly isNew: boolean;
	/** When the tickle that proved it was sent, on the monotonic clock. */
	readonly provedAt: number;
}

/**
 * Opens a brokerage session: login, status, init, readiness, accounts, tickle. When the login turns out to be lost on the way,
 * the token is renewed and the steps begin again, once.
 *
 * @throws SessionError, or what the client threw.
 */
export async function openBrokerage(context: ProofContext): Promise<OpenedBrokerage> {
	const { history, settings, signal } = context;
	for (let hasRenewed = false; ; hasRenewed = true) {
		try {
			return await openOnce(context);
		} catch (error) {
			if (!(error instanceof LoginLost)) throw error;
			if (!error.isFromInit) history.lostLogin = error.outcome;
			const { because } = error.outcome;
			if (hasRenewed) {
				throw openFailed(`the venue rejected a new token as well (${because})`, history.renewals.waitMs);
			}
			if (!settings.renew) throw denied(error.outcome, settings);
			await renewToken(context, settings.renew, because);
			signal.throwIfAborted();
			// These were about the old token.
			history.failedValidation = undefined;
			history.inits.resetBackoff();
		}
	}
}

/** Makes a new token, if the back-off allows it. Meanwhile an earlier refusal that needs a person is reported again. */
async function renewToken({ history }: ProofContext, renew: () => Promise<unknown>, because: string): Promise<void> {
	const { renewals } = history;
	if (!renewals.tryAcquire()) {
		const what = `the login is lost (${because}), and the latest new token was requested not long ago`;
		throw history.renewalRefused ?? openFailed(what, renewals.waitMs);
	}
	history.renewalRefused = undefined;
	try {
		await renew();
	} catch (reason) {
		const error = renewalFailed(reason, renewals.waitMs);
		if (error.disposition.action === "human") history.renewalRefused = error;
		throw error;
	}
}

async function openOnce(context: ProofContext): Promise<OpenedBrokerage> {
	const { history, settings } = context;
	// IBKR locks an address that validates twice in a minute, and the previous process may just have done so. A brokerage
	// session that is there shows that the login is good.
	const readsStatusFirst = settings.mode !== "oauth1" && history.isNew && history.lostLogin === undefined;
	if (!readsStatusFirst) await requireLogin(context);
	const state = await readState(context);
	const isThere = state === "ready" || state === "loading";
	if (readsStatusFirst && !isThere) await requireLogin(context);
	const isNew = history.neverBecameReady || !isThere;
	if (isNew) await initBrokerage(context, state);
	await untilReady(context, isNew ? "loading" : state);
	await untilTickleAllowed(context);
	const provedAt = monotonicMs();
	const socketKey = requireLive(await tickleLogin(context), settings);
	history.recordOpened();
	return { socketKey, isNew, provedAt };
}

/**
 * Proves the login: by a validation when one is due, else by a tickle. OAuth 1.0a has no validation; there the login is first
 * left to the calls that follow. A lost login is asked for with a tickle at each open, so that a new one is found soon.
 *
 * @throws LoginLost, or what the client threw.
 */
async function requireLogin(context: ProofContext): Promise<void> {
	const { history, settings } = context;
	if (history.lostLogin === undefined) {
		if (settings.mode === "oauth1" && history.takeLoginDoubt()) return;
		if (settings.mode !== "oauth1" && history.tryValidation() && (await validateLogin(context))) return;
	}
	await untilTickleAllowed(context);
	await tickleLogin(context);
	const { failedValidation } = history;
	if (failedValidation && !(history.tryValidation() && (await validateLogin(context)))) {
		throw new LoginLost(failedValidation);
	}
	history.recordLogin();
}

/** A new process does not know when the previous one sent its last tickle. */
async function untilTickleAllowed({ history, signal }: ProofContext): Promise<void> {
	const ms = history.tickleInMs;
	if (ms <= 0) return;
	await sleep(ms, signal);
	signal.throwIfAborted();
}

/** Waits until the status is ready and the accounts are answered: either has been seen without the other. */
async function untilReady(context: ProofContext, first: IbkrBrokerageState): Promise<void> {
	const { client, history, settings, signal } = context;
	const deadline = monotonicMs() + settings.readyTimeoutMs;
	history.neverBecameReady = false;
	for (let state = first; ; state = await readState(context)) {
		if (state === "ready") {
			const accounts = await client.accounts({ signal });
			if (accounts.kind === "accounts") return;
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
 * The state of the brokerage session.
 *
 * @throws SessionError when another session of the user holds it, or the key needs `compete`, and neither is allowed.
 */
async function readState({ client, history, settings, signal }: ProofContext): Promise<IbkrBrokerageState> {
	const outcome = await client.status({ signal });
	if (outcome.kind === "no-session") throw new LoginLost(outcome);
	if (outcome.kind === "no-brokerage") return "unauthenticated";
	const { brokerage } = outcome;
	history.keyNeedsCompete ||= brokerage.forceOnly;
	if (settings.compete && !history.takeovers.isUsedUp) return brokerage.state;
	if (brokerage.state === "competing") throw denied({ kind: "brokerage", brokerage }, { ...settings, compete: false });
	// An init would be refused, and refusals count.
	if (brokerage.forceOnly && brokerage.state !== "ready" && brokerage.state !== "loading") throw keyNeedsCompete();
	return brokerage.state;
}

/** Initializes a brokerage session. Without force first, unless another session is seen or the key needs it. */
async function initBrokerage(context: ProofContext, state: IbkrBrokerageState): Promise<void> {
	holdDuringReset(context);
	const { history, settings } = context;
	const isForced = settings.compete && (state === "competing" || history.keyNeedsCompete);
	let outcome = await init(context, isForced, false);
	if (outcome.kind === "refused" && !isForced) {
		// A refusal has two causes, another session or a key that needs force. The status tells them apart.
		const status = await context.client.status({ signal: context.signal });
		if (status.kind === "status") history.keyNeedsCompete ||= status.brokerage.forceOnly;
		if (!settings.compete || history.takeovers.isUsedUp) {
			if (history.keyNeedsCompete) throw keyNeedsCompete();
			const what = "the brokerage session was refused: another session of this user seems to hold it";
			throw yielding(what, Math.max(settings.yieldMs, initWaitMs(context)));
		}
		outcome = await init(context, true, true);
	}
	if (outcome.kind === "accepted") return;
	if (outcome.kind === "no-session") throw new LoginLost(outcome, true);
	const reason = outcome.kind === "refused" ? "refused although compete is true" : `answered with ${outcome.because}`;
	throw openFailed(`the init was ${reason}`, initWaitMs(context));
}

/** @throws SessionError when a reset has just begun: an init would be refused, and count. */
function holdDuringReset({ history, settings }: ProofContext): void {
	const now = Date.now();
	const region = history.region(settings);
	const isInMaintenance = maintenanceAt(now, region) !== undefined;
	if (history.wasInMaintenance && !isInMaintenance) history.inits.resetBackoff();
	history.wasInMaintenance = isInMaintenance;
	const holdMs = initHoldMs(now, region);
	if (holdMs > 0) throw openFailed("expected: the nightly reset has just begun, no init is sent during it", holdMs);
}

/** @param isSecondHalf - whether it repeats a refused init with force. */
async function init(context: ProofContext, compete: boolean, isSecondHalf: boolean): Promise<IbkrInitOutcome> {
	const { client, history, settings, signal } = context;
	if (compete && history.takeovers.isUsedUp) {
		throw yielding("another session of this user seems to hold the brokerage session", settings.yieldMs);
	}
	if (!history.inits.tryAcquire(isSecondHalf)) {
		const { last24h, limit } = history.inits.count(Date.now());
		const reason = history.inits.isUsedUp ? "reach the limit" : "are delayed by the back-off";
		throw openFailed(`no init is sent: ${last24h} of ${limit} inits in 24 hours ${reason}`, initWaitMs(context));
	}
	if (compete) history.takeovers.tryAcquire();
	return client.init({ compete }, { signal }).catch((error: unknown) => {
		if (!isIbkrError(error) || !backedOff.has(error.kind)) throw error;
		throw openFailed(error.message, initWaitMs(context), error);
	});
}

/** Kinds of failures of an init after which the back-off of inits applies. The others say themselves how long to wait. */
const backedOff: ReadonlySet<IbkrErrorKind> = new Set(["network", "timeout", "unavailable", "reply"]);

/** Milliseconds until the next init. During maintenance at most until its end, but at least the first delay. */
function initWaitMs({ history, settings }: ProofContext): number {
	const now = Date.now();
	const ms = Math.max(history.inits.waitMs, 100);
	const maintenance = maintenanceAt(now, history.region(settings));
	return maintenance ? Math.min(ms, Math.max(maintenance.until - now, settings.initBackoffMs)) : ms;
}
