import { isRecord } from "@x/base/objects";
import type { Cause } from "./status/status.ts";

/** How much of one limit was used. Plain data. */
export interface UsedLimit {
	/**
	 * The attempts that were made, the oldest first. Each entry has a time in epoch milliseconds, and how many attempts were
	 * made at that time.
	 */
	readonly made: readonly (readonly [at: number, times: number])[];
	/** The step of the back-off between the attempts: the higher the step, the longer the pause before the next attempt. */
	readonly step?: number;
	/** When a wait that the venue asked for ends, in epoch milliseconds. */
	readonly pausedUntil?: number;
}

/** How much a session has used of each limit that the session itself counts, by the name of the limit. */
export type UsedLimits = Readonly<Record<string, UsedLimit>>;

/**
 * How much one session has used of its limits. The keeper of the next run of the program, or of the next worker, continues
 * counting from there. Plain data, without secrets. Times are epoch milliseconds.
 */
export interface SessionLimits {
	/**
	 * The time from which the option `restarts` allows a full `burst` of openings again. If a full burst is allowed already, this time
	 * lies in the past.
	 */
	readonly openingsUntil: number;
	/** A wait that the venue asked for: when it ends in epoch milliseconds, and why the venue asked for it. */
	readonly venueWait?: { readonly until: number; readonly cause: Cause };
	/** How much was used of the limits that the session itself counts. */
	readonly used?: UsedLimits;
}

/** How much each session of a keeper has used of its limits, by the name of the session. */
export type KeeperLimits = Readonly<Record<string, SessionLimits>>;

/**
 * How much the previous keeper, such as that of the previous run of the program, has used of the limits. `used-up` means that
 * this is not known, so every limit counts as used up.
 */
export type InheritedLimits =
	| "used-up"
	| {
			readonly sessions: KeeperLimits;
			/**
			 * True when the previous keeper was killed: it may have made one more attempt of each kind than it reported.
			 * Default false.
			 */
			readonly wasKilled?: boolean;
	  };

/**
 * A copy of the limits in which every time is moved, as after a change of the wall clock.
 *
 * @param byMs - how many milliseconds are added to each time.
 */
export function moveLimits(limits: KeeperLimits, byMs: number): KeeperLimits {
	return mapRecord(limits, ({ openingsUntil, venueWait, used }) => ({
		openingsUntil: openingsUntil + byMs,
		...(venueWait && { venueWait: { ...venueWait, until: venueWait.until + byMs } }),
		...(used && { used: mapRecord(used, (limit) => moveUsedLimit(limit, byMs)) }),
	}));
}

/**
 * A copy of one limit in which every time is moved.
 *
 * @param byMs - how many milliseconds are added to each time.
 */
export function moveUsedLimit({ made, pausedUntil, ...rest }: UsedLimit, byMs: number): UsedLimit {
	return {
		...rest,
		made: made.map(([at, times]) => [at + byMs, times]),
		...(pausedUntil !== undefined && { pausedUntil: pausedUntil + byMs }),
	};
}

function mapRecord<T>(record: Readonly<Record<string, T>>, change: (value: T) => T): Readonly<Record<string, T>> {
	return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}

/** Whether a value, such as the content of a file, has the form of {@link KeeperLimits}. */
export function isKeeperLimits(value: unknown): value is KeeperLimits {
	return isRecordOf(value, isSessionLimits);
}

function isSessionLimits(value: unknown): boolean {
	if (!isRecord(value) || !isInstant(value["openingsUntil"])) return false;
	const { venueWait, used } = value;
	return (venueWait === undefined || isVenueWait(venueWait)) && (used === undefined || isUsedLimits(used));
}

/** Whether a value, such as the content of a file, has the form of {@link UsedLimits}. */
export function isUsedLimits(value: unknown): value is UsedLimits {
	return isRecordOf(value, isUsedLimit);
}

/**
 * Copies the members that the type has, and no others. The copy is sent to another thread, and another member of a session's
 * limits could be a function, which cannot be sent.
 *
 * @returns undefined for a value that does not have the form of {@link UsedLimits}.
 */
export function copyUsedLimits(value: unknown): UsedLimits | undefined {
	if (!isUsedLimits(value)) return undefined;
	return mapRecord(value, ({ made, step, pausedUntil }) => ({
		made: made.map(([at, times]) => [at, times]),
		...(step !== undefined && { step }),
		...(pausedUntil !== undefined && { pausedUntil }),
	}));
}

function isVenueWait(value: unknown): boolean {
	if (!isRecord(value) || !isInstant(value["until"]) || !isRecord(value["cause"])) return false;
	const { name, message } = value["cause"];
	return typeof name === "string" && typeof message === "string";
}

function isUsedLimit(value: unknown): boolean {
	if (!isRecord(value)) return false;
	const { made, step, pausedUntil } = value;
	const isValid = (instant: unknown): boolean => instant === undefined || isInstant(instant);
	return Array.isArray(made) && made.every(isAttempts) && isValid(step) && isValid(pausedUntil);
}

const isAttempts = (value: unknown): boolean => Array.isArray(value) && value.length === 2 && value.every(isInstant);

/** Whether a value can be a time or a count: a finite number of at least 0. */
const isInstant = (value: unknown): boolean => typeof value === "number" && Number.isFinite(value) && value >= 0;

function isRecordOf(value: unknown, isMember: (member: unknown) => boolean): boolean {
	return isRecord(value) && Object.values(value).every(isMember);
}
