import { type Instant, longestElapsedMs } from "@x/base/instant";

/** What has become of a condition. */
export type ConditionChange = "raised" | "resolved";

/** After so long without it, a condition is over: what comes back sooner is the same alert. */
const clearMs = 60_000;
/** The same for a condition that comes back within {@link repeatMs}. */
const repeatClearMs = 30 * 60_000;
/** A condition that holds again within this time is repeating itself. */
const repeatMs = 60 * 60_000;

/** Something that holds or not: raised once after it has held for long enough, resolved once after it has been over for long enough. */
export class Condition {
	#since: Instant | undefined;
	#overSince: Instant | undefined;
	#raisedAt: Instant | undefined;
	#isRaised = false;
	#isRepeating = false;

	get isRaised(): boolean {
		return this.#isRaised;
	}

	/** Since when it holds, in epoch milliseconds; of one that is raised, since when it held before it was raised. */
	get since(): number | undefined {
		return this.#since && Math.round(this.#since.wallMs);
	}

	/** For how long it has held, in milliseconds; 0 when it does not. */
	heldMs(now: Instant): number {
		return this.#since ? longestElapsedMs(this.#since, now) : 0;
	}

	/** Since when it no longer holds, in epoch milliseconds. */
	get overSince(): number | undefined {
		return this.#overSince && Math.round(this.#overSince.wallMs);
	}

	/** It was raised by an earlier process. */
	adopt(at: Instant): void {
		this.#since = at;
		this.#raisedAt = at;
		this.#isRaised = true;
	}

	/** @param raiseAfterMs - how long it has to hold before it is raised. */
	update(holds: boolean, now: Instant, raiseAfterMs: number): ConditionChange | undefined {
		return holds ? this.#holds(now, raiseAfterMs) : this.#isOver(now);
	}

	/** Ends it at once, whether it holds or not. Returns whether it was raised. */
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
