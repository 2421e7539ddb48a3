import { monotonicMs, sleep, timerToleranceMs } from "@x/base/clock";
import { type Instant, instantNow, suspendedMs } from "@x/base/instant";
import { TokenBucket } from "@x/base/rate-limiter";
import type { ResolvedKeeperOptions } from "../options.ts";
import type { Status } from "../status/status.ts";
import { maxSleepMs } from "./stall-detector.ts";

/** How often `retry()` may make an attempt to open a session: too many attempts could get the account blocked. */
const requestedRetries = { burst: 3, everyMs: 20_000 } as const;

type PauseStatus = Extract<Status, { state: "waiting" | "blocked" }>;

/**
 * A pause before the next attempt to open a session. If the program becomes unhealthy during the pause, the rest of the pause
 * still applies afterwards.
 */
export interface Pause {
	/** The time at which the pause ends, on the monotonic clock. */
	readonly until: number;
	/** True when the pause comes from a limit of the keeper itself. A call of `retry()` then does not end the pause early. */
	readonly isOwnLimit: boolean;
	/**
	 * True when the attempt at the end of the pause was asked for by `retry()`. That attempt then counts against the limit on
	 * `retry()`.
	 */
	readonly endsInRequestedRetry?: boolean;
	/**
	 * Makes the status that is published during the pause.
	 *
	 * @param until - when the pause ends, in epoch milliseconds; changes when the machine is suspended.
	 */
	readonly status: (until: number) => PauseStatus;
}

/** The pause before the next attempt to open a session. A call of `retry()` can make it shorter. */
export class AttemptPause {
	readonly #options: Pick<ResolvedKeeperOptions, "now" | "stallMs">;
	readonly #publish: (status: PauseStatus) => void;
	readonly #requestedRetries = new TokenBucket(requestedRetries);
	/** Ends the current sleep when the pause has become shorter. */
	#shortened = new AbortController();
	#pause: Pause | undefined;

	constructor(options: Pick<ResolvedKeeperOptions, "now" | "stallMs">, publish: (status: PauseStatus) => void) {
		this.#options = options;
		this.#publish = publish;
	}

	get isSet(): boolean {
		return this.#pause !== undefined;
	}

	set(pause: Pause): void {
		this.#pause = pause;
	}

	/**
	 * Removes a pause that ended while the program was unhealthy. Such a pause must not be published, because its end lies in the
	 * past.
	 */
	clearIfOver(): void {
		if (this.#pause && this.#pause.until - monotonicMs() < timerToleranceMs) this.#pause = undefined;
	}

	/**
	 * Ends the pause as soon as all limits allow an attempt.
	 *
	 * @param restartsMs - milliseconds until the option `restarts` allows an attempt.
	 * @param venueMs - milliseconds until the venue allows an attempt.
	 * @returns milliseconds until the attempt.
	 */
	shorten(restartsMs: number, venueMs: number): number {
		const pause = this.#pause;
		if (!pause) return 0;
		const now = monotonicMs();
		const allowedMs = pause.isOwnLimit ? pause.until - now : this.#requestedRetries.tryAcquire();
		const until = now + Math.max(allowedMs, restartsMs, venueMs);
		// The pause changes, and its status is published, only if the pause now ends earlier. Otherwise a listener that calls
		// `retry()` at every status would be called forever.
		if (pause.until - until < timerToleranceMs) return Math.max(0, pause.until - now, restartsMs);
		this.#pause = { ...pause, until, endsInRequestedRetry: allowedMs > 0 && !pause.isOwnLimit };
		const shortened = this.#shortened;
		this.#shortened = new AbortController();
		shortened.abort();
		return Math.max(0, until - now);
	}

	/** Publishes the status of the pause and waits until the pause ends. */
	async wait(keepAlive: AbortSignal): Promise<void> {
		const { now, stallMs } = this.#options;
		let startedAt: Instant | undefined;
		let published: Pause | undefined;
		for (;;) {
			// The signal is read before the status is published, because a listener may call `retry()` when it receives the
			// status.
			const { signal: shortened } = this.#shortened;
			const pause = this.#pause;
			const leftMs = pause ? pause.until - monotonicMs() : 0;
			if (!pause || (published && leftMs < timerToleranceMs)) break;
			// The status is published again after the machine was suspended, because the suspension moves the end of the pause on
			// the wall clock.
			if (pause !== published || !startedAt || suspendedMs(startedAt, instantNow(now)) > stallMs) {
				this.#publish(pause.status(Math.round(now() + leftMs)));
			}
			published = pause;
			startedAt = instantNow(now);
			await sleep(Math.min(maxSleepMs, leftMs), keepAlive, shortened);
			if (keepAlive.aborted) return;
		}
		if (this.#pause?.endsInRequestedRetry) this.#requestedRetries.tryAcquire();
		this.#pause = undefined;
	}
}
