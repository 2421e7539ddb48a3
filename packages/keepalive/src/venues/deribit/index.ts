import type { DeribitSessionOptions } from "./options.ts";
import { DeribitSession } from "./session.ts";

export { type DeribitExposure, deribitExposure } from "./exposure.ts";
export type { DeribitCancelScope, DeribitClientOptions, DeribitSessionOptions } from "./options.ts";
export type { DeribitLoss } from "./recovery.ts";
export type { DeribitSession };

/**
 * A session at Deribit for a keeper: one WebSocket with heartbeats on and cancel-on-disconnect armed and read back.
 *
 * Trade over the connection that `requireArmed()` returns: only orders placed over it are protected. The connection
 * answers the venue's probes by itself, so stopping the beats does not make the venue cancel; `close("cancel")` does.
 * Do not change heartbeats or cancel-on-disconnect over the handle: the next beat after `verifyEveryMs` would report it.
 *
 * @throws OptionError for an option that is not allowed.
 * @see https://docs.deribit.com/articles/connection-management-best-practices
 */
export function deribit(options: DeribitSessionOptions): DeribitSession {
	return new DeribitSession(options);
}
