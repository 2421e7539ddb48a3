import { monotonicMs } from "@x/base/clock";

/** A rate limit: calls per second, and how many calls may be made at once. */
export interface Rate {
	readonly perSecond: number;
	readonly burst: number;
}

const refillEveryMs = 20;

/**
 * Shares a rate limit fairly among bots. Each bot has an equal part of the burst, and refilled calls are divided equally among the parts
 * that are not full. So a single active bot gets the whole rate, and a bot that floods takes nothing from the parts of the others.
 */
export class FairShare {
	readonly #levels: Map<string, number>;
	readonly #rate: () => Rate;
	readonly #kept: number;
	readonly #bots: number;
	/** The calls that are left of the part for the relay's own calls. */
	#reserve: number;
	#at = monotonicMs();

	/**
	 * @param rate - the rate limit; it is read at each call, because the venue may change it.
	 * @param kept - the share of the burst, from 0 to 1, that is kept back for the relay itself, and of each bot's part for urgent calls.
	 */
	constructor(names: readonly string[], rate: () => Rate, kept = 0) {
		this.#rate = rate;
		this.#kept = kept;
		this.#bots = Math.max(1, names.length);
		this.#reserve = this.#reserveSize;
		this.#levels = new Map(names.map((name) => [name, this.#part]));
	}

	/** Takes one call from a bot's part; false if the part is used up. @param isUrgent - whether the call may use what is kept back. */
	tryTake(name: string, isUrgent = false): boolean {
		const least = 1 + (isUrgent ? 0 : this.#keptOfPart);
		// Dividing the refilled calls among many bots costs more than the rest of a call, so it is done only when it matters.
		if ((this.#levels.get(name) ?? 0) < least || monotonicMs() - this.#at >= refillEveryMs) this.#refill();
		const level = this.#levels.get(name) ?? 0;
		if (level < least) return false;
		this.#levels.set(name, level - 1);
		return true;
	}

	/** Takes one call for the relay itself: from its own part, otherwise from the fullest part of a bot. False if there is none. */
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

	/** The calls of a bot's part that are kept back for urgent calls; none if the part is one call. */
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
		// Begins with the fullest part, so that what it has no room for goes to the others.
		const fromFullest = [...this.#levels].sort(([, a], [, b]) => b - a);
		for (const [index, [name, level]] of fromFullest.entries()) {
			const share = Math.min(Math.max(0, part - level), left / (fromFullest.length - index));
			left -= share;
			this.#levels.set(name, Math.min(part, level + share));
		}
	}
}
