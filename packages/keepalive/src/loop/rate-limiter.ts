import { earlyMs, monotonicMs } from "../time.ts";

/** How often something may be done. */
export interface TurnsOptions {
	/** How many at once, after a long enough time without any; an integer from 1. */
	readonly burst: number;
	/** Milliseconds after which there is one more. */
	readonly everyMs: number;
}

/** A budget: so many at once, then one in so many milliseconds. */
export class Turns {
	readonly #options: TurnsOptions;
	/** By the monotonic clock: when all of them are there again. */
	#fullAt = Number.NEGATIVE_INFINITY;

	constructor(options: TurnsOptions) {
		this.#options = options;
	}

	/** Takes one and gives 0; or takes none and gives the milliseconds until there is one. */
	take(): number {
		const { burst, everyMs } = this.#options;
		const now = monotonicMs();
		const fullAt = Math.max(this.#fullAt, now);
		const waitMs = fullAt - (burst - 1) * everyMs - now;
		// Who waited for it may have been woken a hair early; what is taken too soon is paid for by the next wait.
		if (waitMs >= earlyMs) return waitMs;
		this.#fullAt = fullAt + everyMs;
		return 0;
	}
}
