import { monotonicMs } from "../time.ts";

/** What {@link Renewing} keeps: something that ends. */
export interface Expiring {
	/** Epoch milliseconds of the venue's clock. */
	readonly expiresAt: number;
}

/** After it was made, or an early renewal failed, it is used for so long before the next attempt, whatever its end. */
const pauseMs = 60_000;

/**
 * A token that is made when it is first needed, and again some time before its end.
 *
 * However many callers need it at once, one exchange is under way: each would make the venue forget the one before.
 */
export class Renewing<T extends Expiring> {
	readonly #make: () => Promise<T>;
	readonly #now: () => number;
	readonly #earlyMs: number;
	#current: T | undefined;
	#pending: Promise<T> | undefined;
	#renewAt = 0;
	#notBefore = Number.NEGATIVE_INFINITY;

	/** @param earlyMs - how long before its end it is made again, though never in the first half of its life. */
	constructor(make: () => Promise<T>, now: () => number, earlyMs: number) {
		this.#make = make;
		this.#now = now;
		this.#earlyMs = earlyMs;
	}

	/** The one in use, or a new one. An early renewal that fails leaves the old one in use until its end. */
	async get(): Promise<T> {
		const current = this.#current;
		if (current === undefined) return this.renew();
		if (this.#now() < this.#renewAt || monotonicMs() < this.#notBefore) return current;
		try {
			return await this.renew();
		} catch (error) {
			if (this.#now() >= current.expiresAt) throw error;
			this.#notBefore = monotonicMs() + pauseMs;
			return current;
		}
	}

	/** Makes a new one, also when the one in use has not ended: the venue said that it is gone. */
	renew(): Promise<T> {
		this.#pending ??= this.#make()
			.then((made) => {
				this.#current = made;
				const now = this.#now();
				this.#renewAt = made.expiresAt - Math.min(this.#earlyMs, (made.expiresAt - now) / 2);
				this.#notBefore = monotonicMs() + pauseMs;
				return made;
			})
			.finally(() => {
				this.#pending = undefined;
			});
		return this.#pending;
	}
}
