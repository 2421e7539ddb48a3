import { elapsedMs, type Instant, instantNow, wallElapsedMs } from "@x/base/instant";

/**
 * How far in the past the timestamp of a signed call is set, in milliseconds.
 *
 * By the venue's clock, a timestamp may lie in the past by up to the receive window. The venue refuses a timestamp that lies
 * a second in the future.
 */
export const bybitTimestampMarginMs = 300;

/** The difference between this machine's clock and the venue's clock. */
export interface BybitClockSkew {
	/** How far this machine's clock is ahead of the venue's clock, in milliseconds; negative when it is behind. */
	readonly aheadMs: number;
	/** How wrong `aheadMs` may be: half of the round trip of the measurement. */
	readonly plusMinusMs: number;
}

interface Sample {
	offsetMs: number;
	roundTripMs: number;
}

/**
 * How many samples (measurements of the venue's clock) are kept. The estimate comes from the sample with the shortest round
 * trip. Eight samples are enough to include a fast call, and few enough to follow clock drift.
 */
const samplesKept = 8;
/**
 * If this machine's wall clock and monotonic clock disagree by more than this many milliseconds, the wall clock was set
 * or the machine was suspended.
 */
const longestDisagreementMs = 1_000;
/**
 * A timestamp is set back by the possible error of the estimate, but by at most this many milliseconds: more would use
 * up the receive window.
 */
const longestErrorMs = 1_000;

/**
 * Estimates the venue's clock from the `time` of its replies. The estimate is discarded when this machine's wall clock
 * was set or the machine was suspended: this machine cannot distinguish the two cases. After a suspension the estimate
 * would still be right, but after the clock was set it would be wrong.
 *
 * @internal
 */
export class ServerClock {
	readonly #now: () => number;
	#samples: Sample[] = [];
	/** When the newest sample (measurement of the venue's clock) was recorded. */
	#sampledAt: Instant | undefined;

	/** @param now - returns the time of this machine's clock, in epoch milliseconds. */
	constructor(now: () => number) {
		this.#now = now;
	}

	/** This machine's clock, in epoch milliseconds. */
	localNow(): number {
		return this.#now();
	}

	/**
	 * The time of this machine's clock, in epoch milliseconds. Must be called when a request is sent whose reply is later
	 * passed to {@link sample}.
	 */
	sentNow(): number {
		this.#forgetIfClockJumped();
		return this.#now();
	}

	/**
	 * The estimated time of the venue's clock, in epoch milliseconds; the time of this machine's clock while there is no
	 * estimate.
	 */
	serverNow(): number {
		return this.#now() + (this.#best()?.offsetMs ?? 0);
	}

	/**
	 * The timestamp for a call that is sent now: the estimated time of the venue's clock, set back by
	 * {@link bybitTimestampMarginMs} and by the possible error of the estimate.
	 */
	timestamp(): number {
		const errorMs = Math.min((this.#best()?.roundTripMs ?? 0) / 2, longestErrorMs);
		return Math.floor(this.serverNow() - errorMs - bybitTimestampMarginMs);
	}

	/** The difference between this machine's clock and the venue's clock; undefined while there is no estimate. */
	get skew(): BybitClockSkew | undefined {
		const best = this.#best();
		return best && { aheadMs: Math.round(-best.offsetMs) + 0, plusMinusMs: Math.ceil(best.roundTripMs / 2) };
	}

	/** Records the member `time` of a reply. `sentAt` and `receivedAt` are times of this machine's clock. */
	sample(serverTime: number, sentAt: number, receivedAt: number): void {
		const roundTripMs = receivedAt - sentAt;
		// If the round trip is negative, this machine's clock was set back during the call.
		if (roundTripMs < 0) return;
		// A clock jump that is noticed here happened during the call, because `sentNow` checked for a jump before the call.
		// `sentAt` and `receivedAt` then cannot be compared, and the sample is useless.
		if (this.#forgetIfClockJumped()) return;
		this.#sampledAt = instantNow(this.#now);
		const newest = { offsetMs: serverTime - (sentAt + receivedAt) / 2, roundTripMs };
		// A sample is wrong by at most half of its round trip. If an older sample differs from the newest one by more than the sum
		// of both errors, a clock was set between the two, and the older sample is dropped.
		const agreeing = this.#samples.filter(
			(one) => Math.abs(one.offsetMs - newest.offsetMs) <= (one.roundTripMs + roundTripMs) / 2,
		);
		this.#samples = [...agreeing, newest].slice(-samplesKept);
	}

	/**
	 * Must be called when the venue refused a timestamp. Discards the estimate. Exception: keeps the estimate if the timestamp
	 * was late, and the duration of the call plus the margins of {@link timestamp} explain why.
	 *
	 * @param skewMs - how far the timestamp was ahead of the venue's clock, if the refusal says so.
	 */
	refused(skewMs: number | undefined, sentAt: number, receivedAt: number): void {
		const lateMs = bybitTimestampMarginMs + longestErrorMs + receivedAt - sentAt;
		if (skewMs === undefined || skewMs >= 0 || -skewMs > lateMs) this.forget();
	}

	/** Discards the estimate of the venue's clock. */
	forget(): void {
		this.#samples = [];
		this.#sampledAt = undefined;
	}

	/** Discards the estimate if this machine's clock has jumped. Returns whether the clock has jumped. */
	#forgetIfClockJumped(): boolean {
		if (!this.#sampledAt) return false;
		const now = instantNow(this.#now);
		const disagreementMs = wallElapsedMs(this.#sampledAt, now) - elapsedMs(this.#sampledAt, now);
		const hasJumped = Math.abs(disagreementMs) > longestDisagreementMs;
		if (hasJumped) this.forget();
		return hasJumped;
	}

	#best(): Sample | undefined {
		this.#forgetIfClockJumped();
		let best: Sample | undefined;
		for (const sample of this.#samples) if (!best || sample.roundTripMs <= best.roundTripMs) best = sample;
		return best;
	}
}
