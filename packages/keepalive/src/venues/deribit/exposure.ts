import { type DeribitSessionOptions, deribitSessionDefaults } from "./options.ts";

/** How long working orders can outlive us at Deribit. */
export interface DeribitExposure {
	/** The process dies and the machine lives, in milliseconds. */
	readonly processDeathMs: number;
	/** The machine or the network dies without a word, in milliseconds. */
	readonly networkDeathMs: number;
}

type Settings = Pick<DeribitSessionOptions, "intervalSeconds">;

/** The venue's first probe comes after 1.2 to 1.26 intervals of silence (measured at interval 10), so 1.3 at the worst. */
const firstProbeFactor = 1.3;
/** The grace after a probe was measured as 10 s at interval 10; whether it is fixed or the interval is not known. */
const measuredGraceSeconds = 10;
/** A connection with no traffic in either direction was gone after 60.5 s, without a close frame. */
const silenceCutMs = 60_000;

/**
 * Worst cases from a death to the venue's cancel, from the settings in force.
 *
 * - *Process death*: the kernel closes the TCP connection at once, and a closed connection fires cancel-on-disconnect.
 *   Zero is added for the venue's own work, for which it publishes no number.
 * - *Network death*: nothing reaches the venue, so it must miss us. It probes after at most 1.3 intervals without a
 *   frame of ours, waits the grace (taken as the interval, or 10 s if that is more), then closes with 4000 and cancels.
 *   The last frame may have left just before the death: 2.3 intervals in all, 69 s with the default of 30 s. That a line
 *   without traffic was seen cut after 60 s can only make it sooner and is not counted on.
 */
export function deribitExposure(settings: Settings = {}): DeribitExposure {
	const interval = settings.intervalSeconds ?? deribitSessionDefaults.intervalSeconds;
	const graceSeconds = Math.max(interval, measuredGraceSeconds);
	return { processDeathMs: 0, networkDeathMs: Math.round((firstProbeFactor * interval + graceSeconds) * 1_000) };
}

/** The worse of the two: what `exposureMs` of a protection says. */
export function exposureMs(settings: Settings): number {
	const { processDeathMs, networkDeathMs } = deribitExposure(settings);
	return Math.max(processDeathMs, networkDeathMs);
}

/**
 * How long the venue is sure to count us as alive after a frame of ours, in milliseconds: one interval before it probes,
 * and the shorter reading of the grace, 10 s; 60 s at most, because a line without any traffic is cut after that
 * (measured). 40 s with the default interval of 30 s.
 *
 * Where the exposure takes the later reading of each number, this takes the earlier one, so that a session is called
 * lost no later than the venue may have given it up.
 */
export function deribitTtlMs(settings: Settings): number {
	const interval = settings.intervalSeconds ?? deribitSessionDefaults.intervalSeconds;
	return Math.min(Math.round((interval + Math.min(interval, measuredGraceSeconds)) * 1_000), silenceCutMs);
}
