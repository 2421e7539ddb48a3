import { monotonicMs, sleep, timerToleranceMs } from "@x/base/clock";
import { type Instant, instantNow, suspendedMs } from "@x/base/instant";
import { TokenBucket } from "@x/base/rate-limiter";
import type { ResolvedKeeperOptions } from "../options.ts";
import type { Status } from "../status/status.ts";
import { maxSleepMs } from "./stall-detector.ts";

/** The rate limit of retries on request: too many could get the account blocked. */
const requestedRetries = { burst: 3, everyMs: 20_000 } as const;

type PauseStatus = Extract<Status, { state: "waiting" | "blocked" }>;

/** Until when a session is not opened. It still holds after the program was unhealthy. */
export interface Pause {
	/** On the monotonic clock. */
	readonly until: number;
	/** Whether a retry on request may end it early. */
	readonly isOwnLimit: boolean;
	/** Whether its end is a retry on request, which then counts. */
	readonly endsInRequestedRetry?: boolean;
	/** @param until - in epoch milliseconds; moves when the machine is suspended. */
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
	 * @param restartsMs - until the limit of restarts allows an attempt.
	 * @param venueMs - until the venue allows one.
	 * @returns milliseconds until the attempt.
	 */
	shorten(restartsMs: number, venueMs: number): number {
		const pause = this.#pause;
		if (!pause) return 0;
		const now = monotonicMs();
		const allowedMs = pause.isOwnLimit ? pause.until - now : this.#requestedRetries.tryAcquire();
		const until = now + Math.max(allowedMs, restartsMs, venueMs);
		// Only an earlier end changes anything: a status for each call would let a listener that retries run for ever.
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
			// Taken before the status is published: a listener may ask for a retry.
			const { signal: shortened } = this.#shortened;
			const pause = this.#pause;
			const leftMs = pause ? pause.until - monotonicMs() : 0;
			if (!pause || (published && leftMs < timerToleranceMs)) break;
			// Published again after the machine was suspended, which moves the end on the wall clock.
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
