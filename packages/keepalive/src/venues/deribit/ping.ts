import type { AdaptiveTimeout } from "@x/base/adaptive-timeout";
import { monotonicMs, sleep, timerToleranceMs, withDeadline } from "@x/base/clock";
import { elapsedMs, type Instant, instantNow, longestElapsedMs } from "@x/base/instant";
import { type DeribitConnection, isDeribitError } from "@x/deribit-session";
import type { Logger } from "../../logger.ts";
import { SessionError } from "../../session-error.ts";
import { logged } from "./logged-call.ts";
import { packageName } from "./options.ts";

/** The times of pings, in milliseconds. */
export interface PingSettings {
	/** Time from one ping to the next. */
	readonly pingMs: number;
	/** How long a pong may take on a connection that is not slow. */
	readonly pongTimeoutMs: number;
	/** How long after its ping a late pong counts as an answer. */
	readonly ttlMs: number;
}

/** A pong may take at most this part of a ping interval, because the keeper ends a beat a little later. */
const pongShare = 0.8;

/**
 * Limits the ping times so that a dead connection is found before the keeper ends the beat. A keeper makes at least three beats
 * in the time of a lease.
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

/** If a timer fires this many milliseconds late or later, this process has stalled. */
const stallMs = 200;

/** How many milliseconds a beat may be late before the newest answered ping counts as too old. */
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
	/** When the newest answered ping was sent. */
	#answered: Instant;
	#limitMs: number;
	#missed = 0;
	#waiting: { resolve(): void; reject(error: unknown): void } | undefined;
	/**
	 * When the timer of {@link prove} is due; the field below is when that timer last fired too late. Both times are on the monotonic clock.
	 */
	#timerDueAt = Number.POSITIVE_INFINITY;
	#stalledAt = Number.NEGATIVE_INFINITY;
	/** Called with each pong. */
	onPong: (() => void) | undefined;

	/**
	 * @param timeout - how long a pong may take; kept by the session, because the connection after a slow one is probably slow too.
	 * @param answered - when the last answered call was sent.
	 * @param onAgeChanged - called when the newest answered ping has become too old, or is young enough again.
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

	/** When the newest answered ping was sent. */
	get answered(): Instant {
		return this.#answered;
	}

	/** Milliseconds since the newest answered ping was sent. */
	get ageMs(): number {
		return longestElapsedMs(this.#answered, instantNow(Date.now));
	}

	/**
	 * The age in milliseconds from which on the newest answered ping is too old and the session is not armed: one interval, one
	 * timeout and {@link beatToleranceMs}.
	 */
	get tooOldMs(): number {
		return this.#limitMs + beatToleranceMs;
	}

	/** How many calls of {@link prove} in a row have failed without a pong. Each pong sets this number to 0. */
	get missed(): number {
		return this.#missed;
	}

	/**
	 * Sends a ping and waits for a pong, of this ping or of an earlier one. Without a pong it returns too, if the newest answered
	 * ping is recent enough for a connection as slow as this one.
	 *
	 * @throws SessionError (retry) when the newest answered ping is too old; or the client's error if the ping was refused or could not
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

	/** Reports when the newest answered ping becomes too old. This may happen before the next ping, and nothing else would report it then. */
	#reportWhenTooOld(): void {
		const { ended } = this.#connection;
		const leftMs = this.tooOldMs - this.ageMs + timerToleranceMs;
		void sleep(leftMs, ended).then(() => {
			if (!ended.aborted && this.ageMs >= this.tooOldMs) this.#onAgeChanged();
		});
	}

	/**
	 * Whether this process has stalled: the timer of {@link prove} is overdue. Both the timer and a pong check this, because either
	 * may run first.
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
		// The limit may become shorter here too. This happens only after a pong, because the ping before may have been a slow one.
		this.#limitMs = this.#settings.pingMs + this.#timeout.ms;
		this.#missed = 0;
		this.#waiting?.resolve();
		this.onPong?.();
		if (wasTooOld) this.#onAgeChanged();
	}

	#onFailure(error: unknown): void {
		// A single unanswered ping is ignored: what counts is the age of the newest answered ping.
		if (isDeribitError(error) && error.kind === "timeout") return;
		this.#waiting?.reject(error);
	}
}
