/**
 * For a program that passes calls of other programs on over its own connection, such as the relay of the keepalive agent. Frames go
 * through unchanged, errors included, so that the other program sees what the venue has sent.
 *
 * @module
 */

import type { RateLimitOfPool } from "../limits/credits.ts";
import { type DeribitConnection, rpcOf } from "../socket/connection.ts";
import type { RelayedCall } from "./relayed-call.ts";

export { type PlacedOrder, PlacedOrders } from "../protection/placed-orders.ts";
export type { RateLimitOfPool, RelayedCall };

/**
 * Sends a call at once, and records what it does to the connection as for any other call: cancel-on-disconnect, orders,
 * subscriptions, credits.
 *
 * @throws {DeribitError} when it was not sent, and then calls nothing: of kind `credits` when it would exceed the rate limit, `closed`,
 * `network`, or `request` for text that cannot be a method's name, a call that would change whom the connection belongs to, or one that is too
 * large.
 */
export function relayCall(connection: DeribitConnection, call: RelayedCall): void {
	rpcOf(connection).relay(call);
}

/** A notification of a channel, not checked. */
export interface RelayedNotification {
	readonly channel: string;
	/** As the channel has it. */
	readonly data?: unknown;
}

/**
 * Calls `listener` inside the socket's event with each notification, before the option `onNotification`. It must not throw.
 *
 * @param listener - gets the notification, and the frame as it came.
 * @returns a function that ends that.
 */
export function listenToNotifications(
	connection: DeribitConnection,
	listener: (notification: RelayedNotification, text: string) => void,
): () => void {
	return rpcOf(connection).onNotification(listener);
}

/**
 * The rate limit of a method, without the reserve for urgent calls and the margin. Undefined for a method that
 * the matching engine counts, whose limit depends on the account's tier.
 */
export function rateLimitOf(connection: DeribitConnection, method: string): RateLimitOfPool | undefined {
	return rpcOf(connection).rateLimitOf(method);
}
