import { elapsedMs, type Instant, instantNow, wallElapsedMs } from "@x/base/instant";

/**
 * How far in the past the timestamp of a signed call is set, in milliseconds.
 *
 * The venue accepts a timestamp that is late by up to the receive window, and refuses one that is a second early.
 */
export const bybitTimestampMarginMs = 300;

/** The difference between this machine's clock and the venue's. */
export interface BybitClockSkew {
	/** How far this machine's clock is ahead, in milliseconds; negative when behind. */
	readonly aheadMs: number;
	/** How wrong that may be: half of the round trip of the measurement. */
	readonly plusMinusMs: number;
}

interface Sample {
	offsetMs: number;
	roundTripMs: number;
}

/** The estimate is the best of this many samples: enough to bridge a slow call, few enough to follow drift. */
const samplesKept = 8;
/** This machine's clocks disagree by more only when the wall clock was set, or the machine was suspended. */
const longestDisagreementMs = 1_000;
/** At most this much of a round trip is subtracted from a timestamp: more would use up the receive window. */
const longestErrorMs = 1_000;

/**
 * Estimates the venue's clock from the `time` of its replies. The estimate ends when this machine's wall clock was set or the
 * machine was suspended: nothing on this machine tells the two apart, and only after a suspension it would still be right.
 *
 * @internal
 */
export class ServerClock {
	readonly #now: () => number;
	#samples: Sample[] = [];
	/** When the newest was recorded. */
	#sampledAt: Instant | undefined;

	/** @param now - this machine's clock. */
	constructor(now: () => number) {
		this.#now = now;
	}

	/** This machine's clock, in epoch milliseconds. */
	localNow(): number {
		return this.#now();
	}

	/** The same, to be asked when a call is sent whose reply is a sample. */
	sentNow(): number {
		this.#forgetIfClockJumped();
		return this.#now();
	}

	/** The estimate of the venue's clock, in epoch milliseconds; this machine's clock while there is no sample. */
	serverNow(): number {
		return this.#now() + (this.#best()?.offsetMs ?? 0);
	}

	/** The timestamp of a call that is sent now, earlier by the margin and the possible error of the estimate. */
	timestamp(): number {
		const errorMs = Math.min((this.#best()?.roundTripMs ?? 0) / 2, longestErrorMs);
		return Math.floor(this.serverNow() - errorMs - bybitTimestampMarginMs);
	}

	/** Undefined while there is no sample. */
	get skew(): BybitClockSkew | undefined {
		const best = this.#best();
		return best && { aheadMs: Math.round(-best.offsetMs) + 0, plusMinusMs: Math.ceil(best.roundTripMs / 2) };
	}

	/** Records the venue's `time` of a reply. `sentAt` and `receivedAt` are by this machine's clock. */
	sample(serverTime: number, sentAt: number, receivedAt: number): void {
		const roundTripMs = receivedAt - sentAt;
		// This machine's clock was set back during the call.
		if (roundTripMs < 0) return;
		// During the call, as `sentNow` has looked before it: then the middle of the round trip means nothing.
		if (this.#forgetIfClockJumped()) return;
		this.#sampledAt = instantNow(this.#now);
		const newest = { offsetMs: serverTime - (sentAt + receivedAt) / 2, roundTripMs };
		// A sample is wrong by half its round trip at most. If it differs by more, a clock was set since.
		const agreeing = this.#samples.filter(
			(one) => Math.abs(one.offsetMs - newest.offsetMs) <= (one.roundTripMs + roundTripMs) / 2,
		);
		this.#samples = [...agreeing, newest].slice(-samplesKept);
	}

	/**
	 * Forgets the estimate after a refused timestamp, unless a slow call explains why it was late.
	 *
	 * @param skewMs - how far the timestamp was ahead of the venue's clock, if the venue said it.
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

	/** Returns whether it has. */
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
