import { sentence } from "@x/base/errors";
import type { DeribitConnection } from "@x/deribit-session";
import type { Logger } from "../../logger.ts";
import type { Closed, OrdersOnClose } from "../../session.ts";
import { messageOf, venueCodeOf, venueCodes } from "./error-disposition.ts";
import { exposureMs } from "./exposure.ts";
import { logged } from "./log-call.ts";
import type { ResolvedDeribitOptions } from "./options.ts";
import { arm, readBack } from "./protection-proof.ts";

/** Closes so that the orders stay open, which only the call `private/logout` can do. */
export async function closeKeepingOrders(
	connection: DeribitConnection,
	{ socket }: ResolvedDeribitOptions,
	logger: Logger,
): Promise<Closed> {
	const logout = () => logged(logger, "private/logout", () => connection.logout());
	try {
		const result = await logout().catch(async (error: unknown) => {
			if (venueCodeOf(error) !== venueCodes.unauthorized) throw error;
			// The tokens have expired, but a logout needs valid tokens, so they are renewed first.
			const call = { timeoutMs: socket.closeTimeoutMs, fromReserve: true };
			await logged(logger, "public/auth", () => connection.renew(call));
			return logout();
		});
		const areKept = result.cancelOnDisconnectFired === "no";
		return { orders: areKept ? "kept" : "unknown", detail: result.detail };
	} catch (error) {
		const reason = sentence(messageOf(error));
		if (connection.ended.aborted) return { orders: "unknown", detail: `${reason} Check the orders` };
		// The connection stays open, because a close without a logout would cancel the orders.
		const until = "until this process ends or the session is opened again";
		return { orders: "refused", detail: `${reason} The connection and its orders stay open ${until}` };
	}
}

/**
 * Closes so that the venue cancels the orders placed over this connection.
 *
 * @param skipReadBack - aborts to skip the read-back of cancel-on-disconnect before the close.
 */
export async function closeCancellingOrders(
	connection: DeribitConnection,
	options: ResolvedDeribitOptions,
	logger: Logger,
	skipReadBack: AbortSignal = connection.ended,
): Promise<Closed> {
	const { cancelScope, socket } = options;
	const timeoutMs = socket.closeTimeoutMs;
	const call = { signal: AbortSignal.any([connection.ended, skipReadBack]), timeoutMs, fromReserve: true } as const;
	// Cancel-on-disconnect may have been switched off since the last read-back, and the venue would then cancel nothing. So it is read
	// back once more, and armed again if it is off.
	const state = await readBack(connection, "connection", call, logger)
		.then((answer) => (answer.isArmed ? answer : arm(connection, "connection", call, logger)))
		.catch((error: unknown) => ({ isArmed: false, reason: messageOf(error), isUnknown: true }) as const);
	const result = await logged(logger, "disconnect", () => connection.disconnect());
	if (!state.isArmed) {
		return {
			orders: "isUnknown" in state ? "unknown" : "refused",
			detail: `${sentence(state.reason)} ${result.detail}`,
		};
	}
	// The venue cancels at once if it has confirmed the close. Otherwise the venue may notice the close only when heartbeats are missing.
	const withinMs = result.confirmed ? 0 : exposureMs(options);
	return { orders: "cancelled", withinMs, detail: `${result.detail} (scope ${cancelScope})` };
}

/**
 * Corrects the result of a close when orders of earlier connections may still be in the order book.
 *
 * @param unnoticedMs - how long the venue may still take to notice the end of the earlier connections, in milliseconds.
 */
export function withEarlierConnections(closed: Closed, unnoticedMs: number): Closed {
	if (closed.orders === "kept" && unnoticedMs > 0) {
		const when = `within ${unnoticedMs} ms the venue may notice the end of an earlier connection, and cancels its orders then`;
		return { orders: "unknown", detail: `${sentence(closed.detail)} But ${when}. Check the orders` };
	}
	if (closed.orders !== "cancelled" || closed.withinMs >= unnoticedMs) return closed;
	const detail = `${closed.detail}; orders of an earlier connection may stay open for up to ${unnoticedMs} ms`;
	return { ...closed, withinMs: unnoticedMs, detail };
}

/**
 * The result of a close() after an open() that failed or was given up. The connection of that open() is closed already, so its orders can
 * no longer be kept.
 */
export async function closedWithFailedOpen(
	connection: DeribitConnection,
	orders: OrdersOnClose,
	options: ResolvedDeribitOptions,
): Promise<Closed> {
	const result = await connection.disconnect();
	const detail = `the open was given up, which closed its connection. ${result.detail}`;
	if (!connection.cancelOnDisconnect) return { orders: "unknown", detail };
	if (orders === "keep") return { orders: "refused", detail };
	return { orders: "cancelled", withinMs: result.confirmed ? 0 : exposureMs(options), detail };
}
