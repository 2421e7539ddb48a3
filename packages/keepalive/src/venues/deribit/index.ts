import { type DeribitSessionOptions, resolveDeribitOptions } from "./options.ts";
import { DeribitSession } from "./session.ts";

export { type DeribitExposure, deribitExposure } from "./exposure.ts";
export { type DeribitSessionOptions, deribitWarnings } from "./options.ts";
export type { DeribitLoss } from "./recovery.ts";
export type { DeribitSession };

/**
 * A session at Deribit for a keeper: one WebSocket with heartbeats on and cancel-on-disconnect armed and read back.
 *
 * Trade over its `handle`, or over what `requireArmed()` returns: only orders placed over that very connection are
 * protected. The connection answers the
 * venue's probes by itself, so withholding beats does not let the protection fire; `close("cancel")` does. Leave
 * heartbeats and cancel-on-disconnect alone over the handle: what is switched off there is noticed `verifyEveryMs`
 * later at worst.
 *
 * @throws TypeError for options that cannot work; the client's own options are checked by the first `open`.
 * @see https://docs.deribit.com/articles/connection-management-best-practices
 */
export function deribit(options: DeribitSessionOptions): DeribitSession {
	return new DeribitSession(resolveDeribitOptions(options));
}
