import type { BybitSessionOptions } from "./options.ts";
import { BybitSession } from "./session.ts";

export { type BybitExposure, bybitExposure } from "./exposure.ts";
export { inspectBybit } from "./inspect.ts";
export { bybitConnectionLimiter } from "./limits.ts";
export type { BybitSessionClientOptions, BybitSessionOptions } from "./options.ts";
export type { BybitSession } from "./session.ts";
export type { BybitLoss } from "./session-losses.ts";

/**
 * Creates a Bybit session: a private connection that is subscribed and pinged, with Disconnection Protect configured and read back.
 *
 * The session is `armed` only while four things hold: Disconnection Protect is on for every product; each cancel window is the requested
 * one (Bybit's configuration was read back within `verifyEveryMs`); the venue acknowledged the connection's topics within
 * `verifyEveryMs`; and the last ping was answered.
 *
 * @throws OptionError at once for an unknown option or a wrong value.
 * @see https://bybit-exchange.github.io/docs/v5/order/dcp
 */
export function bybit<const Name extends string = "bybit">(options: BybitSessionOptions<Name>): BybitSession<Name> {
	return new BybitSession(options);
}
