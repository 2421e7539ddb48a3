/**
 * A clock in microseconds that only goes forward. The clock is derived from the millisecond clock, so that tests with a fake clock always
 * get the same values.
 */
export class MicrosecondClock {
	#last = 0;

	/**
	 * The time in epoch microseconds.
	 *
	 * @param skewMs - how far the venue's clock is ahead of this machine's.
	 */
	now(skewMs: number): number {
		this.#last = Math.max(this.#last + stepMicroseconds, (Date.now() + skewMs) * 1_000 + firstMicrosecond);
		return this.#last;
	}
}

/**
 * The clock advances by at least this many microseconds between two readings, such as the arrival of a request and its reply. The value is
 * taken from a recording.
 */
const stepMicroseconds = 29;
const firstMicrosecond = 119;
