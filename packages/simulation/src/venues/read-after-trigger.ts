import type { World } from "../world/world.ts";

/** Whether the venue has cancelled orders of this process, and whether the session has read the orders since. */
export class ReadAfterTrigger {
	readonly #world: World;
	readonly #windowMs: number;
	/** Whether this process was ever protected: a trigger before that was due to the process before. */
	#wasArmed = false;
	#isTriggered = false;
	#triggeredAt: number | undefined;
	/** When the last call that lists orders was sent. */
	#readAt = Number.NEGATIVE_INFINITY;

	/** @param windowMs - how long the venue counts before it cancels. */
	constructor(world: World, windowMs: number) {
		this.#world = world;
		this.#windowMs = windowMs;
	}

	processStarted(): void {
		this.#wasArmed = false;
		this.#triggeredAt = undefined;
	}

	/** The session is closed on purpose, and the result of that says what becomes of the orders. */
	left(): void {
		this.#wasArmed = false;
	}

	/** The venue would protect the orders now. @param isAlive - whether the session has got as far as a live connection. */
	armed(isAlive: boolean): void {
		this.#wasArmed ||= isAlive;
		this.#isTriggered = false;
	}

	/**
	 * The venue has cancelled, and no connection has stopped it from doing so.
	 *
	 * @param isKnowable - whether the session can have known when this began.
	 */
	triggered(isKnowable = true): void {
		if (isKnowable && this.#wasArmed && !this.#isTriggered) this.#triggeredAt = this.#world.now;
		this.#isTriggered = true;
	}

	/** A fetch that notes when orders are read. */
	watching(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
		return (input, init) => {
			if (String(input).includes("/v5/order/realtime")) this.#readAt = this.#world.now;
			return fetch(input, init);
		};
	}

	/** Why an order must not be sent after a trigger; undefined when the orders have been read since. */
	unreadReason(): string | undefined {
		if (this.#triggeredAt === undefined) return undefined;
		const { suspendedFrom, suspendedUntil, steppedAt } = this.#world.machine;
		// Some of the countdown passed while the machine slept.
		const isAsleep = suspendedFrom <= this.#triggeredAt && this.#triggeredAt - this.#windowMs <= suspendedUntil;
		// A clock that was set meanwhile can hide a suspension: nothing on the machine can tell.
		if (isAsleep && suspendedFrom <= steppedAt) this.#triggeredAt = undefined;
		else if (this.#readAt < this.#triggeredAt)
			return "the venue has cancelled the orders, and they have not been read since";
		this.#triggeredAt = undefined;
		return undefined;
	}
}
