import { type IbkrBrokerageState, type IbkrErrorKind, type IbkrInitOutcome, isIbkrError } from "@x/ibkr-session";
import { quietTime, resetHoldMs } from "./calendar.ts";
import { endOf, forceOnly, notOpened, someoneElse } from "./disposition.ts";
import { LoginLost } from "./login-lost.ts";
import type { Opening } from "./open.ts";

/**
 * How the brokerage session stands.
 *
 * @throws SessionError when it is to be left to somebody else, or when the key cannot do without force.
 */
export async function readState({ client, memory, settings, signal }: Opening): Promise<IbkrBrokerageState> {
	const outcome = await client.status(signal);
	if (outcome.kind === "no-session") throw new LoginLost(outcome);
	if (outcome.kind === "no-brokerage") return "unauthenticated";
	const { brokerage } = outcome;
	memory.forceOnlyKey ||= brokerage.forceOnly;
	if (settings.compete && !memory.takeovers.spent) return brokerage.state;
	if (brokerage.state === "competing") throw endOf({ kind: "brokerage", brokerage }, { ...settings, compete: false });
	// Asking again would be refused again, and refusals add up.
	if (brokerage.forceOnly && brokerage.state !== "ready" && brokerage.state !== "loading") throw forceOnly();
	return brokerage.state;
}

/** Asks for the brokerage session: politely, unless somebody is seen to be there or the key can do nothing else. */
export async function openSession(opening: Opening, state: IbkrBrokerageState): Promise<void> {
	holdInReset(opening);
	const { memory, settings } = opening;
	const forced = settings.compete && (state === "competing" || memory.forceOnlyKey);
	let outcome = await init(opening, forced, false);
	if (outcome.kind === "refused" && !forced) {
		// The refusal itself does not tell a key that can only force from somebody who is there: the status does.
		const look = await opening.client.status(opening.signal);
		if (look.kind === "status") memory.forceOnlyKey ||= look.brokerage.forceOnly;
		if (!settings.compete || memory.takeovers.spent) {
			if (memory.forceOnlyKey) throw forceOnly();
			const what = "the brokerage session was refused: another session of this user seems to hold it";
			throw someoneElse(what, Math.max(settings.yieldMs, waitMs(opening)));
		}
		outcome = await init(opening, true, true);
	}
	if (outcome.kind === "accepted") return;
	if (outcome.kind === "no-session") throw new LoginLost(outcome, true);
	const what = outcome.kind === "refused" ? "refused although compete is true" : `answered ${outcome.because}`;
	throw notOpened(`an init was ${what}`, waitMs(opening));
}

/** In the first moments of a reset an init is refused, and counts. */
function holdInReset({ memory, settings }: Opening): void {
	const now = Date.now();
	const region = memory.regionIn(settings);
	const isQuiet = quietTime(now, region) !== undefined;
	// The venue promised to be back: what it refused meanwhile is not held against it.
	if (memory.quiet && !isQuiet) memory.inits.forgive();
	memory.quiet = isQuiet;
	const holdMs = resetHoldMs(now, region);
	if (holdMs > 0) throw notOpened("expected: the venue's nightly reset has just begun, no init is sent in it", holdMs);
}

/** @param again - the second half of an attempt. */
async function init(opening: Opening, compete: boolean, again: boolean): Promise<IbkrInitOutcome> {
	const { client, memory, settings, signal } = opening;
	if (compete && memory.takeovers.spent) {
		throw someoneElse("another session of this user seems to hold the brokerage session", settings.yieldMs);
	}
	if (!memory.inits.take(again)) {
		const { last24h, most } = memory.inits.count(Date.now());
		const why = memory.inits.spent ? "are enough" : "and they follow each other slowly";
		throw notOpened(`no init is sent: ${last24h} of ${most} in 24 hours ${why}`, waitMs(opening));
	}
	if (compete) memory.takeovers.take();
	return client.init({ compete }, signal).catch((error: unknown) => {
		if (!isIbkrError(error) || !slowed.has(error.kind)) throw error;
		throw notOpened(error.message, waitMs(opening), error);
	});
}

/** Failures of an init that say nothing of when the next one may be sent. The others have a wait of their own. */
const slowed: ReadonlySet<IbkrErrorKind> = new Set(["network", "timeout", "unavailable", "reply"]);

/** Until the next init may be sent; inside a quiet time no longer than that lasts, though a first wait at least. */
function waitMs({ memory, settings }: Opening): number {
	const now = Date.now();
	const ms = Math.max(memory.inits.waitMs, 100);
	const quiet = quietTime(now, memory.regionIn(settings));
	return quiet === undefined ? ms : Math.min(ms, Math.max(quiet.until - now, settings.initBackoffMs));
}
