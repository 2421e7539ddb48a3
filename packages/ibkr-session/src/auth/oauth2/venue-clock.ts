/** A step of the measured offset that is more than the network's and the header's inaccuracy. */
const stepMs = 5_000;

/**
 * The venue's clock, as the `Date` of its replies shows it: a signature or JWT with a wrong time is refused.
 *
 * Accurate to about a second. Before the first reply it is this machine's clock.
 */
export class VenueClock {
	#offsetMs = 0;
	#lastSeconds = 0;
	/** How often the offset changed by more than inaccuracy explains. */
	steps = 0;

	/** Epoch milliseconds. */
	now(): number {
		return Date.now() + this.#offsetMs;
	}

	/** Milliseconds by which the venue's clock is ahead of this machine's. */
	get offsetMs(): number {
		return this.#offsetMs;
	}

	/** Seconds for a signature. They never go back, except when the clock itself was found to be wrong. */
	seconds(): number {
		this.#lastSeconds = Math.max(this.#lastSeconds, Math.floor(this.now() / 1_000));
		return this.#lastSeconds;
	}

	/** The same `fetch`, which reads the `Date` of each reply on the way. */
	watching(inner: typeof fetch): typeof fetch {
		return async (...args) => {
			const sentAt = Date.now();
			const response = await inner(...args);
			this.#take(response.headers.get("date"), sentAt, Date.now());
			return response;
		};
	}

	#take(header: string | null, sentAt: number, gotAt: number): void {
		const date = header === null ? Number.NaN : Date.parse(header);
		// The header has whole seconds, so on the average half of one is cut off. A slow reply measures nothing.
		if (!Number.isFinite(date) || gotAt - sentAt > stepMs) return;
		const offsetMs = date + 500 - (sentAt + gotAt) / 2;
		if (Math.abs(offsetMs - this.#offsetMs) <= stepMs) return;
		this.#offsetMs = offsetMs;
		this.#lastSeconds = 0;
		this.steps += 1;
	}
}
