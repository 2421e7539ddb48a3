/** Smaller differences are ignored: the network and the `Date` header are inaccurate by less than this. */
const stepMs = 5_000;

/**
 * The venue's clock, measured by the `Date` header of its replies: the venue refuses a signature or JWT with a wrong time.
 *
 * Accurate to about a second. Before the first reply, this machine's clock is used.
 */
export class VenueClock {
	#offsetMs = 0;
	#lastSeconds = 0;
	/** How often the offset changed by more than the inaccuracy. */
	steps = 0;

	/** The time of the venue's clock, in epoch milliseconds. */
	now(): number {
		return Date.now() + this.#offsetMs;
	}

	/** How far the venue's clock is ahead of this machine's clock, in milliseconds. */
	get offsetMs(): number {
		return this.#offsetMs;
	}

	/** Epoch seconds for a signature. They never decrease, unless a measurement showed that the clock was wrong. */
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
		// A measurement with a slow reply would be too inaccurate.
		if (!Number.isFinite(date) || receivedAt - sentAt > stepMs) return;
		// The header is cut to whole seconds, so on average half a second is missing.
		const offsetMs = date + 500 - (sentAt + receivedAt) / 2;
		if (Math.abs(offsetMs - this.#offsetMs) <= stepMs) return;
		this.#offsetMs = offsetMs;
		this.#lastSeconds = 0;
		this.steps += 1;
	}
}
