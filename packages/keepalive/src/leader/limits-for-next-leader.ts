import { isRecord, ownMember } from "@x/base/objects";
import type { Session } from "../session.ts";
import { isUsedLimits, moveUsedLimit, type UsedLimit, type UsedLimits } from "../session-limits.ts";
import type { LeaderNote } from "./leader-store.ts";

/** The note for the next leader lists at most this many attempts for each limit; older attempts are left out. */
const mostAttempts = 200;

type LimitedSession = Pick<Session, "userLimits" | "usedLimits" | "inheritLimits">;

/**
 * The text for the next leader: how much this leader has used of the limits that the venue counts per user. Undefined when the
 * session has no such limits.
 */
export function noteOf(session: LimitedSession): string | undefined {
	const used = ofUser(session);
	if (!used) return undefined;
	const latest = Object.entries(used).map(([name, limit]) => [
		name,
		{ ...limit, made: limit.made.slice(-mostAttempts) },
	]);
	return JSON.stringify({ writtenAt: Date.now(), used: Object.fromEntries(latest) });
}

/**
 * Makes a session count the attempts in the previous leader's text, and also the attempts that this process made while it led
 * earlier, because the text may lack them.
 *
 * @param delayMs - how long the text may have been on its way to the store and back: the times in the text may be wrong by this
 * much.
 * @returns false when the text could not be read; each limit then counts as used up.
 */
export function inheritNote(session: LimitedSession, { text, ageMs }: LeaderNote, delayMs: number): boolean {
	const own = ofUser(session);
	if (!own) return true;
	const note = parse(text);
	if (!note) {
		session.inheritLimits?.("all", false);
		return false;
	}
	// The clocks of the two leaders' machines may differ. So the times in the text are corrected: the store says how long ago the
	// text was written.
	const byMs = Date.now() - ageMs - note.writtenAt;
	const both = Object.entries(own).map(([name, limit]) => {
		const other = ownMember(note.used, name);
		return [name, other ? merge(limit, moveUsedLimit(other, byMs), delayMs) : limit];
	});
	// The session's other limits are passed on as well, because a limit that is left out counts as not used.
	session.inheritLimits?.({ ...session.usedLimits?.(), ...Object.fromEntries(both) }, false);
	return true;
}

function ofUser(session: LimitedSession): UsedLimits | undefined {
	const { userLimits = [] } = session;
	const used = Object.entries(session.usedLimits?.() ?? {}).filter(([name]) => userLimits.includes(name));
	return used.length === 0 ? undefined : Object.fromEntries(used);
}

/**
 * Merges the attempts of `own` and `other`. The same attempt can be in both, with times that differ by up to `delayMs`. So an
 * attempt in `own` and an attempt in `other` that are at most this far apart count as one.
 */
function merge(own: UsedLimit, other: UsedLimit, delayMs: number): UsedLimit {
	const rest = [...other.made];
	for (const [at] of own.made) {
		const distances = rest.map(([otherAt]) => Math.abs(otherAt - at));
		const nearestMs = Math.min(...distances);
		if (nearestMs <= delayMs) rest.splice(distances.indexOf(nearestMs), 1);
	}
	const made = [...own.made, ...rest].sort(([a], [b]) => a - b);
	const pausedUntil = Math.max(own.pausedUntil ?? 0, other.pausedUntil ?? 0);
	return { made, step: Math.max(own.step ?? 0, other.step ?? 0), ...(pausedUntil > 0 && { pausedUntil }) };
}

function parse(text: string): { readonly writtenAt: number; readonly used: UsedLimits } | undefined {
	try {
		const note: unknown = JSON.parse(text);
		if (!isRecord(note)) return undefined;
		const { writtenAt, used } = note;
		return Number.isFinite(writtenAt) && isUsedLimits(used) ? { writtenAt: Number(writtenAt), used } : undefined;
	} catch {
		return undefined;
	}
}
