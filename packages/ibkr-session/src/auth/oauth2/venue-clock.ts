/** More than the inaccuracy of the network and of the `Date` header. */
const stepMs = 5_000;

/**
 * The venue's clock, measured by the `Date` header of its replies: the venue refuses a signature or JWT with a wrong time.
 *
 * Accurate to about a second. Before the first reply it is this machine's clock.
 */
export class VenueClock {
	#offsetMs = 0;
	#lastSeconds = 0;
	/** How often the offset changed by more than the inaccuracy. */
	steps = 0;

	/** Epoch milliseconds. */
	now(): number {
		return Date.now() + this.#offsetMs;
	}

	/** How far the venue's clock is ahead of this machine's. */
	get offsetMs(): number {
		return this.#offsetMs;
	}

	/** Epoch seconds for a signature. They never go back, unless the clock proved to be wrong. */
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
		// A slow reply is too inaccurate.
		if (!Number.isFinite(date) || receivedAt - sentAt > stepMs) return;
		// The header is cut to whole seconds: half a second on average is missing.
		const offsetMs = date + 500 - (sentAt + receivedAt) / 2;
		if (Math.abs(offsetMs - this.#offsetMs) <= stepMs) return;
		this.#offsetMs = offsetMs;
		this.#lastSeconds = 0;
		this.steps += 1;
	}
}
