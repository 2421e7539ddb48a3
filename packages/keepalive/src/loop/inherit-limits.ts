import { monotonicMs } from "@x/base/clock";
import type { TokenBucket } from "@x/base/rate-limiter";
import type { SessionLimits } from "../session-limits.ts";
import type { Cause } from "../status/status.ts";
import type { LoopContext } from "./lease-loop.ts";
import type { Pause } from "./open-attempt-pause.ts";

const limitsUnknown: Cause = {
	name: "LimitsUnknown",
	message:
		"it is not known how much of the venue's limits an earlier run used, so the session waits as if all were used up",
};

/**
 * The longest wait that is taken over from an earlier run of the program, in milliseconds. A longer wait would mean that a
 * clock is wrong.
 */
const longestVenueWaitMs = 86_400_000;

type LimitsContext = Pick<LoopContext, "session" | "venueWait">;

/** Why the first open has to wait, and for how long. */
interface InheritedWait {
	readonly cause: Cause;
	/** The pause before the first open. Undefined if the venue asked for the wait: the session loop always waits as the venue asks. */
	readonly pause?: Pause;
}

/**
 * How much of its limits (openings, connections, logins) the session has used. The next `SessionLoop` of the session, in
 * another thread or process, continues counting from there.
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
 * Continues counting from what an earlier `SessionLoop` of the session has used of its limits.
 *
 * @param wasKilled - true when the earlier process or worker was killed: it may have made one more attempt than it reported.
 * @returns why the first open has to wait, and for how long; undefined when it does not have to wait.
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
