import { monotonicMs } from "@x/base/clock";
import type { TokenBucket } from "@x/base/rate-limiter";
import type { SessionLimits } from "../session-limits.ts";
import type { Cause } from "../status/status.ts";
import type { Pause } from "./attempt-pause.ts";
import type { LoopContext } from "./lease-loop.ts";

const limitsUnknown: Cause = {
	name: "LimitsUnknown",
	message: "what an earlier program has used of the venue's limits is not known, so they count as used up",
};

/**
 * The longest wait that is taken over from an earlier program, in milliseconds. A longer wait would mean that a clock is wrong.
 */
const longestVenueWaitMs = 86_400_000;

type LimitsContext = Pick<LoopContext, "session" | "venueWait">;

/** Why the first open has to wait, and for how long. */
interface InheritedWait {
	readonly cause: Cause;
	/**
	 * The pause before the first open. Missing for a wait that the venue asked for, because the loop keeps to such a wait
	 * anyway.
	 */
	readonly pause?: Pause;
}

/**
 * How much of its limits the session has used. A later loop of the session, in another thread or process, continues from there.
 */
export function limitsOf({ session, venueWait }: LimitsContext, restarts: TokenBucket): SessionLimits {
	const now = Date.now();
	const used = session.usedLimits();
	const { cause } = venueWait;
	return {
		openingsUntil: Math.round(now + restarts.fullInMs),
		...(cause && { venueWait: { until: Math.round(now + venueWait.remainingMs()), cause } }),
		...(used && { used }),
	};
}

/**
 * Continues with the limits that an earlier loop of the session has used.
 *
 * @param wasKilled - true when the earlier program or worker was killed: it may have made one more attempt than it reported.
 * @returns undefined when the first open does not have to wait.
 */
export function inheritLimits(
	{ session, venueWait }: LimitsContext,
	restarts: TokenBucket,
	limits: SessionLimits | "used-up",
	wasKilled: boolean,
): InheritedWait | undefined {
	if (limits === "used-up") {
		restarts.restore(Number.POSITIVE_INFINITY);
		const ownMs = session.inheritLimits("all", wasKilled);
		const ms = Math.min(Math.max(ownMs, restarts.waitMs), longestVenueWaitMs);
		const status = (until: number) =>
			({ state: "waiting", why: "restart-limit", until, cause: limitsUnknown }) as const;
		return { cause: limitsUnknown, pause: { until: monotonicMs() + ms, isOwnLimit: true, status } };
	}
	const now = Date.now();
	restarts.restore(limits.openingsUntil - now);
	if (wasKilled) restarts.tryAcquire();
	session.inheritLimits(limits.used ?? {}, wasKilled);
	const ms = Math.min((limits.venueWait?.until ?? now) - now, longestVenueWaitMs);
	if (!limits.venueWait || ms <= 0) return undefined;
	const { cause } = limits.venueWait;
	venueWait.add(ms, cause);
	return { cause };
}
