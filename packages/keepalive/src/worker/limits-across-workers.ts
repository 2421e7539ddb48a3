import { type Instant, instantNow } from "@x/base/instant";
import { ownMember } from "@x/base/objects";
import { type InheritedLimits, type KeeperLimits, moveLimits } from "../session-limits.ts";
import type { Cause } from "../status/status.ts";

/** How far the wall clock is ahead of the monotonic clock. If this number changes, the wall clock was set by the difference. */
const wallAheadMs = ({ wallMs, monotonicMs }: Instant): number => wallMs - monotonicMs;

/**
 * How much of the limits the workers have used, as they reported it. The next worker continues from there. When the wall clock
 * is set, the times in the limits are moved by the same amount. Otherwise a clock that is set forward would end a wait that a
 * venue asked for, and a clock that is set back would make a wait of a minute last for hours.
 */
export class KeptLimits {
	#limits: InheritedLimits;
	#madeAt: Instant;

	/** @param limits - how much of the limits the previous run of the program has used, with times on the current wall clock. */
	constructor(limits: InheritedLimits) {
		this.#limits = limits;
		this.#madeAt = instantNow(Date.now);
	}

	/** The limits, with times on the current wall clock. */
	get current(): InheritedLimits {
		const now = instantNow(Date.now);
		if (this.#limits === "used-up") return this.#limits;
		this.#limits = { ...this.#limits, sessions: follow(this.#limits.sessions, this.#madeAt, now) };
		this.#madeAt = now;
		return this.#limits;
	}

	/**
	 * Adds the limits that a worker reported, and returns the limits of all sessions. A worker's first message comes before its
	 * first attempt and has the limits of every session, so it replaces limits that counted as used up.
	 *
	 * @param at - when the worker read the limits; see the message `limits`.
	 */
	add(limits: KeeperLimits, at: Instant): KeeperLimits {
		const { current } = this;
		const now = instantNow(Date.now);
		// If it is not known when the worker read the limits, the present time is used.
		const madeAt = { ...at, monotonicMs: Math.min(at.monotonicMs, now.monotonicMs) };
		const added = follow(limits, madeAt, now);
		this.#madeAt = now;
		const sessions = current === "used-up" ? added : { ...current.sessions, ...added };
		this.#limits = { sessions };
		return sessions;
	}

	/**
	 * Adds a wait that the venue of a session asked for. The worker that knew of the wait has died, perhaps before it could
	 * report the wait.
	 */
	addVenueWait(session: string, waitMs: number): void {
		const { current } = this;
		if (waitMs === 0 || current === "used-up") return;
		const now = Date.now();
		const limits = ownMember(current.sessions, session) ?? { openingsUntil: now };
		const { until = now, cause = untold } = limits.venueWait ?? {};
		const venueWait = { until: Math.max(until, now + waitMs), cause };
		this.#limits = { ...current, sessions: { ...current.sessions, [session]: { ...limits, venueWait } } };
	}
}

/** The cause of a wait that the worker could not explain in a message before it died. */
const untold: Cause = {
	name: "VenueWait",
	message: "the venue asked an earlier worker to wait; that worker died before it said why",
};

function follow(limits: KeeperLimits, from: Instant, to: Instant): KeeperLimits {
	const setByMs = wallAheadMs(to) - wallAheadMs(from);
	return setByMs === 0 ? limits : moveLimits(limits, setByMs);
}
