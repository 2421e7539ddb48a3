import { type DeribitSessionOptions, deribitSessionDefaults } from "./options.ts";

/** How long working orders can outlive us at Deribit, in the worst case. */
export interface DeribitExposure {
	/** After the death of the process, the machine still running, in milliseconds. */
	readonly processDeathMs: number;
	/** After the death of the machine or the network, in milliseconds. */
	readonly networkDeathMs: number;
}

/** The venue probes after 1.2 to 1.26 intervals without a frame (measured at interval 10); 1.3 is the assumed maximum. */
const firstProbeFactor = 1.3;
/** The time to answer a probe, measured at interval 10. Whether it is fixed or equals the interval is not known. */
const measuredGraceSeconds = 10;
/** A connection without traffic in either direction was cut after 60.5 s, without a close frame (measured). */
const idleCutMs = 60_000;

/**
 * Worst-case times from a death to the venue's cancel.
 *
 * - *Process death*: the kernel closes the TCP connection at once, which triggers cancel-on-disconnect. Nothing is added
 *   for the venue's own processing, for which it publishes no number.
 * - *Network death*: the venue has to notice that we are silent. It probes at most 1.3 intervals after our last frame,
 *   waits for the answer (one interval or 10 s, whichever is longer), then closes with 4000 and cancels. With the default
 *   interval of 10 s that is 23 s. At a long interval the venue may cut the idle connection sooner, after 60 s, but that is
 *   not documented, so it is not relied on.
 */
export function deribitExposure(settings: Pick<DeribitSessionOptions, "intervalSeconds"> = {}): DeribitExposure {
	const interval = settings.intervalSeconds ?? deribitSessionDefaults.intervalSeconds;
	const graceSeconds = Math.max(interval, measuredGraceSeconds);
	return { processDeathMs: 0, networkDeathMs: Math.round((firstProbeFactor * interval + graceSeconds) * 1_000) };
}

/** The `exposureMs` of a protection: the longer of the two times of {@link deribitExposure}. */
export function exposureMs(settings: Pick<DeribitSessionOptions, "intervalSeconds">): number {
	const { processDeathMs, networkDeathMs } = deribitExposure(settings);
	return Math.max(processDeathMs, networkDeathMs);
}

/**
 * How long the venue is certain to keep the connection after a frame of ours, in milliseconds: one interval until it
 * probes plus the shorter possible grace (10 s), limited by the idle cut of 60 s. With the default interval: 20 s.
 *
 * The exposure assumes the longest possible value of each number, the TTL the shortest, so that a session is reported lost
 * no later than the venue may have dropped it.
 */
export function deribitTtlMs(settings: Pick<DeribitSessionOptions, "intervalSeconds">): number {
	const interval = settings.intervalSeconds ?? deribitSessionDefaults.intervalSeconds;
	return Math.min(Math.round((interval + Math.min(interval, measuredGraceSeconds)) * 1_000), idleCutMs);
}
