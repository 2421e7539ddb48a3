import { elapsedMs, type Instant, instantNow, wallElapsedMs } from "@x/base/instant";

/**
 * How far in the past the timestamp of a signed call is set, in milliseconds.
 *
 * The venue accepts a timestamp that is late by up to the receive window, but refuses a timestamp that is a second early.
 */
export const bybitTimestampMarginMs = 300;

/** The difference between this machine's clock and the venue's. */
export interface BybitClockSkew {
	/** How far this machine's clock is ahead, in milliseconds; negative when behind. */
	readonly aheadMs: number;
	/** How wrong `aheadMs` may be: half of the round trip of the measurement. */
	readonly plusMinusMs: number;
}

interface Sample {
	offsetMs: number;
	roundTripMs: number;
}

/** The estimate is the best of this many samples: enough to have a fast call among them, few enough to follow drift. */
const samplesKept = 8;
/** If this machine's wall clock and monotonic clock disagree by more, the wall clock was set or the machine was suspended. */
const longestDisagreementMs = 1_000;
/** A timestamp is set back by at most this many milliseconds for the error of the estimate: more would use up the receive window. */
const longestErrorMs = 1_000;

/**
 * Estimates the venue's clock from the `time` of its replies. The estimate is discarded when this machine's wall clock was set or the
 * machine was suspended: nothing on this machine tells these cases apart, and only after a suspension the estimate would be right.
 *
 * @internal
 */
export class ServerClock {
	readonly #now: () => number;
	#samples: Sample[] = [];
	/** When the newest sample was recorded. */
	#sampledAt: Instant | undefined;

	/** @param now - this machine's clock. */
	constructor(now: () => number) {
		this.#now = now;
	}

	/** This machine's clock, in epoch milliseconds. */
	localNow(): number {
		return this.#now();
	}

	/** This machine's clock, in epoch milliseconds; to be called when a call is sent whose reply becomes a sample. */
	sentNow(): number {
		this.#forgetIfClockJumped();
		return this.#now();
	}

	/** The estimate of the venue's clock, in epoch milliseconds; this machine's clock while there is no sample. */
	serverNow(): number {
		return this.#now() + (this.#best()?.offsetMs ?? 0);
	}

	/** The timestamp for a call that is sent now. It is earlier than the estimate by the margin and by the possible error. */
	timestamp(): number {
		const errorMs = Math.min((this.#best()?.roundTripMs ?? 0) / 2, longestErrorMs);
		return Math.floor(this.serverNow() - errorMs - bybitTimestampMarginMs);
	}

	/** The difference of the clocks; undefined while there is no sample. */
	get skew(): BybitClockSkew | undefined {
		const best = this.#best();
		return best && { aheadMs: Math.round(-best.offsetMs) + 0, plusMinusMs: Math.ceil(best.roundTripMs / 2) };
	}

	/** Records the venue's `time` of a reply. `sentAt` and `receivedAt` are by this machine's clock. */
	sample(serverTime: number, sentAt: number, receivedAt: number): void {
		const roundTripMs = receivedAt - sentAt;
		// This machine's clock was set back during the call.
		if (roundTripMs < 0) return;
		// The clock jumped during the call, because `sentNow` checked before the call: the middle of the round trip means nothing.
		if (this.#forgetIfClockJumped()) return;
		this.#sampledAt = instantNow(this.#now);
		const newest = { offsetMs: serverTime - (sentAt + receivedAt) / 2, roundTripMs };
		// A sample is wrong by at most half its round trip. If two samples differ by more, a clock was set in between.
		const agreeing = this.#samples.filter(
			(one) => Math.abs(one.offsetMs - newest.offsetMs) <= (one.roundTripMs + roundTripMs) / 2,
		);
		this.#samples = [...agreeing, newest].slice(-samplesKept);
	}

	/**
	 * Forgets the estimate after a refused timestamp, unless a slow call explains why it was late.
	 *
	 * @param skewMs - how far the timestamp was ahead of the venue's clock, if the refusal says so.
	 */
	refused(skewMs: number | undefined, sentAt: number, receivedAt: number): void {
		const lateMs = bybitTimestampMarginMs + longestErrorMs + receivedAt - sentAt;
		if (skewMs === undefined || skewMs >= 0 || -skewMs > lateMs) this.forget();
	}

	/** Forgets every sample. */
	forget(): void {
		this.#samples = [];
		this.#sampledAt = undefined;
	}

	/** Discards the estimate if this machine's clock jumped; returns whether it did. */
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
