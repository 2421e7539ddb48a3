import type { World } from "../world/world.ts";

/** Checks that a session reads its orders after the venue has cancelled orders of this process (a "trigger"). */
export class ReadAfterTrigger {
	readonly #world: World;
	readonly #windowMs: number;
	/** Whether this process was ever protected. If not, a cancel by the venue concerns the orders of an earlier process. */
	#wasArmed = false;
	#isTriggered = false;
	#triggeredAt: number | undefined;
	/** When a call that lists orders was last sent. */
	#readAt = Number.NEGATIVE_INFINITY;

	/** @param windowMs - how many milliseconds the venue counts down before it cancels. */
	constructor(world: World, windowMs: number) {
		this.#world = world;
		this.#windowMs = windowMs;
	}

	processStarted(): void {
		this.#wasArmed = false;
		this.#triggeredAt = undefined;
	}

	/** To be called when the session is closed on purpose: the result of the close says what becomes of the orders. */
	left(): void {
		this.#wasArmed = false;
	}

	/** To be called when the venue would protect the orders. @param isAlive - whether the session has a live connection. */
	armed(isAlive: boolean): void {
		this.#wasArmed ||= isAlive;
		this.#isTriggered = false;
	}

	/**
	 * To be called when the venue has cancelled the orders, because no connection stopped its countdown in time.
	 *
	 * @param isKnowable - whether the session can know when the countdown began.
	 */
	triggered(isKnowable = true): void {
		if (isKnowable && this.#wasArmed && !this.#isTriggered) this.#triggeredAt = this.#world.now;
		this.#isTriggered = true;
	}

	/** Wraps a fetch, and records when orders are read. */
	watching(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
		return (input, init) => {
			if (String(input).includes("/v5/order/realtime")) this.#readAt = this.#world.now;
			return fetch(input, init);
		};
	}

	/**
	 * After the venue has cancelled orders, the reason why no order may be sent yet: they have to be read first. Undefined if the venue has
	 * cancelled no orders, or if the orders have been read since.
	 */
	unreadReason(): string | undefined {
		if (this.#triggeredAt === undefined) return undefined;
		const { suspendedFrom, suspendedUntil, steppedAt } = this.#world.machine;
		// Whether part of the venue's countdown ran while the machine was suspended.
		const isAsleep = suspendedFrom <= this.#triggeredAt && this.#triggeredAt - this.#windowMs <= suspendedUntil;
		// A clock step after the beginning of the suspension may hide the suspension from the session. The session then cannot know that the
		// venue has cancelled orders, so it need not read them.
		if (isAsleep && suspendedFrom <= steppedAt) this.#triggeredAt = undefined;
		else if (this.#readAt < this.#triggeredAt)
			return "the venue has cancelled the orders, and they have not been read since";
		this.#triggeredAt = undefined;
		return undefined;
	}
}
