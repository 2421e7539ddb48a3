import { monotonicMs } from "../../time.ts";

const dayMs = 86_400_000;
const longestWaitMs = 1_800_000;
/** So many first waits without another attempt, and what came of the last one is called stable. */
const stableWaits = 10;

/** How often something was tried, as plain data. */
export interface IbkrAttemptCount {
	/** In the last 24 hours. */
	readonly last24h: number;
	/** Allowed in any 24 hours. */
	readonly most: number;
	/** When the next one is allowed, in epoch milliseconds, where that is not now. */
	readonly nextAt?: number;
}

/**
 * Attempts of one kind, such as inits.
 *
 * A loop that asked for a session once a minute made 4 500 requests in a night, after which the venue refused the logins
 * themselves. So every attempt keeps the next one away for a time that doubles from `firstMs` to 30 minutes, until a
 * session has lasted; and there is an end to it in any 24 hours. One that opened a session is one step nearer: the first
 * repair of a session that was good begins at once.
 */
export class Attempts {
	readonly #most: number;
	readonly #firstMs: number;
	readonly #made: number[] = [];
	#inRow = 0;
	#opened = false;
	#forgivenAt = Number.NEGATIVE_INFINITY;

	/** @param firstMs - 0: only their number is limited. */
	constructor({ most, firstMs }: { readonly most: number; readonly firstMs: number }) {
		this.#most = most;
		this.#firstMs = firstMs;
	}

	/** Whether the number of the day is used up. */
	get spent(): boolean {
		this.#forgetOld();
		return this.#made.length >= this.#most;
	}

	/** Milliseconds until the next attempt is allowed; 0 now. */
	get waitMs(): number {
		const now = monotonicMs();
		const [oldest = now] = this.#made;
		return Math.ceil(Math.max(0, this.spent ? oldest + dayMs - now : 0, this.#spacedUntil() - now));
	}

	/**
	 * Takes one attempt if it is allowed.
	 *
	 * @param again - the second half of an attempt that was allowed: only the number of the day counts.
	 */
	take(again = false): boolean {
		if (again ? this.spent : this.waitMs > 0) return false;
		this.#made.push(monotonicMs());
		if (!again) this.#inRow += 1;
		this.#opened = false;
		return true;
	}

	/** The latest attempt opened a session. */
	opened(): void {
		this.#opened = true;
	}

	/** A session is alive: what came of the last attempt has lasted, once it is long enough ago. */
	alive(): void {
		const last = this.#made.at(-1);
		if (last === undefined || monotonicMs() - last >= stableWaits * this.#firstMs) this.#inRow = 0;
	}

	/**
	 * The next wait is the first one again, because things are not what they were. Once in the longest wait at most: things
	 * that change every minute are a reason to be slow. The number of the day stays.
	 */
	forgive(): void {
		const now = monotonicMs();
		if (now - this.#forgivenAt < longestWaitMs) return;
		this.#forgivenAt = now;
		this.#inRow = 0;
	}

	/** @param now - epoch milliseconds. */
	count(now: number): IbkrAttemptCount {
		const { waitMs } = this;
		const nextAt = waitMs > 0 ? { nextAt: Math.round(now + waitMs) } : {};
		return { last24h: this.#made.length, most: this.#most, ...nextAt };
	}

	#spacedUntil(): number {
		const last = this.#made.at(-1);
		const step = this.#opened ? this.#inRow - 1 : this.#inRow;
		if (last === undefined || step <= 0) return Number.NEGATIVE_INFINITY;
		return last + Math.min(this.#firstMs * 2 ** Math.min(step - 1, 20), longestWaitMs);
	}

	#forgetOld(): void {
		const now = monotonicMs();
		while (this.#made[0] !== undefined && now - this.#made[0] >= dayMs) this.#made.shift();
	}
}
