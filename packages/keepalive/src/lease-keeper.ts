import type { Gate } from "./gate.ts";
import type { ResolvedOptions } from "./options.ts";
import { cutOffMs, firstBeatMs, intervalMs, nextBeatMs, nextDueAt, retryBeatMs } from "./pace.ts";
import type { Lease } from "./session.ts";
import type { SessionCalls } from "./session-calls.ts";
import { isOver, SessionError } from "./session-error.ts";
import type { Silence } from "./silence.ts";
import { lossAfter, StallWatch, sliceMs, stallError, type Watched } from "./stall-watch.ts";
import type { StatusBoard } from "./status-board.ts";
import { earlyMs, isCutOff, monotonicMs, sleep } from "./time.ts";

/** What the keeping of one session works with. */
export interface Keeping {
	readonly calls: SessionCalls;
	readonly board: StatusBoard;
	readonly silence: Silence;
	readonly gate: Gate;
	readonly options: ResolvedOptions;
	/** From 0 to 1, 1 excluded: where in step this session is with the others of its keeper. */
	readonly phase: number;
}

/** Why a lease is no longer kept. */
export type LeaseEnd = { readonly end: "stopped" } | { readonly end: "lost"; readonly error: unknown };

/** With less than this left of a lease no beat can be answered in time, and a timer may have woken early by it. */
const leastBeatMs = 5;

/**
 * Beats until the session is lost or `stop` aborts, which it does too when the program turns sick.
 *
 * The deadline counts from when the last acknowledged beat was *sent*: the venue cannot have heard it earlier. Each beat
 * is cut off after one interval or at the deadline, whichever comes first. A failed beat is repeated soon while the lease
 * runs, unless the venue asked to be left alone. When our own process or machine stood still, the venue is asked again
 * before anything is called alive or lost: a reply that was read after a sleep may be as old as the sleep was long.
 */
export async function keepLease(
	{ calls, board, silence, gate, options, phase }: Keeping,
	opened: Watched<Lease>,
	stop: AbortSignal,
): Promise<LeaseEnd> {
	const { name } = calls;
	const { stallMs } = options;
	let lease = opened.value;
	const ageMs = lease.ageMs ?? 0;
	let since = monotonicMs() - ageMs;
	let failures = 0;
	/** Of the beats that failed since the last acknowledged one; made late, as an error costs more than all else that is kept. */
	let lastError: unknown;
	/** One question more is due after a stall, whatever the deadline says. */
	let mustAsk = opened.blockedMs > stallMs || ageMs >= lease.ttlMs;
	/** When the next beat is due by its pace. */
	let dueAt = since + firstBeatMs(lease, options.random(), phase);
	/** When there is something to do again; a long sleep is interrupted to see whether the machine slept. */
	let wakeAt = mustAsk ? 0 : dueAt;
	/** For how long our own process or machine stood still since the last acknowledged beat; 0 when that is not worth a word. */
	let stoodStillMs = opened.blockedMs > stallMs ? opened.blockedMs : 0;
	const stood = (ms: number): boolean => {
		if (ms <= stallMs) return false;
		stoodStillMs = ms;
		return true;
	};
	const lost = (error: unknown): LeaseEnd => ({
		end: "lost",
		error: stoodStillMs > 0 ? lossAfter(stoodStillMs, error) : error,
	});
	const expired = (): LeaseEnd => lost(lastError ?? unanswered(name));
	const ended = (): LeaseEnd | undefined => {
		gate.judge();
		if (stop.aborted) return { end: "stopped" };
		if (!lease.ended?.aborted) return undefined;
		silence.heed(lease.ended.reason);
		return lost(lease.ended.reason);
	};

	const overAtOnce = ended();
	if (overAtOnce) return overAtOnce;
	if (!mustAsk) board.alive(lease, { monotonic: since, wall: options.now() - ageMs });

	for (;;) {
		const sleeping = new StallWatch(options.now);
		const waitMs = Math.max(0, wakeAt - sleeping.startedAt);
		const slice = Math.min(sliceMs, waitMs);
		board.expect(waitMs);
		await sleep(slice, stop, lease.ended);
		const hasStood = stood(sleeping.overslept(slice));
		const over = ended();
		if (over) return over;
		if (hasStood) {
			mustAsk = true;
			board.late(stallError(name, stoodStillMs));
		} else if (wakeAt - monotonicMs() >= earlyMs) continue;
		const left = since + lease.ttlMs - monotonicMs();
		// The venue's word stands above our wish to ask: a call inside a penalty box lengthens it.
		const silentMs = silence.leftMs;
		if (left < leastBeatMs && (silentMs > 0 || !mustAsk)) return expired();
		if (silentMs > 0) {
			wakeAt = monotonicMs() + Math.min(silentMs, left);
			continue;
		}

		const watch = new StallWatch(options.now);
		const cutOff = left >= leastBeatMs ? cutOffMs(lease, left) : intervalMs(lease);
		const stoodMeanwhile = (): boolean => stood(watch.overslept(cutOff));
		board.expect(cutOff);
		try {
			lease = await calls.beat(cutOff, stop, lease.ended);
			since = watch.startedAt;
			failures = 0;
			lastError = undefined;
			stoodStillMs = 0;
			mustAsk = stoodMeanwhile();
			if (mustAsk) {
				board.late(stallError(name, stoodStillMs));
				wakeAt = 0;
				continue;
			}
			const over = ended();
			if (over) return over;
			board.alive(lease, { monotonic: since, wall: watch.startedWall });
			dueAt = nextDueAt(nextBeatMs(lease, options.random()), { dueAt, sentAt: since, now: monotonicMs() });
			wakeAt = dueAt;
		} catch (error) {
			mustAsk = stoodMeanwhile();
			const over = ended();
			if (over) return over;
			silence.heed(error);
			if (isOver(error)) return lost(error);
			// Our own cut-off says less than what the venue said before.
			if (failures === 0 || !isCutOff(error)) lastError = error;
			failures += 1;
			const now = monotonicMs();
			const remaining = since + lease.ttlMs - now;
			if (remaining < leastBeatMs && !mustAsk) return expired();
			board.late(error);
			wakeAt = mustAsk ? 0 : now + Math.min(retryBeatMs(lease, failures), remaining);
		}
	}
}

function unanswered(name: string): SessionError {
	return new SessionError(`@x/keepalive: no beat of ${name} was acknowledged in time`, {
		disposition: { action: "retry" },
	});
}
