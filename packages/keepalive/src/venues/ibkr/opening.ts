import {
	type BrokerageState,
	type IbkrClient,
	type IbkrErrorKind,
	isIbkrError,
	type NoSession,
	type TickleOutcome,
} from "@x/ibkr-session";
import { SessionError } from "../../session-error.ts";
import { monotonicMs, sleep } from "../../time.ts";
import { regionOf } from "./calendar.ts";
import { endOf, forceOnly, notOpened, renewalFailed, someoneElse } from "./disposition.ts";
import type { Memory } from "./memory.ts";
import type { IbkrSettings } from "./options.ts";

/** What one opening works with. */
export interface Opening {
	readonly client: IbkrClient;
	readonly memory: Memory;
	readonly settings: IbkrSettings;
	readonly signal: AbortSignal;
}

/**
 * Login, brokerage session, readiness, accounts, tickle: each step rests on the one before, and each is answered.
 *
 * @throws SessionError or what the client threw.
 */
export async function openBrokerage(opening: Opening): Promise<void> {
	await requireLogin(opening);
	const state = await brokerageState(opening);
	if (state !== "ready" && state !== "loading") await init(opening);
	await awaitReady(opening, state);
	await tickle(opening);
	opening.memory.inits.succeeded();
	opening.memory.renewals = 0;
}

/** One tickle that proves both sessions. */
export async function tickle({ client, settings, signal }: Opening): Promise<void> {
	const outcome = await client.tickle(signal);
	signal.throwIfAborted();
	if (outcome.kind !== "live") throw deadOrUnclear(outcome, settings);
}

function deadOrUnclear(outcome: Exclude<TickleOutcome, { kind: "live" }>, settings: IbkrSettings): SessionError {
	if (outcome.kind === "not-ready") return endOf({ kind: "brokerage", brokerage: outcome.brokerage }, settings);
	if (outcome.kind !== "unstated") return endOf(outcome, settings);
	const message = "@x/keepalive/ibkr: the tickle was answered without a word on the brokerage session";
	return new SessionError(message, { disposition: { action: "retry" } });
}

/** The waits between two attempts to make a new token double from this to half an hour. */
const renewFirstMs = 60_000;
const renewLongestMs = 1_800_000;

/** A lost token is made again, once for each opening; a login that a person has to do is not. */
async function requireLogin(opening: Opening): Promise<void> {
	const { memory, settings, signal } = opening;
	const lost = await lostLogin(opening);
	if (!lost) return;
	if (!settings.renew) throw endOf(lost, settings);
	const waitMs = Math.min(renewFirstMs * 2 ** Math.min(memory.renewals, 10), renewLongestMs);
	memory.renewals += 1;
	try {
		await settings.renew();
	} catch (error) {
		throw renewalFailed(error, waitMs);
	}
	signal.throwIfAborted();
	const again = await lostLogin(opening);
	if (again) throw notOpened(`a new token did not bring the login back (${again.because})`, waitMs);
}

/** At a gateway by a validation, where its pace allows one; else by a tickle, which knows of the login too. */
async function lostLogin({ client, memory, settings, signal }: Opening): Promise<NoSession | undefined> {
	const validated = settings.mode === "gateway" && memory.mayValidate();
	const outcome = validated ? await client.validate(signal) : await client.tickle(signal);
	if (outcome.kind === "valid") memory.region = regionOf(outcome.region) ?? memory.region;
	return outcome.kind === "no-session" ? outcome : undefined;
}

async function brokerageState({ client, memory, settings, signal }: Opening): Promise<BrokerageState> {
	const outcome = await client.status(signal);
	if (outcome.kind === "no-session") throw endOf(outcome, settings);
	if (outcome.kind === "no-brokerage") return "unauthenticated";
	const { brokerage } = outcome;
	if (settings.compete && !memory.takeovers.spent) return brokerage.state;
	if (brokerage.state === "competing") throw endOf({ kind: "brokerage", brokerage }, { ...settings, compete: false });
	// Asking again would be refused again, and refusals add up.
	if (brokerage.forceOnly && brokerage.state !== "ready") throw forceOnly();
	return brokerage.state;
}

async function init(opening: Opening): Promise<void> {
	const { client, memory, settings, signal } = opening;
	const turn = memory.inits.take();
	if (!turn.taken) {
		throw notOpened(
			`no brokerage session is asked for: ${settings.maxInitsPerDay} in 24 hours are enough`,
			turn.waitMs,
		);
	}
	// Once they are used up the session yields, however sure the settings are of themselves.
	const compete = settings.compete && memory.takeovers.take().taken;
	const outcome = await client.init({ compete }, signal).catch((error: unknown) => {
		if (!isIbkrError(error) || !slowed.has(error.kind)) throw error;
		throw notOpened(error.message, memory.inits.failed(settings.initBackoffMs), error);
	});
	if (outcome.kind === "accepted") return;
	if (outcome.kind === "no-session") throw endOf(outcome, settings);
	const waitMs = memory.inits.failed(settings.initBackoffMs);
	if (outcome.kind === "no-brokerage") throw notOpened(`init was answered ${outcome.because}`, waitMs);
	if (compete) throw notOpened("the brokerage session was refused although compete is true", waitMs);
	// The refusal itself does not tell a key that can only force from somebody who is there: the status does.
	const after = await client.status(signal);
	if (after.kind === "status" && after.brokerage.forceOnly) throw forceOnly();
	const what = "the brokerage session was refused: another session of this user seems to hold it";
	throw someoneElse(what, Math.max(settings.yieldMs, waitMs));
}

/** Failures of an init after which the next one waits longer each time. The others have a wait of their own. */
const slowed: ReadonlySet<IbkrErrorKind> = new Set(["network", "timeout", "unavailable", "reply"]);

/** Until the status says ready and the accounts are really answered: each has been seen without the other. */
async function awaitReady(opening: Opening, first: BrokerageState): Promise<void> {
	const { client, memory, settings, signal } = opening;
	const until = monotonicMs() + settings.readyTimeoutMs;
	for (let state = first; ; state = await brokerageState(opening)) {
		if (state === "ready") {
			const accounts = await client.accounts(signal);
			if (accounts.kind === "accounts") return;
			if (accounts.kind === "no-session") throw endOf(accounts, settings);
		}
		if (monotonicMs() + settings.pollMs > until) {
			const what = `the brokerage session was not ready after ${settings.readyTimeoutMs} ms (${state})`;
			throw notOpened(what, memory.inits.failed(settings.initBackoffMs));
		}
		await sleep(settings.pollMs, signal);
		signal.throwIfAborted();
	}
}
