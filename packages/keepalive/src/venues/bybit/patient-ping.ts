import { type BybitConnection, isBybitError } from "@x/bybit-dcp";
import type { Instant } from "./countdown.ts";
import { instant } from "./loss-watch.ts";

/** A deadline noticed this much too late was not missed by the venue. */
const stallMs = 200;

/**
 * A ping that was answered: when it had been sent.
 *
 * A deadline that was noticed much too late says that this process stood still, not that the venue did: the pong may lie
 * unread. It is asked once more then, since giving up a good connection would itself start the countdown.
 */
export async function patientPing(
	socket: BybitConnection,
	pongTimeoutMs: number,
	signal: AbortSignal,
): Promise<Instant> {
	const sent = instant();
	try {
		await socket.ping(signal, pongTimeoutMs);
		return sent;
	} catch (error) {
		const now = instant();
		// By both clocks: the monotonic one stops while the machine sleeps, and the wall clock may have been set back.
		const tookMs = Math.max(now.monotonicMs - sent.monotonicMs, now.epochMs - sent.epochMs);
		const stoodStill = tookMs > pongTimeoutMs + stallMs;
		if (!stoodStill || !isBybitError(error) || error.kind !== "timeout") throw error;
		await socket.ping(signal, pongTimeoutMs);
		return now;
	}
}
