import { monotonicMs } from "@x/base/clock";

/** A rate limit: how many calls per second are refilled, and how many calls may be made at once. */
export interface Rate {
	readonly perSecond: number;
	readonly burst: number;
}

const refillEveryMs = 20;

/**
 * Shares a rate limit fairly among bots. Each bot has an equal part of the burst. Refilled calls are divided equally among the parts that
 * are not full. So a single active bot gets the whole rate, and a bot that floods takes nothing from the parts of other bots.
 */
export class FairShare {
	readonly #levels: Map<string, number>;
	readonly #rate: () => Rate;
	readonly #kept: number;
	readonly #bots: number;
	/** How many calls are left of those that are kept for the relay itself. */
	#reserve: number;
	#at = monotonicMs();

	/**
	 * @param rate - the rate limit; it is read at each call, because the venue may change it.
	 * @param kept - a fraction from 0 to 1. This fraction of the burst is kept for the relay itself. The same fraction of each bot's part is
	 * kept for urgent calls.
	 */
	constructor(names: readonly string[], rate: () => Rate, kept = 0) {
		this.#rate = rate;
		this.#kept = kept;
		this.#bots = Math.max(1, names.length);
		this.#reserve = this.#reserveSize;
		this.#levels = new Map(names.map((name) => [name, this.#part]));
	}

	/**
	 * Takes one call from a bot's part; returns false if the part is used up.
	 *
	 * @param isUrgent - whether the call may be taken from the calls that are kept for urgent calls.
	 */
	tryTake(name: string, isUrgent = false): boolean {
		const least = 1 + (isUrgent ? 0 : this.#keptOfPart);
		// A refill divides calls among all bots, which costs more than the rest of this function. So it is made only if the bot's part has too
		// few calls left, or if the last refill was some time ago.
		if ((this.#levels.get(name) ?? 0) < least || monotonicMs() - this.#at >= refillEveryMs) this.#refill();
		const level = this.#levels.get(name) ?? 0;
		if (level < least) return false;
		this.#levels.set(name, level - 1);
		return true;
	}

	/**
	 * Takes one call for the relay itself. If the relay's own part is used up, takes the call from the bot that has the most calls left.
	 * Returns false if no part has a call left.
	 */
	tryTakeOwn(): boolean {
		this.#refill();
		if (this.#reserve >= 1) {
			this.#reserve -= 1;
			return true;
		}
		const [fullest] = [...this.#levels].sort(([, a], [, b]) => b - a);
		if (!fullest || fullest[1] < 1) return false;
		this.#levels.set(fullest[0], fullest[1] - 1);
		return true;
	}

	get #reserveSize(): number {
		return this.#kept === 0 ? 0 : Math.max(1, Math.floor(this.#rate().burst * this.#kept));
	}

	/** The size of a bot's part: at least one call, however many bots there are. */
	get #part(): number {
		return Math.max(1, (this.#rate().burst - this.#reserveSize) / this.#bots);
	}

	/** How many calls of a bot's part are kept for urgent calls; 0 if the part is only one call. */
	get #keptOfPart(): number {
		return Math.min(this.#part * this.#kept, this.#part - 1);
	}

	#refill(): void {
		const now = monotonicMs();
		let left = ((now - this.#at) / 1_000) * this.#rate().perSecond;
		this.#at = now;
		const toReserve = Math.min(Math.max(0, this.#reserveSize - this.#reserve), left);
		this.#reserve += toReserve;
		left -= toReserve;
		const part = this.#part;
		// The loop begins with the bot that has the most calls left. A part that is nearly full takes less than an equal share of the refilled
		// calls. What it does not take is divided among the bots that come after it.
		const fromFullest = [...this.#levels].sort(([, a], [, b]) => b - a);
		for (const [index, [name, level]] of fromFullest.entries()) {
			const share = Math.min(Math.max(0, part - level), left / (fromFullest.length - index));
			left -= share;
			this.#levels.set(name, Math.min(part, level + share));
		}
	}
}
