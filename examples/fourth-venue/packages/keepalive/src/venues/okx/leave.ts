import { cancelAllAfter, type OkxTimerOptions } from "@x/okx-timer";
import type { Closed, OrdersOnClose } from "../../session.ts";

/** What `leave` needs to close a session. */
export interface LeaveContext {
	readonly client: OkxTimerOptions;
	readonly exposureMs: number;
	/** Aborts at the deadline of the close. */
	readonly signal: AbortSignal | undefined;
}

/**
 * Closes the session: stops the countdown, so that the orders stay, or leaves the countdown running, so that the venue cancels the orders.
 * Never throws.
 */
export async function leave(orders: OrdersOnClose, { client, exposureMs, signal }: LeaveContext): Promise<Closed> {
	if (orders === "cancel") {
		return { orders: "cancelled", withinMs: exposureMs, detail: "OKX: the countdown was left running" };
	}
	const stopped = await cancelAllAfter(client, 0, signal && { signal }).catch(() => undefined);
	if (stopped && stopped.triggerAt === undefined) return { orders: "kept", detail: "OKX: the countdown was stopped" };
	return { orders: "unknown", detail: "OKX: the countdown may still be running. Check the orders." };
}
