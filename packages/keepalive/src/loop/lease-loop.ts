import { monotonicMs, sleep, timerToleranceMs } from "@x/base/clock";
import { type Instant, instantNow, longestElapsedMs, overrunMs, suspendedMs } from "@x/base/instant";
import { isTimeoutError } from "../deadline.ts";
import type { ResolvedKeeperOptions } from "../options.ts";
import type { Lease } from "../session.ts";
import { hasEnded, type LossKind, SessionError } from "../session-error.ts";
import { causeOf } from "../status/status.ts";
import type { StatusTracker } from "../status/status-tracker.ts";
import { beatTimeoutMs, firstBeatMs, intervalMs, nextBeatMs, nextDueAt, retryBeatMs } from "./beat-schedule.ts";
import type { BoundedSession } from "./bounded-session.ts";
import type { HealthGate } from "./health-gate.ts";
import { lossAfterStall, maxSleepMs, stallError, type WatchedResult } from "./stall-detector.ts";
import type { VenueWait } from "./venue-requested-wait.ts";

/** What a `LeaseLoop` shares with the `SessionLoop` of its session. */
export interface LoopContext {
	readonly session: BoundedSession;
	readonly tracker: StatusTracker;
	readonly venueWait: VenueWait;
	/**
	 * To be called when an attempt has used a part of the venue's limits, or when the venue has asked for a wait, and no status record says
	 * so. The keeper then passes the used limits on.
	 */
	readonly limitsUsed: () => void;
	readonly gate: HealthGate;
	readonly options: ResolvedKeeperOptions;
	/** A number from 0 up to, but not including, 1, which spreads the first beats of the sessions of one keeper. */
	readonly phase: number;
}

/** Why a `LeaseLoop` has ended. */
export type LeaseEnd =
	| { readonly end: "stopped" }
	/** `kind` takes precedence over the kind in `error`, which may be the error of an earlier failed beat. */
	| { readonly end: "lost"; readonly error: unknown; readonly kind?: LossKind };

/**
 * The lease counts as expired when less than this many milliseconds of it are left: a beat could not be answered in this time, and
 * the timer for the end of the lease may fire this much early.
 */
const minBeatMs = 5;

/** A time to wake that means "now". It is not 0, because the monotonic clock may start below 0, and 0 could be in the future. */
const immediately = Number.NEGATIVE_INFINITY;

/**
 * Keeps a session alive after one open: sends beats until the session is lost or the signal `stop` aborts. That signal
 * aborts when the session is stopped on request and when the program becomes unhealthy.
 *
 * The lease counts from when the last acknowledged beat was *sent*. Each beat times out after one interval or at the
 * end of the lease. A failed beat is repeated soon while the lease runs, unless the venue asked for a wait. After a stall
 * of this process or machine, one more beat is sent before the session is called alive or lost: a reply that was read
 * after a stall may be as old as the stall was long.
 */
export class LeaseLoop {
	readonly #context: LoopContext;
	readonly #stop: AbortSignal;
	#lease: Lease;
	/** When the last acknowledged open or beat was sent. */
	#sent: Instant;
	/** When the next beat is due according to the schedule, on the monotonic clock. */
	#dueAt: number;
	/**
	 * When to act next, on the monotonic clock: for the next beat, for the repetition of a failed beat, or for the end
	 * of the lease.
	 */
	#wakeAt: number;
	/** True after a stall: one more beat is then sent even if the lease has expired. */
	#mustVerify: boolean;
	/**
	 * If the process stalled during the open, a beat must be acknowledged before this time on the monotonic clock. Otherwise the
	 * open is given up.
	 */
	#verifyBy = Number.POSITIVE_INFINITY;
	/** How long the last stall since the last acknowledged beat was, in milliseconds; 0 when there was none. */
	#stalledMs = 0;
	/** How many beats have failed since the last acknowledged beat. */
	#failures = 0;
	/**
	 * The error of the last failed beat, which becomes the reason if the lease expires; undefined when no beat has failed since the
	 * last acknowledged one.
	 */
	#lastError: unknown;
	/** When the current sleep or beat began. */
	#startedAt: Instant;
	/**
	 * Gives the `StatusTracker` the function that ends the current sleep. The tracker calls that function when it detects a
	 * stall. This is a field, so that all sleeps use the same function object.
	 */
	readonly #wakeOnStall: (wake: () => void) => void;

	/** @param openLeftMs - milliseconds that are left until the deadline of the open. */
	constructor(
		context: LoopContext,
		{ value: lease, blockedMs }: WatchedResult<Lease>,
		stop: AbortSignal,
		openLeftMs: number,
	) {
		const { options, phase } = context;
		const { ageMs = 0 } = lease;
		this.#context = context;
		this.#wakeOnStall = (wake) => context.tracker.onStall(wake);
		this.#stop = stop;
		this.#lease = lease;
		this.#startedAt = instantNow(options.now);
		this.#sent = before(this.#startedAt, ageMs);
		this.#mustVerify = this.#recordStall(blockedMs) || ageMs >= lease.ttlMs;
		if (this.#mustVerify) this.#verifyBy = this.#startedAt.monotonicMs + openLeftMs;
		this.#dueAt = this.#sent.monotonicMs + firstBeatMs(lease, options.random(), phase);
		this.#wakeAt = this.#mustVerify ? immediately : this.#dueAt;
	}

	/** Only this function waits between two beats, so that an idle session keeps only one async frame in memory. */
	async run(): Promise<LeaseEnd> {
		const end = this.#endReason();
		if (end) return end;
		if (!this.#mustVerify) {
			this.#context.tracker.alive(this.#lease, this.#sent);
		}
		for (;;) {
			const sleepMs = this.#planSleep();
			await sleep(sleepMs, this.#stop, this.#lease.ended, this.#wakeOnStall);
			const next = this.#afterSleep(sleepMs);
			if (next === "sleep") continue;
			const result = next === "beat" ? await this.#beat() : next;
			if (result) return result;
		}
	}

	get #leftMs(): number {
		return Math.min(this.#sent.monotonicMs + this.#lease.ttlMs, this.#verifyBy) - monotonicMs();
	}

	#planSleep(): number {
		const { tracker, options } = this.#context;
		this.#startedAt = instantNow(options.now);
		const waitMs = Math.max(0, this.#wakeAt - this.#startedAt.monotonicMs);
		tracker.expectActivityWithin(waitMs);
		return Math.min(maxSleepMs, waitMs);
	}

	#afterSleep(sleptMs: number): LeaseEnd | "sleep" | "beat" {
		const { session, tracker, venueWait, options } = this.#context;
		// The suspension is measured since the last acknowledged beat, so that several short suspensions count like one long
		// suspension.
		const driftMs = tracker.state === "alive" ? suspendedMs(this.#sent, instantNow(options.now)) : 0;
		const hasStalled = this.#recordStall(Math.max(this.#overrunMs(sleptMs), driftMs));
		const end = this.#endReason();
		if (end) return end;
		if (hasStalled) {
			this.#mustVerify = true;
			tracker.late(stallError(session.name, this.#stalledMs));
		} else if (this.#wakeAt - monotonicMs() >= timerToleranceMs) return "sleep";
		// A wait that the venue asked for comes first, even when a beat should verify the session: a call during a penalty
		// would make the penalty longer.
		const waitMs = venueWait.remainingMs();
		const leftMs = this.#leftMs;
		if (leftMs < minBeatMs && (waitMs > 0 || !this.#mustVerify)) return this.#expired();
		if (waitMs === 0) return "beat";
		this.#wakeAt = monotonicMs() + Math.min(waitMs, leftMs);
		return "sleep";
	}

	async #beat(): Promise<LeaseEnd | undefined> {
		const { session, tracker, options } = this.#context;
		const leftMs = this.#leftMs;
		const timeoutMs = leftMs >= minBeatMs ? beatTimeoutMs(this.#lease, leftMs) : intervalMs(this.#lease);
		this.#startedAt = instantNow(options.now);
		tracker.expectActivityWithin(timeoutMs);
		let lease: Lease;
		try {
			lease = await session.beat(timeoutMs, this.#stop, this.#lease.ended);
		} catch (error) {
			return this.#onFailure(error, timeoutMs);
		}
		return this.#onAcknowledged(lease, timeoutMs);
	}

	#onAcknowledged(lease: Lease, timeoutMs: number): LeaseEnd | undefined {
		const { session, tracker, options } = this.#context;
		this.#lease = lease;
		const { ageMs } = lease;
		this.#sent = ageMs === undefined ? this.#startedAt : before(instantNow(options.now), ageMs);
		this.#failures = 0;
		this.#lastError = undefined;
		this.#stalledMs = 0;
		this.#mustVerify = this.#recordStall(this.#overrunMs(timeoutMs));
		if (this.#mustVerify) {
			tracker.late(stallError(session.name, this.#stalledMs));
			this.#wakeAt = immediately;
			return undefined;
		}
		const end = this.#endReason();
		if (end) return end;
		this.#verifyBy = Number.POSITIVE_INFINITY;
		options.logger?.debug("beat acknowledged", { session: session.name, ms: monotonicMs() - this.#sent.monotonicMs });
		tracker.alive(lease, this.#sent);
		const times = { dueAt: this.#dueAt, sentAt: this.#sent.monotonicMs, now: monotonicMs() };
		this.#dueAt = nextDueAt(nextBeatMs(lease, options.random()), times);
		this.#wakeAt = this.#dueAt;
		return undefined;
	}

	#onFailure(error: unknown, timeoutMs: number): LeaseEnd | undefined {
		this.#mustVerify = this.#recordStall(this.#overrunMs(timeoutMs));
		const end = this.#endReason();
		if (end) return end;
		const { session, venueWait, tracker, options, limitsUsed } = this.#context;
		if (venueWait.record(error)) limitsUsed();
		if (hasEnded(error)) return this.#lost(error);
		// The error of a local timeout does not replace an earlier error of the venue, which says more.
		if (this.#failures === 0 || !isTimeoutError(error)) this.#lastError = error;
		this.#failures += 1;
		const leftMs = this.#leftMs;
		if (leftMs < minBeatMs && !this.#mustVerify) return this.#expired();
		options.logger?.debug("beat failed", { session: session.name, cause: causeOf(error) });
		tracker.late(error);
		const retryMs = Math.min(retryBeatMs(this.#lease, this.#failures), leftMs);
		this.#wakeAt = this.#mustVerify ? immediately : monotonicMs() + retryMs;
		return undefined;
	}

	#overrunMs(expectedMs: number): number {
		return overrunMs(this.#startedAt, expectedMs, instantNow(this.#context.options.now));
	}

	/** Whether `ms` is long enough to count as a stall. If so, stores `ms` as the length of the last stall. */
	#recordStall(ms: number): boolean {
		if (ms <= this.#context.options.stallMs) return false;
		this.#stalledMs = ms;
		return true;
	}

	/** Why the lease has ended: its own signal `ended`, or the signal `stop`, has aborted. Undefined while neither has aborted. */
	#endReason(): LeaseEnd | undefined {
		const { gate, venueWait } = this.#context;
		gate.check();
		const { ended } = this.#lease;
		if (ended?.aborted) {
			venueWait.record(ended.reason);
			return this.#lost(ended.reason);
		}
		if (!this.#stop.aborted) return undefined;
		// A session whose lease has expired is reported as lost, not as stopped. This happens after a stall: the health gate stops
		// this loop before a beat can show that the session was lost.
		return this.#hasExpired() ? this.#expired() : { end: "stopped" };
	}

	/** Whether the lease has expired, counting the time for which the machine was suspended. */
	#hasExpired(): boolean {
		return longestElapsedMs(this.#sent, instantNow(this.#context.options.now)) >= this.#lease.ttlMs;
	}

	#expired(): LeaseEnd {
		const message = `@x/keepalive: the lease of ${this.#context.session.name} expired: no beat was acknowledged in time`;
		return this.#lost(this.#lastError ?? new SessionError(message, { disposition: { action: "retry" } }), "silence");
	}

	#lost(error: unknown, kind?: LossKind): LeaseEnd {
		if (this.#stalledMs > 0) return { end: "lost", error: lossAfterStall(this.#stalledMs, error) };
		return { end: "lost", error, ...(kind && { kind }) };
	}
}

function before({ monotonicMs, wallMs }: Instant, ms: number): Instant {
	return { monotonicMs: monotonicMs - ms, wallMs: wallMs - ms };
}
