import { type Instant, longestElapsedMs } from "@x/base/instant";

/** How an update changed a condition: the condition was raised as an alert, or resolved. */
export type ConditionChange = "raised" | "resolved";

/** A raised condition is resolved once it has not held for this many milliseconds. If it holds again sooner, the same alert goes on. */
const clearMs = 60_000;
/** Like {@link clearMs}, but for a repeating condition. */
const repeatClearMs = 30 * 60_000;
/** A condition is repeating if it is raised less than this many milliseconds after it was last raised. */
const repeatMs = 60 * 60_000;

/**
 * The condition of an alert, such as "not ready". It is raised once it has held for long enough, and resolved once it has not held for long
 * enough.
 */
export class Condition {
	#since: Instant | undefined;
	#overSince: Instant | undefined;
	#raisedAt: Instant | undefined;
	#isRaised = false;
	#isRepeating = false;

	get isRaised(): boolean {
		return this.#isRaised;
	}

	/**
	 * When the condition began to hold, in epoch milliseconds. A raised condition keeps this time until it is resolved, even while it does
	 * not hold. Undefined for a condition that is not raised and does not hold.
	 */
	get since(): number | undefined {
		return this.#since && Math.round(this.#since.wallMs);
	}

	/** Milliseconds since the time that `since` returns; 0 if that is undefined. */
	heldMs(now: Instant): number {
		return this.#since ? longestElapsedMs(this.#since, now) : 0;
	}

	/** When a raised condition stopped holding, in epoch milliseconds. */
	get overSince(): number | undefined {
		return this.#overSince && Math.round(this.#overSince.wallMs);
	}

	/** Takes over a condition that an earlier process raised at the time `at`. */
	adopt(at: Instant): void {
		this.#since = at;
		this.#raisedAt = at;
		this.#isRaised = true;
	}

	/** @param raiseAfterMs - how long the condition has to hold before it is raised. */
	update(holds: boolean, now: Instant, raiseAfterMs: number): ConditionChange | undefined {
		return holds ? this.#holds(now, raiseAfterMs) : this.#isOver(now);
	}

	/** Ends the condition at once, even if it holds. Returns whether the condition was raised. */
	end(): boolean {
		const wasRaised = this.#isRaised;
		this.#isRaised = false;
		this.#since = undefined;
		this.#overSince = undefined;
		return wasRaised;
	}

	#holds(now: Instant, raiseAfterMs: number): "raised" | undefined {
		this.#since ??= now;
		this.#overSince = undefined;
		if (this.#isRaised || longestElapsedMs(this.#since, now) < raiseAfterMs) return undefined;
		this.#isRepeating = this.#raisedAt !== undefined && longestElapsedMs(this.#raisedAt, now) < repeatMs;
		this.#raisedAt = now;
		this.#isRaised = true;
		return "raised";
	}

	#isOver(now: Instant): "resolved" | undefined {
		if (!this.#isRaised) {
			this.#since = undefined;
			return undefined;
		}
		this.#overSince ??= now;
		if (longestElapsedMs(this.#overSince, now) < (this.#isRepeating ? repeatClearMs : clearMs)) return undefined;
		this.end();
		return "resolved";
	}
}
