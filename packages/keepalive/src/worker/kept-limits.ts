import { type Instant, instantNow } from "@x/base/instant";
import { ownMember } from "@x/base/record";
import { type InheritedLimits, type KeeperLimits, moveLimits } from "../session-limits.ts";
import type { Cause } from "../status/status.ts";

/** How far the wall clock is ahead of the monotonic one. A difference of two such numbers is by how much it was set. */
const wallAheadMs = ({ wallMs, monotonicMs }: Instant): number => wallMs - monotonicMs;

/**
 * What the workers said of the limits, for the worker after them. Their instants follow a wall clock that is set: forward it
 * would end a wait that a venue asked for, and back it would make one of a minute last for hours.
 */
export class KeptLimits {
	#limits: InheritedLimits;
	#madeAt: Instant;

	/** @param limits - as they were inherited, by the clock of now. */
	constructor(limits: InheritedLimits) {
		this.#limits = limits;
		this.#madeAt = instantNow(Date.now);
	}

	/** By the wall clock of now. */
	get current(): InheritedLimits {
		const now = instantNow(Date.now);
		if (this.#limits === "used-up") return this.#limits;
		this.#limits = { ...this.#limits, sessions: follow(this.#limits.sessions, this.#madeAt, now) };
		this.#madeAt = now;
		return this.#limits;
	}

	/**
	 * Adds what a worker said, and returns all. The first message of a worker is about every session, and complete: it says so before it
	 * makes an attempt.
	 *
	 * @param at - see the message `limits`.
	 */
	add(limits: KeeperLimits, at: Instant): KeeperLimits {
		const { current } = this;
		const now = instantNow(Date.now);
		// Of an unknown time: nothing has passed since.
		const madeAt = { ...at, monotonicMs: Math.min(at.monotonicMs, now.monotonicMs) };
		const added = follow(limits, madeAt, now);
		this.#madeAt = now;
		const sessions = current === "used-up" ? added : { ...current.sessions, ...added };
		this.#limits = { sessions };
		return sessions;
	}

	/** Adds for how long the venue of a session allows no call. The worker that knew it has died, and its last message may be older. */
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

/** What is known of a wait when no message of the worker told its reason. */
const untold: Cause = {
	name: "VenueWait",
	message: "the venue asked an earlier worker to wait, which died before it could tell more",
};

function follow(limits: KeeperLimits, from: Instant, to: Instant): KeeperLimits {
	const setByMs = wallAheadMs(to) - wallAheadMs(from);
	return setByMs === 0 ? limits : moveLimits(limits, setByMs);
}
