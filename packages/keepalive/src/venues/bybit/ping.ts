import { AdaptiveTimeout } from "@x/base/adaptive-timeout";
import { type Instant, instantNow, isOlderThan } from "@x/base/instant";
import { type BybitConnection, isBybitError } from "@x/bybit-dcp";
import type { ResolvedBybitOptions } from "./options.ts";
import { type AgeLimits, ageLimits } from "./proof-ages.ts";

/**
 * If a pong's deadline fires more than this many milliseconds late, this process stalled, and the venue did not necessarily miss
 * the deadline.
 */
const stallMs = 200;
/** After this many milliseconds without a missed pong, the ping interval and the pong deadline return to their configured values. */
const resetMs = 600_000;

/**
 * Sends a ping, waits for its pong and returns when the ping was sent.
 *
 * A deadline that fires much too late shows that this process stalled: the pong may have arrived but not been read yet. In this
 * case a second ping is sent, because closing a good connection would itself start the venue's countdown.
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

/** Doubles the pong deadline and the time between pings after each missed pong. */
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

	/** The session's options with `pingMs` and `pongTimeoutMs` as they are in force now. */
	get options(): ResolvedBybitOptions {
		return this.#timeout.ms === this.#configured.pongTimeoutMs ? this.#configured : this.#lengthened;
	}

	/** How old each part of the proof may be. */
	get ageLimits(): AgeLimits {
		return this.#limits;
	}

	/**
	 * Records an answered ping, with the options that were in force when the ping was sent. Age limits become shorter only now and
	 * not at the reset, because the previous ping was sent at the longer interval.
	 */
	recordPong(sentWith: ResolvedBybitOptions): void {
		this.#limits = ageLimits(sentWith);
	}

	/** Records any error of a call. A missed pong doubles the deadline, up to `longestPongTimeoutMs`; other errors change nothing. */
	record(error: unknown): void {
		if (!isBybitError(error) || error.kind !== "timeout" || error.call !== "ping") return;
		this.#timeout.record(this.#timeout.ms);
		const { ms: pongTimeoutMs } = this.#timeout;
		// A beat that ends before the deadline of its pong cannot detect a dead connection, so the beats get longer too.
		const pingMs = Math.max(this.#configured.pingMs, Math.ceil(pongTimeoutMs / 0.8));
		this.#lengthened = Object.freeze({ ...this.#configured, pongTimeoutMs, pingMs });
		this.#limits = ageLimits(this.#lengthened);
	}
}
