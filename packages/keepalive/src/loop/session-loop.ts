import { longestTimerMs, monotonicMs, neverAborted, sleep, timerToleranceMs } from "@x/base/clock";
import { type Instant, instantNow, suspendedMs } from "@x/base/instant";
import { TokenBucket } from "@x/base/rate-limiter";
import { RetryAfter } from "@x/base/retry-after";
import { withTimeout } from "../deadline.ts";
import type { ResolvedKeeperOptions } from "../options.ts";
import type { Closed, Lease, OrdersOnClose, Session } from "../session.ts";
import { dispositionOf, recordRetryAfter } from "../session-error.ts";
import { type Cause, causeOf, type Status, type StatusRecord, type Tally } from "../status/status.ts";
import { StatusTracker } from "../status/status-tracker.ts";
import { backoffMs } from "./backoff.ts";
import { BoundedSession } from "./bounded-session.ts";
import type { HealthGate } from "./health-gate.ts";
import { type LeaseEnd, LeaseLoop, type LoopContext } from "./lease-loop.ts";
import { maxSleepMs, stallError, type WatchedResult, watchForStalls } from "./stall-detector.ts";

/** The shortest wait, even if the venue asks for 0. */
const minWaitMs = 100;

const noCause: Cause = { name: "None", message: "no failure so far" };

/** Until when the session is not opened. It still holds after the program was unhealthy. */
interface Pause {
	/** On the monotonic clock. */
	readonly until: number;
	/** @param until - in epoch milliseconds; moves when the machine is suspended. */
	readonly status: (until: number) => Extract<Status, { state: "waiting" | "blocked" }>;
}

/** Opens one session, keeps it alive and opens it again after every loss, until it is stopped or fails for good. */
export class SessionLoop {
	readonly tracker: StatusTracker;
	readonly #options: ResolvedKeeperOptions;
	readonly #context: LoopContext;
	readonly #restarts: TokenBucket;
	readonly #stop = new AbortController();
	/** Aborts on stop and when the program becomes unhealthy. */
	#keepAlive = this.#stop.signal;
	#running: Promise<void> | undefined;
	#stopping: Promise<Closed> | undefined;
	/** Set once the session has failed for good. */
	#failed: Closed | undefined;
	#pause: Pause | undefined;
	#failures = 0;
	#lastCause = noCause;

	/**
	 * @param phase - from 0, less than 1: spreads the first beats of the sessions of one keeper.
	 * @param tally - the totals so far, for a session that is started again.
	 */
	constructor(
		session: Session,
		options: ResolvedKeeperOptions,
		gate: HealthGate,
		publish: (record: StatusRecord) => void,
		phase = 0,
		tally?: Tally,
	) {
		const bounded = new BoundedSession(session);
		this.tracker = new StatusTracker(bounded.name, options, publish, tally);
		this.#options = options;
		this.#context = {
			session: bounded,
			tracker: this.tracker,
			retryAfter: new RetryAfter(),
			gate,
			options,
			phase,
		};
		this.#restarts = new TokenBucket(options.restarts);
	}

	/** The current status, checked against the clocks now. */
	current(): StatusRecord {
		return this.tracker.current();
	}

	/** Why the working orders are not proven to be protected right now; undefined when they are. */
	notArmedReason(): string | undefined {
		// Reading the clocks is most of the cost, so it is done once.
		const monotonic = monotonicMs();
		const wall = this.#options.now();
		this.#context.gate.check(monotonic, wall);
		const reason = this.tracker.notArmedReason(monotonic, wall);
		return reason ?? (this.#keepAlive.aborted ? "session is closing" : undefined);
	}

	start(): void {
		// An unexpected error ends this session and is reported, so that no loop ends silently.
		this.#running ??= this.#run().catch((error) => this.#failForGood(error));
	}

	/**
	 * Ends the loop, then closes the session, within `ms`. A second call returns the result of the first, if it comes within
	 * the `ms` of the second.
	 */
	stop(orders: OrdersOnClose, ms: number = this.#options.stopTimeoutMs): Promise<Closed> {
		const stopping = this.#stopping;
		if (stopping) return this.#orUnknownAfter(ms, () => stopping);
		this.#stopping = this.#stopNow(orders, ms);
		return this.#stopping;
	}

	async #stopNow(orders: OrdersOnClose, ms: number): Promise<Closed> {
		const deadline = monotonicMs() + ms;
		const reason = new Error("@x/keepalive: stopped on request");
		this.#stop.abort(reason);
		this.tracker.leaving(reason);
		const closed = await this.#orUnknownAfter(ms, async () => {
			// Ends at once, unless the loop is closing the session itself.
			await this.#running;
			return this.#failed ?? this.#close(orders, deadline - monotonicMs());
		});
		this.tracker.set({ state: "stopped", why: "asked", closed });
		return closed;
	}

	async #orUnknownAfter(ms: number, closing: () => Promise<Closed>): Promise<Closed> {
		const { session } = this.#context;
		try {
			return await withTimeout(ms, neverAborted, `closing ${session.name}`, closing);
		} catch {
			const { name, lastKnown } = session;
			const detail = `@x/keepalive: closing ${name} timed out after ${Math.round(ms)} ms; ${lastKnown}. Check the working orders.`;
			return { orders: "unknown", detail };
		}
	}

	/**
	 * Runs until the session is stopped or fails for good. It awaits inline: an extra async frame per session would stay in
	 * memory between beats.
	 */
	async #run(): Promise<void> {
		const stop = this.#stop.signal;
		let { nextChange, unhealthyReason } = this.#followGate();
		while (!stop.aborted) {
			if (unhealthyReason || this.#keepAlive.aborted) {
				// Also if the program is healthy again by now: it exceeded the tolerance of the gate.
				await this.#closeWhileUnhealthy(unhealthyReason ?? nextChange.reason, stop);
				({ nextChange, unhealthyReason } = this.#followGate());
				continue;
			}
			const restartWaitMs = this.#pause ? 0 : this.#restarts.tryAcquire();
			if (restartWaitMs > 0) this.#pause = this.#restartLimitPause(restartWaitMs);
			if (this.#pause) {
				await this.#wait(this.#pause, this.#keepAlive);
				continue;
			}
			const opened = await this.#open(this.#keepAlive);
			const openedAt = monotonicMs();
			const ended = "end" in opened ? opened : await new LeaseLoop(this.#context, opened, this.#keepAlive).run();
			if (opened !== ended) {
				// Only after a stable time: a session that is lost right after every open must not be reopened at full speed.
				if (monotonicMs() - openedAt >= this.#options.stableMs) this.#failures = 0;
				if (ended.end === "lost") this.tracker.lost(ended.error);
			}
			if (ended.end === "stopped") continue;
			const { error } = ended;
			this.#lastCause = causeOf(error);
			if (dispositionOf(error).action === "fatal") return this.#failForGood(error);
			this.#failures += 1;
			this.#pause = this.#pauseAfter(error, this.#lastCause);
		}
	}

	/** Makes `#keepAlive` follow the current state of the gate. */
	#followGate(): Pick<HealthGate, "nextChange" | "unhealthyReason"> {
		const { gate } = this.#context;
		const stop = this.#stop.signal;
		const { nextChange, unhealthyReason } = gate;
		this.#keepAlive = gate.isEnabled ? AbortSignal.any([stop, nextChange]) : stop;
		// A pause that ended while the program was unhealthy must not be published with a time in the past.
		if (this.#pause && this.#pause.until - monotonicMs() < timerToleranceMs) this.#pause = undefined;
		return { nextChange, unhealthyReason };
	}

	/** One attempt to open the session. */
	async #open(keepAlive: AbortSignal): Promise<WatchedResult<Lease> | LeaseEnd> {
		const { session, retryAfter } = this.#context;
		const { stallMs, openTimeoutMs } = this.#options;
		this.tracker.opening(this.#failures + 1);
		try {
			const opened = await watchForStalls(this.#options, () => session.open(openTimeoutMs, keepAlive));
			// The lease may be as old as the time for which the machine was suspended, so it is discarded.
			if (opened.suspendedMs > stallMs) throw stallError(session.name, opened.suspendedMs);
			return opened;
		} catch (error) {
			if (keepAlive.aborted) return { end: "stopped" };
			recordRetryAfter(retryAfter, error);
			return { end: "lost", error };
		}
	}

	#pauseAfter(error: unknown, cause: Cause): Pause {
		const disposition = dispositionOf(error);
		const venueMs = this.#context.retryAfter.remainingMs();
		const { backoff, blockedRetryMs, random } = this.#options;
		if (disposition.action === "human") {
			const status = (nextTryAt: number) => ({ state: "blocked", todo: disposition.todo, nextTryAt, cause }) as const;
			return { until: monotonicMs() + Math.max(blockedRetryMs, venueMs), status };
		}
		const isVenueWait = disposition.action === "wait";
		const failed = disposition.action === "retry" ? disposition : {};
		const ownMs = isVenueWait ? minWaitMs : backoffMs(this.#failures, random(), backoff, failed);
		const why = isVenueWait || venueMs > ownMs ? "venue" : "backoff";
		const status = (until: number) => ({ state: "waiting", why, until, cause }) as const;
		return { until: monotonicMs() + Math.max(ownMs, venueMs), status };
	}

	#restartLimitPause(ms: number): Pause {
		const { burst, everyMs } = this.#options.restarts;
		const message =
			`@x/keepalive: opened too often (limit ${burst} times, then once in ${everyMs} ms). ` +
			`Look into the cause; the last failure was: ${this.#lastCause.message}`;
		const cause: Cause = { name: "RestartLimit", message };
		const status = (until: number) => ({ state: "waiting", why: "restart-limit", until, cause }) as const;
		return { until: monotonicMs() + ms, status };
	}

	async #wait(pause: Pause, keepAlive: AbortSignal): Promise<void> {
		const { now, stallMs } = this.#options;
		let startedAt: Instant | undefined;
		let leftMs = pause.until - monotonicMs();
		do {
			// Published again after the machine was suspended, which moves the end on the wall clock.
			if (!startedAt || suspendedMs(startedAt, instantNow(now)) > stallMs) {
				this.tracker.set(pause.status(Math.round(now() + leftMs)));
			}
			startedAt = instantNow(now);
			await sleep(Math.min(maxSleepMs, leftMs), keepAlive);
			if (keepAlive.aborted) return;
			leftMs = pause.until - monotonicMs();
		} while (leftMs >= timerToleranceMs);
		this.#pause = undefined;
	}

	/** Closes the session, so that the venue cancels where it can, and resolves once the program is healthy again. */
	async #closeWhileUnhealthy(reason: unknown, stop: AbortSignal): Promise<void> {
		const { gate } = this.#context;
		this.tracker.leaving(reason);
		// Sending no beats would not be enough: a client may answer the venue's heartbeats by itself.
		const closed = await this.#close("cancel", this.#options.closeTimeoutMs);
		if (stop.aborted) return;
		this.tracker.set({ state: "gated", cause: causeOf(reason), closed });
		while (gate.unhealthyReason && !stop.aborted) {
			await sleep(longestTimerMs, AbortSignal.any([stop, gate.nextChange]));
		}
	}

	/** Closes the session so that the venue cancels: nothing watches over the orders any longer. */
	async #failForGood(error: unknown): Promise<void> {
		// stop() closes it, in the way that was asked for.
		if (this.#stop.signal.aborted) return;
		this.tracker.leaving(error);
		const closed = await this.#close("cancel", this.#options.closeTimeoutMs);
		this.#failed = closed;
		this.tracker.set({ state: "stopped", why: "fatal", cause: causeOf(error), closed });
	}

	#close(orders: OrdersOnClose, ms: number): Promise<Closed> {
		return this.#context.session.close(orders, Math.min(ms, this.#options.closeTimeoutMs));
	}
}
