import { monotonicMs } from "@x/base/clock";

/** A limit on calls. */
export interface Rate {
	readonly perSecond: number;
	readonly burst: number;
}

const refillEveryMs = 20;

/**
 * Shares a limit on calls fairly: each bot has an equal part of the burst, and what refills goes in equal parts to those that are not
 * full. So a bot alone gets the whole rate, and a bot that calls as often as it can takes nothing from the others' parts.
 */
export class FairShare {
	readonly #levels: Map<string, number>;
	readonly #rate: () => Rate;
	readonly #kept: number;
	readonly #bots: number;
	/** What the relay keeps for its own calls. */
	#reserve: number;
	#at = monotonicMs();

	/**
	 * @param rate - read at each call: the venue may change it.
	 * @param kept - the part of the burst, from 0 to 1, that only urgent calls may spend: of each bot's part, and for the relay itself.
	 */
	constructor(names: readonly string[], rate: () => Rate, kept = 0) {
		this.#rate = rate;
		this.#kept = kept;
		this.#bots = Math.max(1, names.length);
		this.#reserve = this.#reserveSize;
		this.#levels = new Map(names.map((name) => [name, this.#part]));
	}

	/** Takes one call of a bot's part; false when it is spent. @param isUrgent - may spend what is kept of its part. */
	tryTake(name: string, isUrgent = false): boolean {
		const least = 1 + (isUrgent ? 0 : this.#keptOfPart);
		// Dividing what has refilled among many bots costs more than the rest of a call, so only when it matters.
		if ((this.#levels.get(name) ?? 0) < least || monotonicMs() - this.#at >= refillEveryMs) this.#refill();
		const level = this.#levels.get(name) ?? 0;
		if (level < least) return false;
		this.#levels.set(name, level - 1);
		return true;
	}

	/** Takes one call for the relay itself: of what is kept for it, else of the fullest part. False when there is none. */
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

	/** At least one call, however many bots there are. */
	get #part(): number {
		return Math.max(1, (this.#rate().burst - this.#reserveSize) / this.#bots);
	}

	/** A part of one call alone is not divided. */
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
		// From the fullest on: what it cannot take goes to the others.
		const fromFullest = [...this.#levels].sort(([, a], [, b]) => b - a);
		for (const [index, [name, level]] of fromFullest.entries()) {
			const share = Math.min(Math.max(0, part - level), left / (fromFullest.length - index));
			left -= share;
			this.#levels.set(name, Math.min(part, level + share));
		}
	}
}
