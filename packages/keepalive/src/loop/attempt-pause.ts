import { monotonicMs, sleep, timerToleranceMs } from "@x/base/clock";
import { type Instant, instantNow, suspendedMs } from "@x/base/instant";
import { TokenBucket } from "@x/base/rate-limiter";
import type { ResolvedKeeperOptions } from "../options.ts";
import type { Status } from "../status/status.ts";
import { maxSleepMs } from "./stall-detector.ts";

/** The rate limit of retries on request: too many attempts could get the account blocked. */
const requestedRetries = { burst: 3, everyMs: 20_000 } as const;

type PauseStatus = Extract<Status, { state: "waiting" | "blocked" }>;

/** A pause before the next attempt to open a session. It still holds after the program was unhealthy. */
export interface Pause {
	/** When the pause ends, on the monotonic clock. */
	readonly until: number;
	/** Whether the pause comes from a limit of the keeper itself: a retry on request then does not end it early. */
	readonly isOwnLimit: boolean;
	/** Whether the attempt at the end of the pause is a retry on request, which then counts against the limit of retries. */
	readonly endsInRequestedRetry?: boolean;
	/** @param until - when the pause ends, in epoch milliseconds; changes when the machine is suspended. */
	readonly status: (until: number) => PauseStatus;
}

/** The pause before the next attempt to open a session, which a retry on request may shorten. */
export class AttemptPause {
	readonly #options: Pick<ResolvedKeeperOptions, "now" | "stallMs">;
	readonly #publish: (status: PauseStatus) => void;
	readonly #requestedRetries = new TokenBucket(requestedRetries);
	/** Ends the wait when the pause becomes shorter. */
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

	/** A pause that ended while the program was unhealthy must not be published with a time in the past. */
	clearIfOver(): void {
		if (this.#pause && this.#pause.until - monotonicMs() < timerToleranceMs) this.#pause = undefined;
	}

	/**
	 * Ends the pause as soon as the limits allow it.
	 *
	 * @param restartsMs - milliseconds until the limit of restarts allows an attempt.
	 * @param venueMs - milliseconds until the venue allows an attempt.
	 * @returns milliseconds until the attempt.
	 */
	shorten(restartsMs: number, venueMs: number): number {
		const pause = this.#pause;
		if (!pause) return 0;
		const now = monotonicMs();
		const allowedMs = pause.isOwnLimit ? pause.until - now : this.#requestedRetries.tryAcquire();
		const until = now + Math.max(allowedMs, restartsMs, venueMs);
		// Only an earlier end changes anything: with a status for each call, a listener that calls `retry()` would run forever.
		if (pause.until - until < timerToleranceMs) return Math.max(0, pause.until - now, restartsMs);
		this.#pause = { ...pause, until, endsInRequestedRetry: allowedMs > 0 && !pause.isOwnLimit };
		const shortened = this.#shortened;
		this.#shortened = new AbortController();
		shortened.abort();
		return Math.max(0, until - now);
	}

	/** Publishes the pause and waits for its end. */
	async wait(keepAlive: AbortSignal): Promise<void> {
		const { now, stallMs } = this.#options;
		let startedAt: Instant | undefined;
		let published: Pause | undefined;
		for (;;) {
			// The signal is taken before the status is published, because a listener may ask for a retry.
			const { signal: shortened } = this.#shortened;
			const pause = this.#pause;
			const leftMs = pause ? pause.until - monotonicMs() : 0;
			if (!pause || (published && leftMs < timerToleranceMs)) break;
			// The status is published again after the machine was suspended, which moves the end of the pause on the wall clock.
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
