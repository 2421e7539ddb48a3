import { isRecord } from "@x/base/record";
import type { Cause } from "./status/status.ts";

/** What was used of one limit, as plain data. */
export interface UsedLimit {
	/** When attempts were made, the oldest first: epoch milliseconds, and how many. */
	readonly made: readonly (readonly [at: number, times: number])[];
	/** How far a back-off between the attempts had grown. */
	readonly step?: number;
	/** When a wait ends that the venue asked for: epoch milliseconds. */
	readonly pausedUntil?: number;
}

/** What a session has used of its own limits, by their names. */
export type UsedLimits = Readonly<Record<string, UsedLimit>>;

/** The limits of one session that have to outlive its keeper. Plain data, without secrets. Instants are epoch milliseconds. */
export interface SessionLimits {
	/** When the limit on openings has forgotten the last one. In the past when it counts none. */
	readonly openingsUntil: number;
	/** A wait that the venue asked for. */
	readonly venueWait?: { readonly until: number; readonly cause: Cause };
	/** Of the limits that the session keeps itself. */
	readonly used?: UsedLimits;
}

/** The limits of the sessions of a keeper, by name. */
export type KeeperLimits = Readonly<Record<string, SessionLimits>>;

/** What a keeper is given of the one before it. `used-up`: nothing is known of it, so every limit counts as used up. */
export type InheritedLimits =
	| "used-up"
	| {
			readonly sessions: KeeperLimits;
			/** It ended without a last word, and may have made one more attempt of each kind than it could say. Default false. */
			readonly wasKilled?: boolean;
	  };

/** The same limits with every instant moved, as for a wall clock that was set. @param byMs - milliseconds to add. */
export function moveLimits(limits: KeeperLimits, byMs: number): KeeperLimits {
	return mapRecord(limits, ({ openingsUntil, venueWait, used }) => ({
		openingsUntil: openingsUntil + byMs,
		...(venueWait && { venueWait: { ...venueWait, until: venueWait.until + byMs } }),
		...(used && { used: mapRecord(used, (limit) => moveUsedLimit(limit, byMs)) }),
	}));
}

/** The same for one limit. @param byMs - milliseconds to add. */
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

/** Only the members of the type, of what a session has returned: they have to cross between threads. Undefined for another form. */
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

/** A number that can be an instant or a count. */
const isInstant = (value: unknown): boolean => typeof value === "number" && Number.isFinite(value) && value >= 0;

function isRecordOf(value: unknown, isMember: (member: unknown) => boolean): boolean {
	return isRecord(value) && Object.values(value).every(isMember);
}
