import type { AdaptiveTimeout } from "@x/base/adaptive-timeout";
import { monotonicMs, sleep, timerToleranceMs, withDeadline } from "@x/base/clock";
import { elapsedMs, type Instant, instantNow, longestElapsedMs } from "@x/base/instant";
import { type DeribitConnection, isDeribitError } from "@x/deribit-session";
import type { Logger } from "../../logger.ts";
import { SessionError } from "../../session-error.ts";
import { logged } from "./log-call.ts";
import { packageName } from "./options.ts";

/** The times of pings, in milliseconds. */
export interface PingSettings {
	/** Time from one ping to the next. */
	readonly pingMs: number;
	/** How long a pong may take on a connection that is not slow. */
	readonly pongTimeoutMs: number;
	/** How long after a ping was sent its pong still counts as an answer. */
	readonly ttlMs: number;
}

/** A pong may take at most this part of a ping interval, because the keeper stops waiting for beat() soon after the interval. */
const pongShare = 0.8;

/**
 * Limits the ping times so that beat() finds a dead connection before the keeper stops waiting for it. A keeper calls beat() at least
 * three times in the time of a lease.
 *
 * @param wanted - the ping times of the options.
 */
export function pingSettings(wanted: Omit<PingSettings, "ttlMs">, ttlMs: number): PingSettings {
	const longestMs = Math.floor(ttlMs / 3);
	const pongTimeoutMs = Math.min(wanted.pongTimeoutMs, Math.floor(pongShare * longestMs));
	const pingMs = Math.min(Math.max(wanted.pingMs, Math.ceil(pongTimeoutMs / pongShare)), longestMs);
	return { pingMs, pongTimeoutMs, ttlMs };
}

const noPong = Symbol("no pong");

/** If a timer fires this many milliseconds late or more, this process has stalled. */
const stallMs = 200;

/** Tolerance for a late beat(): the last answered ping counts as too old only this many milliseconds after its age limit. */
const beatToleranceMs = 200;

/**
 * Proves by round trips that a connection carries data in both directions. A ping is `public/test`, one of the calls with the
 * lowest price at Deribit; a pong is its reply.
 *
 * A pong counts however late it comes, and a slow connection gets more time. A missed pong does not close the connection, because
 * the close would cancel the orders.
 */
export class Pings {
	readonly #connection: DeribitConnection;
	readonly #settings: PingSettings;
	readonly #timeout: AdaptiveTimeout;
	readonly #logger: Logger;
	readonly #onAgeChanged: () => void;
	/** Send time of the latest answered ping. */
	#answered: Instant;
	#limitMs: number;
	#missed = 0;
	#waiting: { resolve(): void; reject(error: unknown): void } | undefined;
	/** When the timer of {@link prove} is due. `#stalledAt`: when this timer last fired too late. Both are times on the monotonic clock. */
	#timerDueAt = Number.POSITIVE_INFINITY;
	#stalledAt = Number.NEGATIVE_INFINITY;
	/** If set, called with each pong. */
	onPong: (() => void) | undefined;

	/**
	 * @param timeout - how long a pong may take. The session owns it and reuses it, because after a slow connection the next one is
	 * probably slow too.
	 * @param answered - when the last answered call was sent.
	 * @param onAgeChanged - called when the latest answered ping becomes too old, and when a pong shows that the connection works
	 * again.
	 */
	constructor(
		connection: DeribitConnection,
		settings: PingSettings,
		timeout: AdaptiveTimeout,
		logger: Logger,
		answered: Instant,
		onAgeChanged: () => void,
	) {
		this.#connection = connection;
		this.#settings = settings;
		this.#timeout = timeout;
		this.#logger = logger;
		this.#answered = answered;
		this.#onAgeChanged = onAgeChanged;
		this.#limitMs = settings.pingMs + timeout.ms;
	}

	/** Send time of the latest answered ping. */
	get answered(): Instant {
		return this.#answered;
	}

	/** Milliseconds since the latest answered ping was sent. */
	get ageMs(): number {
		return longestElapsedMs(this.#answered, instantNow(Date.now));
	}

	/**
	 * The age in milliseconds at which the latest answered ping is too old, so that the session is not armed: one ping interval, one pong
	 * timeout and {@link beatToleranceMs}.
	 */
	get tooOldMs(): number {
		return this.#limitMs + beatToleranceMs;
	}

	/** How many calls of {@link prove} in a row have failed without a pong. Each pong resets this number to 0. */
	get missed(): number {
		return this.#missed;
	}

	/**
	 * Sends a ping and waits for a pong to this ping or to an earlier one. If no pong comes in time, returns nevertheless while the
	 * latest answered ping is younger than one ping interval plus one pong timeout.
	 *
	 * @throws SessionError (retry) when the latest answered ping is too old; or the client's error if the ping was refused or could not
	 * be sent.
	 */
	async prove(signal: AbortSignal): Promise<void> {
		const leftMs = this.#limitMs - this.ageMs;
		const { pongTimeoutMs } = this.#settings;
		const ms = leftMs > 0 ? Math.min(leftMs, pongTimeoutMs) : pongTimeoutMs;
		this.#timerDueAt = monotonicMs() + ms;
		try {
			await withDeadline({ ms, signal, onTimeout: () => noPong }, () => this.#ping());
		} catch (error) {
			if (error !== noPong) throw error;
			if (this.#isTimerLate) this.#stalledAt = monotonicMs();
			const { ageMs } = this;
			if (ageMs < this.#limitMs) return this.#reportWhenTooOld();
			this.#missed += 1;
			throw new SessionError(`${packageName}: no pong: the newest answered ping was sent ${Math.round(ageMs)} ms ago`, {
				disposition: { action: "retry" },
			});
		} finally {
			this.#timerDueAt = Number.POSITIVE_INFINITY;
		}
	}

	/** Reports when the latest answered ping becomes too old. Nothing else reports this if it happens before the next ping is sent. */
	#reportWhenTooOld(): void {
		const { ended } = this.#connection;
		const leftMs = this.tooOldMs - this.ageMs + timerToleranceMs;
		void sleep(leftMs, ended).then(() => {
			if (!ended.aborted && this.ageMs >= this.tooOldMs) this.#onAgeChanged();
		});
	}

	/**
	 * Whether the timer of {@link prove} is overdue, so that this process has stalled. Both the timer and a pong check this, because either
	 * may come first.
	 */
	get #isTimerLate(): boolean {
		return monotonicMs() - this.#timerDueAt > stallMs;
	}

	#ping(): Promise<void> {
		return new Promise((resolve, reject) => {
			this.#waiting = { resolve, reject };
			const sent = instantNow(Date.now);
			const call = { fromReserve: true, timeoutMs: this.#settings.ttlMs };
			logged(this.#logger, "public/test", () => this.#connection.request("public/test", undefined, call)).then(
				() => this.#onPong(sent),
				(error) => this.#onFailure(error),
			);
		});
	}

	#onPong(sent: Instant): void {
		const hasStalled = this.#isTimerLate || this.#stalledAt >= sent.monotonicMs;
		// After a stall of this process, a late pong does not mean that the connection is slow.
		if (!hasStalled) this.#timeout.record(elapsedMs(sent, instantNow(Date.now)));
		const wasTooOld = this.ageMs >= this.#limitMs;
		if (sent.monotonicMs > this.#answered.monotonicMs) this.#answered = sent;
		// The age limit is changed only here, at a pong. The pong timeout may have become shorter before, but until a pong comes, the
		// latest answered ping may be as old as the longer timeout allows.
		this.#limitMs = this.#settings.pingMs + this.#timeout.ms;
		this.#missed = 0;
		this.#waiting?.resolve();
		this.onPong?.();
		if (wasTooOld) this.#onAgeChanged();
	}

	#onFailure(error: unknown): void {
		// A single unanswered ping is ignored: only the age of the latest answered ping counts.
		if (isDeribitError(error) && error.kind === "timeout") return;
		this.#waiting?.reject(error);
	}
}
