/**
 * In milliseconds. A measurement changes the clock only if it differs from the clock by more than this, because the network and
 * the `Date` header make each measurement inaccurate. A reply that took longer than this is not measured.
 */
const stepMs = 5_000;

/**
 * The venue's clock, measured by the `Date` header of its replies. This clock is needed because the venue refuses a
 * signature or JWT with a wrong time.
 *
 * A measurement by a quick reply is accurate to about a second. This machine's clock is used until a measurement differs from it by more
 * than 5 s.
 */
export class VenueClock {
	#offsetMs = 0;
	#lastSeconds = 0;
	/** How many times a measurement has changed the offset. */
	steps = 0;

	/** The time of the venue's clock, in epoch milliseconds. */
	now(): number {
		return Date.now() + this.#offsetMs;
	}

	/** How far the venue's clock is ahead of this machine's clock, in milliseconds; negative when it is behind. */
	get offsetMs(): number {
		return this.#offsetMs;
	}

	/**
	 * The time for a signature, in epoch seconds. This time never decreases, except after a measurement has shown that the clock was wrong.
	 */
	seconds(): number {
		this.#lastSeconds = Math.max(this.#lastSeconds, Math.floor(this.now() / 1_000));
		return this.#lastSeconds;
	}

	/** Wraps a `fetch` so that the clock measures each of its replies. */
	measuredBy(inner: typeof fetch): typeof fetch {
		return async (...args) => {
			const sentAt = Date.now();
			const response = await inner(...args);
			this.#measure(response.headers.get("date"), sentAt, Date.now());
			return response;
		};
	}

	#measure(header: string | null, sentAt: number, receivedAt: number): void {
		const date = header === null ? Number.NaN : Date.parse(header);
		// Ignore a slow reply, because its measurement would be too inaccurate.
		if (!Number.isFinite(date) || receivedAt - sentAt > stepMs) return;
		// The time in the header is rounded down to whole seconds, so it is half a second too early on average.
		const offsetMs = date + 500 - (sentAt + receivedAt) / 2;
		if (Math.abs(offsetMs - this.#offsetMs) <= stepMs) return;
		this.#offsetMs = offsetMs;
		this.#lastSeconds = 0;
		this.steps += 1;
	}
}
