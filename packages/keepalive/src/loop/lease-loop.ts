import type { ResolvedOptions } from "../options.ts";
import type { Lease } from "../session.ts";
import { isOver, SessionError } from "../session-error.ts";
import type { StatusBoard } from "../status/status-tracker.ts";
import { earlyMs, isCutOff, monotonicMs, sleep } from "../time.ts";
import { cutOffMs, firstBeatMs, intervalMs, nextBeatMs, nextDueAt, retryBeatMs } from "./beat-schedule.ts";
import type { SessionCalls } from "./bounded-session.ts";
import type { Gate } from "./health-gate.ts";
import type { Silence } from "./retry-after.ts";
import { lossAfter, StallWatch, sliceMs, stallError, type Watched } from "./stall-detector.ts";

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

/** Past on any clock: only differences of the monotonic one mean something, and its zero may lie ahead. */
const atOnce = Number.NEGATIVE_INFINITY;

/**
 * Keeps one lease: beats until the session is lost or `stop` aborts, which it does too when the program turns sick.
 *
 * The deadline counts from when the last acknowledged beat was *sent*: the venue cannot have heard it earlier. Each beat
 * is cut off after one interval or at the deadline, whichever comes first. A failed beat is repeated soon while the lease
 * runs, unless the venue asked to be left alone. When our own process or machine stood still, the venue is asked again
 * before anything is called alive or lost: a reply that was read after a sleep may be as old as the sleep was long.
 */
export class LeaseKeeper {
	readonly #keeping: Keeping;
	readonly #stop: AbortSignal;
	#lease: Lease;
	/** By the monotonic clock: when the last acknowledged beat was sent. */
	#since: number;
	/** When the next beat is due by its pace. */
	#dueAt: number;
	/** When there is something to do again; a long sleep is interrupted to see whether the machine slept. */
	#wakeAt: number;
	/** One question more is due after a stall, whatever the deadline says. */
	#mustAsk: boolean;
	/** For how long our own process or machine stood still since the last acknowledged beat; 0 when that is not worth a word. */
	#stoodStillMs = 0;
	/** Beats that failed since the last acknowledged one. */
	#failures = 0;
	/** Of those; none is made in advance, as an error costs more memory than all else that is kept. */
	#lastError: unknown;
	/** Since the sleep or the beat began that is under way. */
	#watch: StallWatch;

	constructor(keeping: Keeping, { value: lease, blockedMs }: Watched<Lease>, stop: AbortSignal) {
		const { options, phase } = keeping;
		const { ageMs = 0 } = lease;
		this.#keeping = keeping;
		this.#stop = stop;
		this.#lease = lease;
		this.#watch = new StallWatch(options.now);
		this.#since = this.#watch.startedAt - ageMs;
		this.#mustAsk = this.#stood(blockedMs) || ageMs >= lease.ttlMs;
		this.#dueAt = this.#since + firstBeatMs(lease, options.random(), phase);
		this.#wakeAt = this.#mustAsk ? atOnce : this.#dueAt;
	}

	/** Between beats nothing but this waits: it is all that is kept for each of a thousand sessions. */
	async keep(): Promise<LeaseEnd> {
		const over = this.#ended();
		if (over) return over;
		if (!this.#mustAsk) {
			const wall = this.#watch.startedWall - (this.#lease.ageMs ?? 0);
			this.#keeping.board.alive(this.#lease, { monotonic: this.#since, wall });
		}
		for (;;) {
			const slice = this.#lieDown();
			await sleep(slice, this.#stop, this.#lease.ended);
			const next = this.#wake(slice);
			if (next === "sleep") continue;
			const end = next === "beat" ? await this.#beat() : next;
			if (end) return end;
		}
	}

	get #leftMs(): number {
		return this.#since + this.#lease.ttlMs - monotonicMs();
	}

	/** The milliseconds to sleep now. */
	#lieDown(): number {
		const { board, options } = this.#keeping;
		this.#watch = new StallWatch(options.now);
		const waitMs = Math.max(0, this.#wakeAt - this.#watch.startedAt);
		board.expect(waitMs);
		return Math.min(sliceMs, waitMs);
	}

	/** What to do after a sleep of so long. */
	#wake(slice: number): LeaseEnd | "sleep" | "beat" {
		const { calls, board, silence } = this.#keeping;
		const hasStood = this.#stood(this.#watch.overslept(slice));
		const over = this.#ended();
		if (over) return over;
		if (hasStood) {
			this.#mustAsk = true;
			board.late(stallError(calls.name, this.#stoodStillMs));
		} else if (this.#wakeAt - monotonicMs() >= earlyMs) return "sleep";
		// The venue's word stands above our wish to ask: a call inside a penalty box lengthens it.
		const silentMs = silence.leftMs;
		const leftMs = this.#leftMs;
		if (leftMs < leastBeatMs && (silentMs > 0 || !this.#mustAsk)) return this.#expired();
		if (silentMs === 0) return "beat";
		this.#wakeAt = monotonicMs() + Math.min(silentMs, leftMs);
		return "sleep";
	}

	async #beat(): Promise<LeaseEnd | undefined> {
		const { calls, board, options } = this.#keeping;
		const leftMs = this.#leftMs;
		const cutOff = leftMs >= leastBeatMs ? cutOffMs(this.#lease, leftMs) : intervalMs(this.#lease);
		this.#watch = new StallWatch(options.now);
		board.expect(cutOff);
		let lease: Lease;
		try {
			lease = await calls.beat(cutOff, this.#stop, this.#lease.ended);
		} catch (error) {
			return this.#failed(error, cutOff);
		}
		return this.#acknowledged(lease, cutOff);
	}

	#acknowledged(lease: Lease, cutOff: number): LeaseEnd | undefined {
		const { calls, board, options } = this.#keeping;
		this.#lease = lease;
		this.#since = this.#watch.startedAt;
		this.#failures = 0;
		this.#lastError = undefined;
		this.#stoodStillMs = 0;
		this.#mustAsk = this.#stood(this.#watch.overslept(cutOff));
		if (this.#mustAsk) {
			board.late(stallError(calls.name, this.#stoodStillMs));
			this.#wakeAt = atOnce;
			return undefined;
		}
		const over = this.#ended();
		if (over) return over;
		board.alive(lease, { monotonic: this.#since, wall: this.#watch.startedWall });
		const times = { dueAt: this.#dueAt, sentAt: this.#since, now: monotonicMs() };
		this.#dueAt = nextDueAt(nextBeatMs(lease, options.random()), times);
		this.#wakeAt = this.#dueAt;
		return undefined;
	}

	#failed(error: unknown, cutOff: number): LeaseEnd | undefined {
		this.#mustAsk = this.#stood(this.#watch.overslept(cutOff));
		const over = this.#ended();
		if (over) return over;
		this.#keeping.silence.heed(error);
		if (isOver(error)) return this.#lost(error);
		// Our own cut-off says less than what the venue said before.
		if (this.#failures === 0 || !isCutOff(error)) this.#lastError = error;
		this.#failures += 1;
		const leftMs = this.#leftMs;
		if (leftMs < leastBeatMs && !this.#mustAsk) return this.#expired();
		this.#keeping.board.late(error);
		this.#wakeAt = this.#mustAsk ? atOnce : monotonicMs() + Math.min(retryBeatMs(this.#lease, this.#failures), leftMs);
		return undefined;
	}

	/** Remembers a time in which our own process or machine stood still, if it is worth a word. */
	#stood(ms: number): boolean {
		if (ms <= this.#keeping.options.stallMs) return false;
		this.#stoodStillMs = ms;
		return true;
	}

	/** Whether it is over for another reason than a beat. */
	#ended(): LeaseEnd | undefined {
		const { gate, silence } = this.#keeping;
		gate.judge();
		if (this.#stop.aborted) return { end: "stopped" };
		const { ended } = this.#lease;
		if (!ended?.aborted) return undefined;
		silence.heed(ended.reason);
		return this.#lost(ended.reason);
	}

	#expired(): LeaseEnd {
		const message = `@x/keepalive: no beat of ${this.#keeping.calls.name} was acknowledged in time`;
		return this.#lost(this.#lastError ?? new SessionError(message, { disposition: { action: "retry" } }));
	}

	#lost(error: unknown): LeaseEnd {
		return { end: "lost", error: this.#stoodStillMs > 0 ? lossAfter(this.#stoodStillMs, error) : error };
	}
}
