import type { DeribitSessionOptions } from "./options.ts";
import { DeribitSession } from "./session.ts";

export { cancelEarlierEpochs, type EarlierEpochs, epochLabel } from "./cancel-earlier-leaders-orders.ts";
export { type DeribitExposure, deribitExposure } from "./exposure.ts";
export { inspectDeribit } from "./inspect.ts";
export type { DeribitClientOptions, DeribitSessionOptions } from "./options.ts";
export type { DeribitLoss } from "./session-losses.ts";
export type { DeribitSession };

/**
 * A session at Deribit for a keeper: one WebSocket with heartbeats on, and with cancel-on-disconnect armed and read back.
 *
 * Trade over the connection that `requireArmed()` returns: only orders placed over it are protected. The connection answers the venue's
 * probes (`test_request`) by itself. So the venue keeps the orders even if the keeper no longer calls `beat()`; only `close("cancel")` or
 * the end of the connection makes the venue cancel. When the program changes heartbeats or cancel-on-disconnect over that connection, the
 * session is not armed until a later beat() has restored the settings. Subscriptions end with the connection, so subscribe in the option
 * `onOpen`.
 *
 * @typeParam Name - the literal type of the session's name, so that a keeper knows its sessions by name.
 * @throws OptionError for an option that is not allowed.
 * @see https://docs.deribit.com/articles/connection-management-best-practices
 */
export function deribit<const Name extends string = "deribit">(
	options: DeribitSessionOptions<Name>,
): DeribitSession<Name> {
	return new DeribitSession(options);
}
