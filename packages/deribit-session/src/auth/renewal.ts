import { monotonicMs } from "../time.ts";
import type { DeribitAuthorization } from "./authorization.ts";

/** A token is renewed when this much of its life is over. */
const share = 0.8;

/**
 * When a grant should be renewed. It is asked, not awaited: the venue gives tokens for a year, and a timer of more than
 * 24.8 days would fire at once.
 */
export class Renewal {
	readonly #grantedAt = monotonicMs();
	readonly #afterMs: number;
	readonly #atEpochMs: number;

	constructor({ expiresInSeconds, expiresAt }: DeribitAuthorization) {
		const lifeMs = expiresInSeconds * 1_000;
		this.#afterMs = lifeMs * share;
		this.#atEpochMs = expiresAt - lifeMs * (1 - share);
	}

	/** Milliseconds until then, below zero once it is overdue; by the clock that says less, since one stops in sleep. */
	get inMs(): number {
		return Math.min(this.#grantedAt + this.#afterMs - monotonicMs(), this.#atEpochMs - Date.now());
	}
}
