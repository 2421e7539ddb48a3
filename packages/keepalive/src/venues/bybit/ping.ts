import { AdaptiveTimeout } from "@x/base/adaptive-timeout";
import { type Instant, instantNow, isOlderThan } from "@x/base/instant";
import { type BybitConnection, isBybitError } from "@x/bybit-dcp";
import type { ResolvedBybitOptions } from "./options.ts";
import { type AgeLimits, ageLimits } from "./proof-age-limits.ts";

/**
 * If the timer of the pong deadline fires more than this many milliseconds late, this process stalled, so the pong may have come in time.
 */
const stallMs = 200;
/** After this many milliseconds without a missed pong, the ping interval and the pong deadline return to their configured values. */
const resetMs = 600_000;

/**
 * Sends a ping, waits for its pong, and returns the time at which the ping was sent.
 *
 * If the timer of the pong deadline fires much too late, this process stalled, and the pong may have arrived without being read. In this
 * case a second ping is sent, because closing a good connection would itself make the venue cancel.
 */
export async function proveAlive(
	socket: BybitConnection,
	pongTimeoutMs: number,
	signal: AbortSignal,
): Promise<Instant> {
	const sent = instantNow(Date.now);
	try {
		await socket.ping({ signal, timeoutMs: pongTimeoutMs });
		return sent;
	} catch (error) {
		const now = instantNow(Date.now);
		const hasStalled = isOlderThan(sent, pongTimeoutMs + stallMs, now);
		if (!hasStalled || !isBybitError(error) || error.kind !== "timeout") throw error;
		await socket.ping({ signal, timeoutMs: pongTimeoutMs });
		return now;
	}
}

/** Doubles the pong deadline and the time between pings after each missed pong, so that a slow venue is not taken for dead. */
export class AdaptivePingTimeout {
	readonly #configured: ResolvedBybitOptions;
	readonly #timeout: AdaptiveTimeout;
	#lengthened: ResolvedBybitOptions;
	#limits: AgeLimits;

	constructor(options: ResolvedBybitOptions) {
		const { pongTimeoutMs: ms, longestPongTimeoutMs: longestMs } = options;
		this.#configured = options;
		this.#timeout = new AdaptiveTimeout({ ms, longestMs, resetMs });
		this.#lengthened = options;
		this.#limits = ageLimits(options);
	}

	/** The session's options, with the current values of `pingMs` and `pongTimeoutMs`. */
	get options(): ResolvedBybitOptions {
		return this.#timeout.ms === this.#configured.pongTimeoutMs ? this.#configured : this.#lengthened;
	}

	/** How old the last ping, subscription and configuration query may be. */
	get ageLimits(): AgeLimits {
		return this.#limits;
	}

	/**
	 * Records an answered ping. The age limits are now those of `sentWith`, the options that were in force when this ping was sent.
	 *
	 * So if the ping interval has become shorter, the limits become shorter only with the first pong to a ping that was sent with it.
	 * Until then, the last answered ping may be as old as the longer interval allows.
	 */
	recordPong(sentWith: ResolvedBybitOptions): void {
		this.#limits = ageLimits(sentWith);
	}

	/** Records any error of a call. A missed pong doubles the pong deadline, up to `longestPongTimeoutMs`; other errors change nothing. */
	record(error: unknown): void {
		if (!isBybitError(error) || error.kind !== "timeout" || error.call !== "ping") return;
		this.#timeout.record(this.#timeout.ms);
		const { ms: pongTimeoutMs } = this.#timeout;
		// A missed pong is detected only if the pong deadline is shorter than a beat, so the time between pings grows too.
		const pingMs = Math.max(this.#configured.pingMs, Math.ceil(pongTimeoutMs / 0.8));
		this.#lengthened = Object.freeze({ ...this.#configured, pongTimeoutMs, pingMs });
		this.#limits = ageLimits(this.#lengthened);
	}
}
