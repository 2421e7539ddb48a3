import type { BybitConnection } from "@x/bybit-dcp";
import type { Session } from "../../session.ts";
import type { BybitCountdown } from "./countdown.ts";
import type { BybitExposure } from "./exposure.ts";
import type { BybitReconciliation } from "./recovery.ts";

/** The parts of the proof, each with when it was given, in epoch milliseconds; null while it is missing. */
export interface BybitEvidence {
	/** The configuration was read back: every product enabled, its window equal. Null too while it reads otherwise. */
	readonly configurationAt: number | null;
	/** The topics of the connection that were last acknowledged had been asked for; asked again every `verifyEveryMs`. */
	readonly subscribedAt: number | null;
	/** The last ping that was answered had been sent. */
	readonly pingAt: number | null;
}

/** A Bybit session, with what can be asked of it at any moment. */
export interface BybitGuarded extends Session<BybitConnection> {
	/** How long orders outlive us with these settings, and what is unwise about them. */
	readonly exposure: BybitExposure;

	/** When each part of the proof was last given. Plain data, made anew at each reading. */
	readonly evidence: BybitEvidence;

	/** Where the race against the window stands now. Plain data, made anew at each reading. */
	readonly countdown: BybitCountdown;

	/**
	 * Returns when the orders are proved to be protected right now; to be called before one is placed.
	 *
	 * It needs a live connection whose last ping was answered in time, a configuration that was read back in time, and no
	 * trigger that must be assumed and has not been reconciled. Sends nothing.
	 *
	 * @throws SessionError that says what is missing.
	 */
	requireArmed(): void;

	/**
	 * After a loss: the working orders as they are now, and those that Disconnection Protect has cancelled since. When the
	 * working orders were read in full, a trigger is no longer assumed and {@link requireArmed} passes again.
	 *
	 * Takes several calls, each with its own deadline. Call it once the session is alive again, before trading goes on.
	 *
	 * @throws SessionError when the connection does not count, is lost meanwhile, or a list could not be read.
	 */
	reconcile(signal?: AbortSignal): Promise<BybitReconciliation>;
}
