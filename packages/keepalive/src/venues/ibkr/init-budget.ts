import { monotonicMs } from "../../time.ts";

const dayMs = 86_400_000;
const longestWaitMs = 1_800_000;

/**
 * How often a brokerage session may be asked for.
 *
 * A loop that asked once a minute made 4 500 requests in a night, after which the venue refused the logins themselves.
 * So the waits after failures grow, and there is an end to it in any 24 hours whatever the reason.
 */
export class InitBudget {
	readonly #most: number;
	readonly #spent: number[] = [];
	#failures = 0;

	/** @param most - inits in any 24 hours. */
	constructor(most: number) {
		this.#most = most;
	}

	/** Whether there is none left now. */
	get spent(): boolean {
		const now = monotonicMs();
		return this.#spent.filter((at) => now - at < dayMs).length >= this.#most;
	}

	/** Takes one init. When there is none left: milliseconds until there is one again, and nothing is taken. */
	take(): { readonly taken: true } | { readonly taken: false; readonly waitMs: number } {
		const now = monotonicMs();
		while (this.#spent[0] !== undefined && now - this.#spent[0] >= dayMs) this.#spent.shift();
		const [oldest] = this.#spent;
		if (oldest !== undefined && this.#spent.length >= this.#most) {
			return { taken: false, waitMs: Math.ceil(oldest + dayMs - now) };
		}
		this.#spent.push(now);
		return { taken: true };
	}

	/** Counts a failure; the wait before the next init, from `firstMs` doubling to 30 minutes. */
	failed(firstMs: number): number {
		const waitMs = firstMs * 2 ** Math.min(this.#failures, 20);
		this.#failures += 1;
		return Math.min(waitMs, longestWaitMs);
	}

	/** A session became ready: the next failure waits the first wait again. */
	succeeded(): void {
		this.#failures = 0;
	}
}
