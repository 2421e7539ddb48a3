import { isRecord } from "@x/base/objects";
import { packageName } from "./options.ts";

/** The highest number that `spec.leaseTransitions` can hold, and so the highest epoch. */
export const largestEpoch = 2_147_483_647;

const noteKey = "keepalive.leader/note";
const notedAtKey = "keepalive.leader/noted-at";

type Members = Readonly<Record<string, unknown>>;

/** A Lease as the API server returned it. */
export interface Lease {
	/**
	 * The complete metadata. An update sends metadata and spec back with all members, including members that this package does
	 * not know.
	 */
	readonly metadata: Members;
	readonly spec: Members;
	/** The version of the Lease: the API server gives it a new value with each change of the Lease. */
	readonly resourceVersion: string;
	/** The process that leads. Empty when the Lease was released, or when no process has led yet. */
	readonly holder: string;
	/**
	 * The epoch of the leader, a number that is higher for each new leader; from `spec.leaseTransitions`. 0 before the first
	 * leader.
	 */
	readonly epoch: number;
	/** For how many milliseconds the holder leads if the Lease does not change. */
	readonly durationMs: number;
	/**
	 * Since when the holder leads, in epoch milliseconds. Only for information, because the holder wrote it by the holder's own
	 * clock.
	 */
	readonly acquiredAtMs: number | undefined;
	readonly note: { readonly text: string; readonly writtenAtMs: number | undefined } | undefined;
}

/** A change of a Lease. */
export interface LeaseChange {
	/** The new holder; empty when no process leads any more. */
	readonly holder: string;
	readonly epoch: number;
	/** For how many milliseconds the holder leads without a renewal. If this is left out, the duration in the Lease stays. */
	readonly ttlMs?: number;
	/** True when the holder takes the lead with this change; false for a renewal or a release. */
	readonly isTaken?: boolean;
	/** A text for the next leader. If this is left out, the text in the Lease stays. */
	readonly note?: string | undefined;
}

/**
 * Reads a Lease from the body of a reply.
 *
 * @throws Error if a member is missing or wrong.
 */
export function readLease(body: unknown, name: string): Lease {
	const check = <T>(what: string, found: unknown, allowed: string, isAllowed: (value: unknown) => value is T): T => {
		if (isAllowed(found)) return found;
		const problem = `${what} is ${shown(found)} (${allowed})`;
		throw new Error(`${packageName}: the API server's reply cannot be used as the Lease ${name}: ${problem}.`);
	};
	const object = check("the reply", body, "an object", isRecord);
	check("kind", object["kind"], "Lease", isSame("Lease"));
	const metadata = check("metadata", object["metadata"], "an object", isRecord);
	check("metadata.name", metadata["name"], name, isSame(name));
	// A Lease without a uid is refused: an update without a uid could create a deleted Lease again.
	check("metadata.uid", metadata["uid"], "a non-empty string", isText);
	const resourceVersion = metadata["resourceVersion"];
	const spec = check("spec", object["spec"] ?? {}, "an object", isRecord);
	const holder = check("spec.holderIdentity", spec["holderIdentity"] ?? "", "a string", isString);
	const seconds = spec["leaseDurationSeconds"] ?? (holder === "" ? 1 : undefined);
	const allowedEpoch = `an integer from 0 to ${largestEpoch}`;
	return {
		metadata,
		spec,
		resourceVersion: check("metadata.resourceVersion", resourceVersion, "a non-empty string", isText),
		holder,
		epoch: check("spec.leaseTransitions", spec["leaseTransitions"] ?? 0, allowedEpoch, isCount),
		durationMs: 1_000 * check("spec.leaseDurationSeconds", seconds, "an integer above 0", isPositive),
		acquiredAtMs: timeOf(spec["acquireTime"]),
		note: noteOf(metadata["annotations"]),
	};
}

/**
 * Returns the Lease to create.
 *
 * @param nowMs - the current time by the clock of the API server, in epoch milliseconds.
 */
export function newLease(name: string, change: LeaseChange, nowMs: number): Members {
	return changedLease({ metadata: { name }, spec: {} }, change, nowMs);
}

/**
 * Returns the Lease to send as an update. Its resourceVersion stays, so that the API server refuses the update if the Lease has changed
 * since it was read. Its uid stays, so that the update cannot create a deleted Lease again.
 *
 * @param nowMs - the current time by the clock of the API server, in epoch milliseconds.
 */
export function changedLease(
	{ metadata, spec }: Pick<Lease, "metadata" | "spec">,
	{ holder, epoch, ttlMs, isTaken = false, note }: LeaseChange,
	nowMs: number,
): Members {
	const annotations = isRecord(metadata["annotations"]) ? metadata["annotations"] : {};
	const noted = { ...annotations, [noteKey]: note, [notedAtKey]: new Date(nowMs).toISOString() };
	const now = microTime(nowMs);
	return {
		apiVersion: "coordination.k8s.io/v1",
		kind: "Lease",
		metadata: { ...metadata, ...(note !== undefined && { annotations: noted }) },
		spec: {
			...spec,
			holderIdentity: holder,
			leaseTransitions: epoch,
			...(ttlMs !== undefined && { leaseDurationSeconds: Math.ceil(ttlMs / 1_000) }),
			...(isTaken && { acquireTime: now }),
			// The new renewTime has to differ from the last one by at least a microsecond. An update that changes nothing would
			// keep the resourceVersion, and other processes would not see the renewal.
			renewTime: now === spec["renewTime"] ? microTime(nowMs, 1) : now,
		},
	};
}

/** A time in RFC 3339 with six digits after the decimal point of the seconds. The API server refuses fewer digits. */
function microTime(ms: number, microseconds: 0 | 1 = 0): string {
	return new Date(ms).toISOString().replace("Z", `00${microseconds}Z`);
}

function noteOf(annotations: unknown): Lease["note"] {
	if (!isRecord(annotations)) return undefined;
	const { [noteKey]: text, [notedAtKey]: notedAt } = annotations;
	return isString(text) ? { text, writtenAtMs: timeOf(notedAt) } : undefined;
}

/** Parses a time in text form. Returns epoch milliseconds; undefined if the value is not a time. */
function timeOf(value: unknown): number | undefined {
	const ms = isString(value) ? Date.parse(value) : Number.NaN;
	return Number.isNaN(ms) ? undefined : ms;
}

const isSame =
	(expected: string) =>
	(value: unknown): value is string =>
		value === expected;
const isString = (value: unknown): value is string => typeof value === "string";
const isText = (value: unknown): value is string => isString(value) && value !== "";
const isCount = (value: unknown): value is number =>
	Number.isInteger(value) && Number(value) >= 0 && Number(value) <= largestEpoch;
const isPositive = (value: unknown): value is number => isCount(value) && value > 0;

function shown(value: unknown): string {
	if (typeof value === "object" && value !== null) return "an object";
	return JSON.stringify(value)?.slice(0, 80) ?? "missing";
}
