/**
 * Functions for a program that sends the calls of other programs over its own connection, such as the relay of the
 * keepalive agent. Replies (error replies too) and notifications are passed on unchanged, so that the other program
 * sees what the venue sent.
 *
 * @module
 */

import type { RateLimitOfPool } from "../limits/credit-rate-limiter.ts";
import { type DeribitConnection, rpcOf } from "../socket/connection.ts";
import type { RelayedCall } from "./relayed-call.ts";

export { type PlacedOrder, PlacedOrders } from "../protection/placed-orders.ts";
export type { RateLimitOfPool, RelayedCall };

/**
 * Sends a call at once, and records its effects on the connection as for any other call: cancel-on-disconnect, orders,
 * subscriptions, credits.
 *
 * @throws {DeribitError} when the call was not sent; then neither `onReply` nor `onFailure` is called. The kind of the error:
 * - `credits`: the call would exceed the rate limit;
 * - `closed` or `network`: the connection cannot send;
 * - `request`: the call is too large, its method name is invalid, or its method would end the connection or change the
 *   account that the connection is logged in to.
 */
export function relayCall(connection: DeribitConnection, call: RelayedCall): void {
	rpcOf(connection).relay(call);
}

/** A notification of a channel, not checked against the spec. */
export interface RelayedNotification {
	readonly channel: string;
	/** The data in the format of the channel. */
	readonly data?: unknown;
}

/**
 * Calls `listener` with each notification, inside the socket's `message` event and before the option `onNotification`.
 * The listener must not throw.
 *
 * @param listener - gets the notification, and the text of the frame as received.
 * @returns a function that removes the listener.
 */
export function listenToNotifications(
	connection: DeribitConnection,
	listener: (notification: RelayedNotification, text: string) => void,
): () => void {
	return rpcOf(connection).onNotification(listener);
}

/**
 * The rate limit of a method, less the reserve for urgent calls and the margin. Undefined for a method that the
 * matching engine counts, whose limit depends on the account's tier.
 */
export function rateLimitOf(connection: DeribitConnection, method: string): RateLimitOfPool | undefined {
	return rpcOf(connection).rateLimitOf(method);
}
