import { type Instant, longestElapsedMs } from "@x/base/instant";

/** How an update changed a condition: the condition was raised as an alert, or resolved. */
export type ConditionChange = "raised" | "resolved";

/**
 * A raised condition is resolved after it has been false for this many milliseconds. If it becomes true again sooner, the same alert
 * stays raised.
 */
const clearMs = 60_000;
/** A repeating condition is resolved only after it has been false for this many milliseconds, instead of {@link clearMs}. */
const repeatClearMs = 30 * 60_000;
/** A condition that is raised again within this many milliseconds is a repeating condition. */
const repeatMs = 60 * 60_000;

/**
 * The condition of an alert, such as "not ready". It is raised once it has been true for long enough, and resolved once it has been false
 * for long enough.
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
	 * When the condition became true, in epoch milliseconds. A raised condition keeps this time until it is resolved, even while it is false.
	 * Undefined if the condition is neither raised nor true.
	 */
	get since(): number | undefined {
		return this.#since && Math.round(this.#since.wallMs);
	}

	/** Milliseconds since {@link since}; 0 if `since` is undefined. */
	heldMs(now: Instant): number {
		return this.#since ? longestElapsedMs(this.#since, now) : 0;
	}

	/** When a raised condition became false, in epoch milliseconds. */
	get overSince(): number | undefined {
		return this.#overSince && Math.round(this.#overSince.wallMs);
	}

	/** Takes over a condition that an earlier process raised at the time `at`. */
	adopt(at: Instant): void {
		this.#since = at;
		this.#raisedAt = at;
		this.#isRaised = true;
	}

	/** @param raiseAfterMs - for how many milliseconds the condition has to be true before it is raised. */
	update(holds: boolean, now: Instant, raiseAfterMs: number): ConditionChange | undefined {
		return holds ? this.#holds(now, raiseAfterMs) : this.#isOver(now);
	}

	/** Ends the condition at once, even if it is true. Returns whether the condition was raised. */
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
