import { monotonicMs } from "@x/base/clock";
import { sentence } from "@x/base/errors";
import type { ResolvedKeeperOptions } from "../options.ts";
import type { Disposition } from "../session-error.ts";
import type { Cause } from "../status/status.ts";
import { backoffMs } from "./backoff.ts";
import type { Pause } from "./open-attempt-pause.ts";

/** The shortest wait before the next attempt, in milliseconds, even if the venue asks for a wait of 0. */
const minWaitMs = 100;

/** A failed attempt to open a session, or the loss of a session. */
interface Failure {
	readonly disposition: Disposition;
	/** Whether the session had been alive for the option `stableMs` before. */
	readonly wasStable: boolean;
	/** How many times in a row an open failed, or a session was lost before it was stable. */
	readonly failures: number;
	/** How many opens have failed in a row. */
	readonly failedOpens: number;
	/** How many of `failures` happened while another attempt could still save the working orders from the venue's cancel. */
	readonly savingAttempts: number;
}

/**
 * The pause before the next attempt to open a session after a failure.
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

/** A pause of `ms` milliseconds, until the venue allows the next call. */
export function venuePause(ms: number, cause: Cause): Pause {
	const status = (until: number) => ({ state: "waiting", why: "venue", until, cause }) as const;
	return { until: monotonicMs() + ms, isOwnLimit: false, status };
}

/** A pause of `ms` milliseconds, until the option `restarts` allows the next open. */
export function restartLimitPause(ms: number, { restarts }: ResolvedKeeperOptions, lastCause: Cause): Pause {
	const { burst, everyMs } = restarts;
	const message =
		`@x/keepalive: the session was opened too often (limit ${burst} times, then once in ${everyMs} ms). ` +
		`Look into the cause; the last failure was: ${sentence(lastCause.message)}`;
	const cause: Cause = { name: "RestartLimit", message };
	const status = (until: number) => ({ state: "waiting", why: "restart-limit", until, cause }) as const;
	return { until: monotonicMs() + ms, isOwnLimit: true, status };
}
