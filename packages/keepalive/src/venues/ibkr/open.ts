import {
	type IbkrBrokerageState,
	type IbkrHidden,
	type IbkrHttp,
	type IbkrNoSession,
	type IbkrTickleOutcome,
	isIbkrError,
} from "@x/ibkr-session";
import { SessionError } from "../../session-error.ts";
import { monotonicMs, sleep } from "../../time.ts";
import { openSession, readState } from "./brokerage.ts";
import { regionOf } from "./calendar.ts";
import { endOf, notOpened, renewalFailed } from "./disposition.ts";
import { LoginLost } from "./login-lost.ts";
import type { Memory } from "./memory.ts";
import type { IbkrSettings } from "./options.ts";

/** What one opening works with. */
export interface Opening {
	readonly client: IbkrHttp;
	readonly memory: Memory;
	readonly settings: IbkrSettings;
	readonly signal: AbortSignal;
}

/** What an opening gave. */
export interface Opened {
	/** The key of the socket, by the last tickle. */
	readonly session: IbkrHidden<string> | undefined;
	/** Whether the brokerage session was asked for anew. */
	readonly reopened: boolean;
	/** When the tickle that proved it was sent, on the monotonic clock. */
	readonly provedAt: number;
}

/**
 * Login, brokerage session, readiness, accounts, tickle: each step rests on the one before, and each is answered. A lost
 * token is made again, once in each opening, wherever on the way its loss is told.
 *
 * @throws SessionError or what the client threw.
 */
export async function openBrokerage(opening: Opening): Promise<Opened> {
	const { memory, settings, signal } = opening;
	for (let renewed = false; ; renewed = true) {
		try {
			return await attempt(opening);
		} catch (error) {
			if (!(error instanceof LoginLost)) throw error;
			if (!error.byInit) memory.lost = error.outcome;
			const { because } = error.outcome;
			if (renewed) throw notOpened(`a new token did not bring the login back (${because})`, memory.renewals.waitMs);
			if (!settings.renew) throw endOf(error.outcome, settings);
			await renew(opening, settings.renew, because);
			signal.throwIfAborted();
			// What was said and counted was about the token before.
			memory.refused = undefined;
			memory.inits.forgive();
		}
	}
}

/** Makes a new token, unless one was made too lately. What only a person can mend stays said meanwhile. */
async function renew({ memory }: Opening, make: () => Promise<unknown>, because: string): Promise<void> {
	const { renewals } = memory;
	if (!renewals.take()) {
		const words = `the login is gone again (${because}), and the latest attempt to make a new token is not long ago`;
		throw memory.renewalRefused ?? notOpened(words, renewals.waitMs);
	}
	memory.renewalRefused = undefined;
	try {
		await make();
	} catch (reason) {
		const failed = renewalFailed(reason, renewals.waitMs);
		if (failed.disposition.action === "human") memory.renewalRefused = failed;
		throw failed;
	}
}

async function attempt(opening: Opening): Promise<Opened> {
	const { memory, settings } = opening;
	// A new process does not know when the one before it validated, and twice a minute gets the address locked: it looks
	// first, and a session that is there shows that the login is.
	const looksFirst = settings.mode !== "oauth1" && memory.isYoung && memory.lost === undefined;
	if (!looksFirst) await requireLogin(opening);
	const state = await readState(opening);
	const isThere = state === "ready" || state === "loading";
	if (looksFirst && !isThere) await requireLogin(opening);
	// One that is said to be there, and does not serve in minutes, is asked for as if it were not.
	const reopened = memory.stuck || !isThere;
	if (reopened) await openSession(opening, state);
	await awaitReady(opening, reopened ? "loading" : state);
	await firstTurn(opening);
	const provedAt = monotonicMs();
	const session = keyIn(await findLogin(opening), settings);
	memory.opened();
	return { session, reopened, provedAt };
}

/** One tickle that proves both sessions; gives the key of the socket. */
export async function tickle({ client, settings, signal }: Opening): Promise<IbkrHidden<string> | undefined> {
	const outcome = await client.tickle(signal);
	signal.throwIfAborted();
	return keyIn(outcome, settings);
}

function keyIn(outcome: IbkrTickleOutcome, settings: IbkrSettings): IbkrHidden<string> | undefined {
	if (outcome.kind !== "live") throw deadOrUnclear(outcome, settings);
	return outcome.session;
}

function deadOrUnclear(outcome: Exclude<IbkrTickleOutcome, { kind: "live" }>, settings: IbkrSettings): SessionError {
	if (outcome.kind === "not-ready") return endOf({ kind: "brokerage", brokerage: outcome.brokerage }, settings);
	if (outcome.kind !== "unstated") return endOf(outcome, settings);
	const message = "@x/keepalive/ibkr: the tickle was answered without a word on the brokerage session";
	return new SessionError(message, { disposition: { action: "retry" } });
}

/**
 * Whether there is a login. Where it can, a validation asks when that is due, and else a tickle; over OAuth 1.0a, where
 * there is none, it is left to the steps after it at first. While the login is known to be gone a tickle asks: it must not go unheard for
 * minutes that somebody has logged in. So it does while another session is left alone.
 *
 * @throws LoginLost, or what the client threw.
 */
async function requireLogin(opening: Opening): Promise<void> {
	const { memory, settings } = opening;
	if (memory.lost === undefined) {
		if (settings.mode === "oauth1" && memory.takeDoubt()) return;
		if (settings.mode !== "oauth1" && memory.takeValidation() && (await validate(opening))) return;
	}
	await firstTurn(opening);
	await findLogin(opening);
	const { refused } = memory;
	if (refused && !(memory.takeValidation() && (await validate(opening)))) throw new LoginLost(refused);
	memory.loginFound();
}

/** A tickle knows of the login. @throws LoginLost, or what the client threw. */
async function findLogin({ client, signal }: Opening): Promise<Exclude<IbkrTickleOutcome, IbkrNoSession>> {
	const outcome = await client.tickle(signal);
	signal.throwIfAborted();
	if (outcome.kind === "no-session") throw new LoginLost(outcome);
	return outcome;
}

/** Until a new process may tickle: it does not know when the one before it did. */
async function firstTurn({ memory, signal }: Opening): Promise<void> {
	const ms = memory.tickleInMs;
	if (ms <= 0) return;
	await sleep(ms, signal);
	signal.throwIfAborted();
}

/**
 * True when the login was found good, false when the venue's pace did not allow to ask.
 *
 * @throws LoginLost, or what the client threw.
 */
export async function validate({ client, memory, signal }: Omit<Opening, "settings">): Promise<boolean> {
	const outcome = await client.validate(signal).catch((error: unknown) => {
		if (isIbkrError(error) && error.kind === "held") return undefined;
		throw error;
	});
	if (outcome?.kind === "no-session") {
		memory.refused = outcome;
		throw new LoginLost(outcome);
	}
	if (outcome?.kind !== "valid") return false;
	memory.refused = undefined;
	memory.region = regionOf(outcome.region) ?? memory.region;
	memory.loginFound();
	return true;
}

/** Until the status says ready and the accounts are really answered: each has been seen without the other. */
async function awaitReady(opening: Opening, first: IbkrBrokerageState): Promise<void> {
	const { client, memory, settings, signal } = opening;
	const until = monotonicMs() + settings.readyTimeoutMs;
	memory.stuck = false;
	for (let state = first; ; state = await readState(opening)) {
		if (state === "ready") {
			const accounts = await client.accounts(signal);
			if (accounts.kind === "accounts") return;
			if (accounts.kind === "no-session") throw new LoginLost(accounts);
		}
		if (monotonicMs() + settings.pollMs > until) {
			memory.stuck = true;
			const what = `the brokerage session was not ready after ${settings.readyTimeoutMs} ms (${state})`;
			throw notOpened(what, memory.inits.waitMs || settings.initBackoffMs);
		}
		await sleep(settings.pollMs, signal);
		signal.throwIfAborted();
	}
}
