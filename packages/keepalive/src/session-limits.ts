import { isRecord } from "@x/base/objects";
import type { Cause } from "./status/status.ts";

/** How much of one limit was used, as plain data. */
export interface UsedLimit {
	/** The attempts that were made, the oldest first: when, in epoch milliseconds, and how many at that time. */
	readonly made: readonly (readonly [at: number, times: number])[];
	/** The step that the back-off between the attempts had reached. */
	readonly step?: number;
	/** When a wait that the venue asked for ends, in epoch milliseconds. */
	readonly pausedUntil?: number;
}

/** How much a session has used of each limit that it keeps itself, by the name of the limit. */
export type UsedLimits = Readonly<Record<string, UsedLimit>>;

/**
 * How much one session has used of its limits, for the keeper of a later program or worker. Plain data, without secrets. Times are
 * epoch milliseconds.
 */
export interface SessionLimits {
	/** When the limit on openings is fully available again; a time in the past when it already is. */
	readonly openingsUntil: number;
	/** A wait that the venue asked for: when it ends, and why. */
	readonly venueWait?: { readonly until: number; readonly cause: Cause };
	/** How much was used of the limits that the session keeps itself. */
	readonly used?: UsedLimits;
}

/** The limits of the sessions of a keeper, by name. */
export type KeeperLimits = Readonly<Record<string, SessionLimits>>;

/**
 * What a keeper is told about the limits that the keeper before it has used. `used-up`: nothing is known, so every limit counts as
 * used up.
 */
export type InheritedLimits =
	| "used-up"
	| {
			readonly sessions: KeeperLimits;
			/**
			 * Whether the earlier keeper was killed, so that it may have made one more attempt of each kind than it reported. Default false.
			 */
			readonly wasKilled?: boolean;
	  };

/** A copy of the limits with every time moved, as after the wall clock was set. @param byMs - milliseconds to add. */
export function moveLimits(limits: KeeperLimits, byMs: number): KeeperLimits {
	return mapRecord(limits, ({ openingsUntil, venueWait, used }) => ({
		openingsUntil: openingsUntil + byMs,
		...(venueWait && { venueWait: { ...venueWait, until: venueWait.until + byMs } }),
		...(used && { used: mapRecord(used, (limit) => moveUsedLimit(limit, byMs)) }),
	}));
}

/** A copy of one limit with every time moved. @param byMs - milliseconds to add. */
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
 * Copies only the members that the type has, because the limits that a session returned are sent to another thread. Undefined for a
 * value of another form.
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

/** Whether a value can be a time or a count. */
const isInstant = (value: unknown): boolean => typeof value === "number" && Number.isFinite(value) && value >= 0;

function isRecordOf(value: unknown, isMember: (member: unknown) => boolean): boolean {
	return isRecord(value) && Object.values(value).every(isMember);
}
