import { monotonicMs, sleep } from "../../time.ts";
import { InitBudget } from "./init-budget.ts";

/** The venue allows one tickle a second; the margin is for the network, which can bring two closer together. */
const tickleGapMs = 1_050;
/** The venue allows one validation a minute. */
const validateGapMs = 61_000;

/** What has to be remembered from one opening to the next, so that no limit of the venue is broken by opening again. */
export class Memory {
	readonly inits: InitBudget;
	#tickledAt = Number.NEGATIVE_INFINITY;
	#validatedAt = Number.NEGATIVE_INFINITY;

	constructor(maxInitsPerDay: number) {
		this.inits = new InitBudget(maxInitsPerDay);
	}

	/** Resolves when a tickle may be sent, and counts it. */
	async tickleTurn(signal: AbortSignal): Promise<void> {
		const waitMs = this.#tickledAt + tickleGapMs - monotonicMs();
		if (waitMs > 0) await sleep(waitMs, signal);
		signal.throwIfAborted();
		this.#tickledAt = monotonicMs();
	}

	/** True when a validation may be sent, which is then counted. */
	mayValidate(): boolean {
		if (monotonicMs() - this.#validatedAt < validateGapMs) return false;
		this.#validatedAt = monotonicMs();
		return true;
	}
}
