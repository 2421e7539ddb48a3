import { type DeribitSessionOptions, deribitSessionDefaults } from "./options.ts";

/** How long working orders stay in the book at Deribit after this process can no longer act, in the worst case. */
export interface DeribitExposure {
	/** How many milliseconds orders stay in the book at most after the death of the process, if the machine keeps running. */
	readonly processDeathMs: number;
	/** How many milliseconds orders stay in the book at most after the death of the machine or of the network. */
	readonly networkDeathMs: number;
}

/**
 * The venue sends a probe (`test_request`) after 1.2 to 1.26 intervals without a frame (measured at interval 10). 1.3 is the assumed
 * maximum.
 */
const firstProbeFactor = 1.3;
/**
 * How long the venue waits for the answer to a probe, measured at interval 10. It is not known whether this time is fixed or equals the
 * interval.
 */
const measuredGraceSeconds = 10;
/**
 * How long a connection may have no traffic in either direction. The venue cut such a connection after 60.5 s, without a close frame
 * (measured).
 */
const idleCutMs = 60_000;

/**
 * Worst-case times from the death of the process or of the network to the venue's cancel.
 *
 * - *Process death*: the kernel closes the TCP connection at once, which triggers cancel-on-disconnect. Nothing is added
 *   for the venue's own processing, for which it publishes no number.
 * - *Network death*: the venue has to notice that this process is silent. It probes at most 1.3 intervals after the last frame, waits for
 *   the answer (one interval or 10 s, whichever is longer), then closes with 4000 and cancels. With the default interval of 10 s that is
 *   23 s. At a long interval the venue may cut the idle connection sooner, after 60 s, but this is not documented and therefore ignored.
 */
export function deribitExposure(settings: Pick<DeribitSessionOptions, "intervalSeconds"> = {}): DeribitExposure {
	const interval = settings.intervalSeconds ?? deribitSessionDefaults.intervalSeconds;
	const graceSeconds = Math.max(interval, measuredGraceSeconds);
	return { processDeathMs: 0, networkDeathMs: Math.round((firstProbeFactor * interval + graceSeconds) * 1_000) };
}

/** The `exposureMs` that a session reports: the longer of the two times that {@link deribitExposure} returns. */
export function exposureMs(settings: Pick<DeribitSessionOptions, "intervalSeconds">): number {
	const { processDeathMs, networkDeathMs } = deribitExposure(settings);
	return Math.max(processDeathMs, networkDeathMs);
}

/**
 * How long the venue certainly keeps the connection after a frame of this process, in milliseconds: one interval until the venue sends a
 * probe, plus 10 s, the shortest time that it waits for the answer. At most 60 s, because of the idle cut. With the default interval: 20 s.
 *
 * This function assumes the shortest possible times, and {@link deribitExposure} the longest. So a session is reported as lost before the
 * venue can have dropped the connection, or at the same time.
 */
export function deribitTtlMs(settings: Pick<DeribitSessionOptions, "intervalSeconds">): number {
	const interval = settings.intervalSeconds ?? deribitSessionDefaults.intervalSeconds;
	return Math.min(Math.round((interval + Math.min(interval, measuredGraceSeconds)) * 1_000), idleCutMs);
}
