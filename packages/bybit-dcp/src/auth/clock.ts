/**
 * How far in the past a signed call's timestamp is set, in milliseconds.
 *
 * The venue's rule is lopsided: late by the receive window is accepted, early by a second is refused whatever the
 * window. So a little late is cheap and a little early may be fatal.
 */
export const bybitTimestampMarginMs = 300;

/** What is known of the difference between this clock and the venue's. */
export interface BybitClockSkew {
	/** How far this clock is ahead of the venue's, in milliseconds; negative when behind. */
	readonly aheadMs: number;
	/** How wrong that may be: half of the round trip it was measured over. */
	readonly plusMinusMs: number;
}

interface Sample {
	offsetMs: number;
	roundTripMs: number;
}

/** How many of the last samples the best one is chosen from: enough to ride out a slow call, few enough to follow drift. */
const kept = 8;
/** More of a round trip than this is not taken off a timestamp: it would use up the receive window. */
const longestDoubtMs = 1_000;

/** Estimates the venue's clock from the `time` of its replies. */
export class ServerClock {
	readonly #now: () => number;
	#samples: Sample[] = [];

	constructor(now: () => number) {
		this.#now = now;
	}

	/** This clock, in epoch milliseconds. */
	localNow(): number {
		return this.#now();
	}

	/** The best estimate of the venue's clock, in epoch milliseconds; this clock while there is no sample. */
	serverNow(): number {
		return this.#now() + (this.#best()?.offsetMs ?? 0);
	}

	/** The timestamp for a call that is sent now: as late as the doubt in the estimate and the margin ask for. */
	timestamp(): number {
		const doubtMs = Math.min((this.#best()?.roundTripMs ?? 0) / 2, longestDoubtMs);
		return Math.floor(this.serverNow() - doubtMs - bybitTimestampMarginMs);
	}

	skew(): BybitClockSkew | undefined {
		const best = this.#best();
		return best && { aheadMs: Math.round(-best.offsetMs) + 0, plusMinusMs: Math.ceil(best.roundTripMs / 2) };
	}

	/** Takes the venue's `time` of a reply that was asked for at `sentAt` and had arrived at `receivedAt`, on this clock. */
	sample(serverTime: number, sentAt: number, receivedAt: number): void {
		const roundTripMs = receivedAt - sentAt;
		// This clock was set back during the call: the two instants are not comparable.
		if (roundTripMs < 0) return;
		const newest = { offsetMs: serverTime - (sentAt + receivedAt) / 2, roundTripMs };
		// Each holds the truth somewhere in its round trip. One that cannot agree with the newest is from before a clock was set.
		const agreeing = this.#samples.filter(
			(one) => Math.abs(one.offsetMs - newest.offsetMs) <= (one.roundTripMs + roundTripMs) / 2,
		);
		this.#samples = [...agreeing, newest].slice(-kept);
	}

	/**
	 * A timestamp was refused, `skewMs` ahead of the venue's clock. The estimate is wrong then and forgotten, unless the
	 * call alone explains it: a slow one arrives late with a right timestamp, and its own sample would be far off.
	 */
	refused(skewMs: number | undefined, sentAt: number, receivedAt: number): void {
		const lateMs = bybitTimestampMarginMs + longestDoubtMs + receivedAt - sentAt;
		if (skewMs === undefined || skewMs >= 0 || -skewMs > lateMs) this.forget();
	}

	/** Forgets every sample. */
	forget(): void {
		this.#samples = [];
	}

	#best(): Sample | undefined {
		let best: Sample | undefined;
		for (const sample of this.#samples) if (!best || sample.roundTripMs <= best.roundTripMs) best = sample;
		return best;
	}
}
