import { monotonicMs } from "@x/base/clock";
import { sentence } from "@x/base/errors";
import type { ResolvedKeeperOptions } from "../options.ts";
import type { Disposition } from "../session-error.ts";
import type { Cause } from "../status/status.ts";
import type { Pause } from "./attempt-pause.ts";
import { backoffMs } from "./backoff.ts";

/** The shortest wait in milliseconds, even if the venue asks for 0. */
const minWaitMs = 100;

/** A failed open, or a session that was lost. */
interface Failure {
	readonly disposition: Disposition;
	/** Whether the session was alive for a stable time before. */
	readonly wasStable: boolean;
	/** Opens that failed, and sessions that were lost before they were stable, in a row. */
	readonly failures: number;
	/** Opens that failed, in a row. */
	readonly failedOpens: number;
	/** How many of `failures` came while the next attempt could still save orders. */
	readonly savingAttempts: number;
}

/**
 * The pause that a failure asks for.
 *
 * @param venueMs - milliseconds until the venue allows the next call.
 */
export function pauseAfter(
	{ disposition, failures, ...failed }: Failure,
	cause: Cause,
	venueMs: number,
	{ backoff, blockedRetryMs, random }: ResolvedKeeperOptions,
): Pause {
	if (disposition.action === "human") {
		const status = (nextTryAt: number) => ({ state: "blocked", todo: disposition.todo, nextTryAt, cause }) as const;
		return { until: monotonicMs() + Math.max(blockedRetryMs, venueMs), isOwnLimit: false, status };
	}
	const isVenueWait = disposition.action === "wait";
	const attempt = { ...failed, ...(disposition.action === "retry" && disposition) };
	const ownMs = isVenueWait ? minWaitMs : backoffMs(failures, random(), backoff, attempt);
	const why = isVenueWait || venueMs > ownMs ? "venue" : "backoff";
	const status = (until: number) => ({ state: "waiting", why, until, cause }) as const;
	return { until: monotonicMs() + Math.max(ownMs, venueMs), isOwnLimit: false, status };
}

/** The pause until the venue allows the next call, `ms` from now. */
export function venuePause(ms: number, cause: Cause): Pause {
	const status = (until: number) => ({ state: "waiting", why: "venue", until, cause }) as const;
	return { until: monotonicMs() + ms, isOwnLimit: false, status };
}

/** The pause until the limit of restarts allows the next open. */
export function restartLimitPause(ms: number, { restarts }: ResolvedKeeperOptions, lastCause: Cause): Pause {
	const { burst, everyMs } = restarts;
	const message =
		`@x/keepalive: opened too often (limit ${burst} times, then once in ${everyMs} ms). ` +
		`Look into the cause; the last failure was: ${sentence(lastCause.message)}`;
	const cause: Cause = { name: "RestartLimit", message };
	const status = (until: number) => ({ state: "waiting", why: "restart-limit", until, cause }) as const;
	return { until: monotonicMs() + ms, isOwnLimit: true, status };
}
