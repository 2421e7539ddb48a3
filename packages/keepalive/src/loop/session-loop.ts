import type { ResolvedOptions } from "../options.ts";
import type { Closed, Lease, OrdersOnClose, Session } from "../session.ts";
import { dispositionOf } from "../session-error.ts";
import { type Cause, causeOf, type Status, type StatusRecord, type Tally } from "../status/status.ts";
import { StatusBoard } from "../status/status-tracker.ts";
import { earlyMs, longestTimerMs, monotonicMs, never, sleep, within } from "../time.ts";
import { backoffMs } from "./backoff.ts";
import { SessionCalls } from "./bounded-session.ts";
import type { Gate } from "./health-gate.ts";
import { type Keeping, type LeaseEnd, LeaseKeeper } from "./lease-loop.ts";
import { Turns } from "./rate-limiter.ts";
import { Silence } from "./retry-after.ts";
import { StallWatch, sliceMs, stallError, type Watched, watched } from "./stall-detector.ts";

/** A venue that asks for no wait at all gets one all the same. */
const leastWaitMs = 100;

const nothingFailed: Cause = { name: "None", message: "nothing failed" };

/** Nothing is opened before `until` (monotonic). It outlives a sickness of the program. */
interface Pause {
	readonly until: number;
	/** @param until - in epoch milliseconds, which a sleep of the machine moves. */
	readonly status: (until: number) => Extract<Status, { state: "waiting" | "blocked" }>;
}

/** Opens one session, keeps it, and opens it again after every loss, until it is stopped or fails for good. */
export class SessionLoop {
	readonly board: StatusBoard;
	readonly #options: ResolvedOptions;
	readonly #keeping: Keeping;
	readonly #turns: Turns;
	readonly #stop = new AbortController();
	/** Aborts with the stop, and when the program turns sick. */
	#life = this.#stop.signal;
	#running: Promise<void> | undefined;
	#leaving: Promise<Closed> | undefined;
	/** Set once the session failed for good. */
	#ended: Closed | undefined;
	#pause: Pause | undefined;
	#failures = 0;
	#lastCause = nothingFailed;

	/**
	 * @param phase - from 0 to 1, 1 excluded: where in step the session is with the others of its keeper.
	 * @param tally - what was counted before, for a session that is started again.
	 */
	constructor(
		session: Session,
		options: ResolvedOptions,
		gate: Gate,
		publish: (record: StatusRecord) => void,
		phase = 0,
		tally?: Tally,
	) {
		const calls = new SessionCalls(session);
		this.board = new StatusBoard(calls.name, options, publish, tally);
		this.#options = options;
		this.#keeping = { calls, board: this.board, silence: new Silence(), gate, options, phase };
		this.#turns = new Turns(options.restarts);
	}

	/** Where the session stands, judged at the moment of asking. */
	current(): StatusRecord {
		return this.board.current();
	}

	/** Why the working orders are not proved to be protected right now; undefined when they are. */
	objection(): string | undefined {
		// The clocks are read once for all: they are most of what this costs.
		const monotonic = monotonicMs();
		const wall = this.#options.now();
		this.#keeping.gate.judge(monotonic, wall);
		return this.#life.aborted ? "it is being left" : this.board.objection(monotonic, wall);
	}

	start(): void {
		// A loop never ends without saying so: what is not foreseen here is fatal for this session, and is told.
		this.#running ??= this.#run().catch((error) => this.#end(error));
	}

	/**
	 * Ends the loop, then leaves the session, within `ms`. A second call gets the first one's result, if that comes within
	 * its own `ms`.
	 */
	stop(orders: OrdersOnClose, ms: number = this.#options.stopTimeoutMs): Promise<Closed> {
		const begun = this.#leaving;
		if (begun) return this.#inTime(ms, () => begun);
		this.#leaving = this.#leave(orders, ms);
		return this.#leaving;
	}

	async #leave(orders: OrdersOnClose, ms: number): Promise<Closed> {
		const until = monotonicMs() + ms;
		const asked = new Error("@x/keepalive: stopped on request");
		this.#stop.abort(asked);
		this.board.leaving(asked);
		const closed = await this.#inTime(ms, async () => {
			// Ends at once, unless it is leaving the session itself.
			await this.#running;
			return this.#ended ?? this.#close(orders, until - monotonicMs());
		});
		this.board.set({ state: "stopped", why: "asked", closed });
		return closed;
	}

	async #inTime(ms: number, leaving: () => Promise<Closed>): Promise<Closed> {
		try {
			return await within(ms, never, "", leaving);
		} catch {
			const { name, whatIsKnown } = this.#keeping.calls;
			const detail = `@x/keepalive: ${name} was not left within ${Math.round(ms)} ms; ${whatIsKnown}; look at the working orders`;
			return { orders: "unknown", detail };
		}
	}

	/**
	 * Until it is stopped, or fails for good. It awaits by itself what takes long: each function between would be kept in memory
	 * for every session, from one beat to the next.
	 */
	async #run(): Promise<void> {
		const stop = this.#stop.signal;
		let { phase, sickness } = this.#enter();
		while (!stop.aborted) {
			if (sickness || this.#life.aborted) {
				// Also when it is well again by now: it was not guarded for longer than its owner allowed.
				await this.#shut(sickness ?? phase.reason, stop);
				({ phase, sickness } = this.#enter());
				continue;
			}
			const turnMs = this.#pause ? 0 : this.#turns.take();
			if (turnMs > 0) this.#pause = this.#overBudget(turnMs);
			if (this.#pause) {
				await this.#rest(this.#pause, this.#life);
				continue;
			}
			const opened = await this.#open(this.#life);
			const since = monotonicMs();
			const ended = "end" in opened ? opened : await new LeaseKeeper(this.#keeping, opened, this.#life).keep();
			if (opened !== ended) {
				// Forgotten only after a stable time: a session that dies at once each time must not retry at full speed.
				if (monotonicMs() - since >= this.#options.stableMs) this.#failures = 0;
				if (ended.end === "lost") this.board.lost(ended.error);
			}
			if (ended.end === "stopped") continue;
			const { error } = ended;
			this.#lastCause = causeOf(error);
			if (dispositionOf(error).action === "fatal") return this.#end(error);
			this.#failures += 1;
			this.#pause = this.#pauseAfter(error, this.#lastCause);
		}
	}

	/** Takes up the present phase of the gate: what is begun from here on ends with it. */
	#enter(): Pick<Gate, "phase" | "sickness"> {
		const { gate } = this.#keeping;
		const stop = this.#stop.signal;
		const { phase, sickness } = gate;
		this.#life = gate.isSet ? AbortSignal.any([stop, phase]) : stop;
		// Over while the program was sick: not to be told with an instant that is past.
		if (this.#pause && this.#pause.until - monotonicMs() < earlyMs) this.#pause = undefined;
		return { phase, sickness };
	}

	/** Opens once: what it brought, or why it brought nothing. */
	async #open(life: AbortSignal): Promise<Watched<Lease> | LeaseEnd> {
		const { calls, silence } = this.#keeping;
		const { stallMs, openTimeoutMs } = this.#options;
		this.board.opening(this.#failures + 1);
		try {
			const opened = await watched(this.#options, () => calls.open(openTimeoutMs, life));
			// What was read after a sleep may be as old as the sleep was long: nothing of it is believed.
			if (opened.sleptMs > stallMs) throw stallError(calls.name, opened.sleptMs);
			return opened;
		} catch (error) {
			if (life.aborted) return { end: "stopped" };
			silence.heed(error);
			return { end: "lost", error };
		}
	}

	#pauseAfter(error: unknown, cause: Cause): Pause {
		const disposition = dispositionOf(error);
		const silentMs = this.#keeping.silence.leftMs;
		const { backoff, blockedRetryMs, random } = this.#options;
		if (disposition.action === "human") {
			const status = (nextTryAt: number) => ({ state: "blocked", todo: disposition.todo, nextTryAt, cause }) as const;
			return { until: monotonicMs() + Math.max(blockedRetryMs, silentMs), status };
		}
		const isAsked = disposition.action === "wait";
		const failed = disposition.action === "retry" ? disposition : {};
		const ownMs = isAsked ? leastWaitMs : backoffMs(this.#failures, random(), backoff, failed);
		const why = isAsked || silentMs > ownMs ? "venue" : "backoff";
		const status = (until: number) => ({ state: "waiting", why, until, cause }) as const;
		return { until: monotonicMs() + Math.max(ownMs, silentMs), status };
	}

	#overBudget(ms: number): Pause {
		const { burst, everyMs } = this.#options.restarts;
		const message =
			`@x/keepalive: opened more than ${burst} times faster than once in ${everyMs} ms, which mends nothing: ` +
			`look into it; the last failure: ${this.#lastCause.message}`;
		const status = (until: number) =>
			({ state: "waiting", why: "budget", until, cause: { name: "Budget", message } }) as const;
		return { until: monotonicMs() + ms, status };
	}

	async #rest(pause: Pause, life: AbortSignal): Promise<void> {
		const { now, stallMs } = this.#options;
		let watch: StallWatch | undefined;
		let leftMs = pause.until - monotonicMs();
		do {
			// Told again after a sleep of the machine, which moves the end by the wall clock.
			if (!watch || watch.sleptMs > stallMs) this.board.set(pause.status(Math.round(now() + leftMs)));
			watch = new StallWatch(now);
			await sleep(Math.min(sliceMs, leftMs), life);
			if (life.aborted) return;
			leftMs = pause.until - monotonicMs();
		} while (leftMs >= earlyMs);
		this.#pause = undefined;
	}

	/** Withholds everything while the program is sick, so that the venue's own protection fires where it has one. */
	async #shut(reason: unknown, stop: AbortSignal): Promise<void> {
		const { gate } = this.#keeping;
		this.board.leaving(reason);
		// Not to beat is not enough: a client may answer its venue by itself.
		const closed = await this.#close("cancel", this.#options.closeTimeoutMs);
		if (stop.aborted) return;
		this.board.set({ state: "gated", cause: causeOf(reason), closed });
		while (gate.sickness && !stop.aborted) await sleep(longestTimerMs, AbortSignal.any([stop, gate.phase]));
	}

	/** For good: nobody guards the orders any longer, so the venue's own protection is allowed to fire. */
	async #end(error: unknown): Promise<void> {
		// On request it is left anyway, in the way that was asked for.
		if (this.#stop.signal.aborted) return;
		this.board.leaving(error);
		const closed = await this.#close("cancel", this.#options.closeTimeoutMs);
		this.#ended = closed;
		this.board.set({ state: "stopped", why: "fatal", cause: causeOf(error), closed });
	}

	#close(orders: OrdersOnClose, ms: number): Promise<Closed> {
		return this.#keeping.calls.close(orders, Math.min(ms, this.#options.closeTimeoutMs));
	}
}
