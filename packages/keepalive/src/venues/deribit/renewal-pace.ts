import { monotonicMs } from "../../time.ts";

/** The second attempt in a row is made at once, with the next beat; each one after it waits twice as long. */
const firstMs = 20_000;
const longestMs = 5 * 60_000;

/**
 * When the tokens of one connection may be renewed again. Each attempt is a login or two, and the venue stops an account
 * that logs in too often: beats alone would make six a minute of them for as long as it refuses.
 */
export class RenewalPace {
	/** Attempts since the venue last took the tokens. */
	#attempts = 0;
	/** Undefined for at once: instants of this clock compare with each other only, and 0 is none of them. */
	#notBefore: number | undefined;

	get mayTry(): boolean {
		return this.#notBefore === undefined || monotonicMs() >= this.#notBefore;
	}

	/** An attempt is about to be sent. */
	trying(): void {
		this.#attempts += 1;
		if (this.#attempts > 1) this.wait(Math.min(firstMs * 2 ** (this.#attempts - 2), longestMs));
	}

	/** None for so long. */
	wait(forMs: number): void {
		const until = monotonicMs() + forMs;
		this.#notBefore = Math.max(this.#notBefore ?? until, until);
	}

	/** The venue took the tokens. */
	taken(): void {
		this.#attempts = 0;
	}
}
