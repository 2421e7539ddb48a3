/** A clock with microseconds that only goes forward, made of the millisecond clock: a fake clock makes the same values each time. */
export class MicrosecondClock {
	#last = 0;

	/** Epoch microseconds. @param skewMs - how far the clock is ahead. */
	now(skewMs: number): number {
		this.#last = Math.max(this.#last + stepMicroseconds, (Date.now() + skewMs) * 1_000 + firstMicrosecond);
		return this.#last;
	}
}

/** From the arrival of a request to its reply at least, as in recordings. */
const stepMicroseconds = 29;
const firstMicrosecond = 119;
