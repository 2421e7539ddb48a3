import { after, monotonicMs } from "@x/base/clock";

/** Size, refill rate and reserved parts of a pool, in credits. */
export interface PoolSettings {
	/** Credits of a full pool. */
	readonly pool: number;
	/** Credits added each second. */
	readonly perSecond: number;
	/** Cost of a call, in credits. */
	readonly perCall: number;
	/** Credits that only urgent calls may spend. */
	readonly reserve: number;
	/** Credits that no call may spend. */
	readonly margin: number;
}

interface QueuedCall {
	readonly isUrgent: boolean;
	send(): void;
}

/** A pool of credits that refills at a constant rate, and the queue of calls that wait for credits. */
export class CreditPool {
	readonly #queue: QueuedCall[] = [];
	#settings: PoolSettings;
	#left: number;
	#leftAt = monotonicMs();
	#cancelTimer: (() => void) | undefined;

	constructor(settings: PoolSettings) {
		this.#settings = settings;
		this.#left = settings.pool;
	}

	get settings(): PoolSettings {
		return this.#settings;
	}

	/** Replaces the settings. Credits that were spent are not given back. */
	set settings(settings: PoolSettings) {
		this.#left = settings.pool - (this.#settings.pool - this.left);
		this.#settings = settings;
		this.#schedule();
	}

	/** Credits in the pool now, including the reserve for urgent calls and the margin that no call may spend. */
	get left(): number {
		const now = monotonicMs();
		const { pool, perSecond } = this.#settings;
		this.#left = Math.min(pool, this.#left + ((now - this.#leftAt) / 1_000) * perSecond);
		this.#leftAt = now;
		return this.#left;
	}

	/** Milliseconds until one more call can be sent after the queued calls that precede it; 0 when it can be sent now. */
	waitMs(isUrgent: boolean): number {
		const ahead = isUrgent ? this.#queue.filter((call) => call.isUrgent).length : this.#queue.length;
		return this.#msUntil(ahead * this.#settings.perCall + this.#required(isUrgent));
	}

	/**
	 * Deducts the cost of one call, at most down to 0. Credits that are negative, as after a change to a smaller pool, do
	 * not change.
	 */
	spend(): void {
		const { left } = this;
		this.#left = Math.min(left, Math.max(0, left - this.#settings.perCall));
	}

	/** Sets the credits to 0. Credits that are negative, as after a change to a smaller pool, do not change. */
	drain(): void {
		this.#left = Math.min(0, this.left);
	}

	/**
	 * Deducts the cost and calls `send` as soon as there are enough credits. The returned function removes the call from
	 * the queue.
	 */
	enqueue(isUrgent: boolean, send: () => void): () => void {
		const call: QueuedCall = { isUrgent, send };
		const firstOrdinary = this.#queue.findIndex((other) => !other.isUrgent);
		this.#queue.splice(isUrgent && firstOrdinary >= 0 ? firstOrdinary : this.#queue.length, 0, call);
		this.#schedule();
		return () => {
			const index = this.#queue.indexOf(call);
			if (index < 0) return;
			this.#queue.splice(index, 1);
			this.#schedule();
		};
	}

	#msUntil(credits: number): number {
		const missing = credits - this.left;
		// The time is rounded up, because a timer that fires too early would find too few credits.
		return missing <= 0 ? 0 : Math.ceil((missing / this.#settings.perSecond) * 1_000);
	}

	#required(isUrgent: boolean): number {
		const { perCall, margin, reserve } = this.#settings;
		return perCall + margin + (isUrgent ? 0 : reserve);
	}

	#schedule(): void {
		this.#cancelTimer?.();
		const first = this.#queue[0];
		if (first) this.#cancelTimer = after(this.#msUntil(this.#required(first.isUrgent)), () => this.#sendQueued());
	}

	#sendQueued(): void {
		for (let first = this.#queue[0]; first; first = this.#queue[0]) {
			if (this.left < this.#required(first.isUrgent)) break;
			this.#queue.shift();
			this.spend();
			first.send();
		}
		this.#schedule();
	}
}
