import { longestTimerMs, monotonicMs, neverAborted, sleep, timerToleranceMs } from "@x/base/clock";
import { TokenBucket } from "@x/base/rate-limiter";
import { withTimeout } from "../deadline.ts";
import { KeeperError } from "../keeper-error.ts";
import { silentLogger } from "../logger.ts";
import type { ResolvedKeeperOptions } from "../options.ts";
import type { Closed, Lease, OrdersOnClose, Session, StandbyReason } from "../session.ts";
import { dispositionOf } from "../session-error.ts";
import type { SessionLimits } from "../session-limits.ts";
import { type ProtectionState, protectionOf } from "../status/protection-watch.ts";
import { type Cause, causeOf, type StatusRecord } from "../status/status.ts";
import { StatusTracker } from "../status/status-tracker.ts";
import { BoundedSession } from "./bounded-session.ts";
import { Gating } from "./close-while-unhealthy.ts";
import type { HealthGate } from "./health-gate.ts";
import { inheritLimits, limitsOf } from "./inherit-limits.ts";
import { type LeaseEnd, LeaseLoop, type LoopContext } from "./lease-loop.ts";
import { AttemptPause } from "./open-attempt-pause.ts";
import { pauseAfter, restartLimitPause, venuePause } from "./pause-after-failure.ts";
import { stallError, type WatchedResult, watchForStalls } from "./stall-detector.ts";
import { copyLeader } from "./validate-and-copy-lease.ts";
import { VenueWait } from "./venue-requested-wait.ts";

const noCause: Cause = { name: "None", message: "no failure so far" };

/** Opens one session, keeps it alive and opens it again after every loss, until the session is stopped or fails for good. */
export class SessionLoop {
	readonly tracker: StatusTracker;
	readonly #options: ResolvedKeeperOptions;
	readonly #context: LoopContext;
	readonly #restarts: TokenBucket;
	readonly #pause: AttemptPause;
	#detach: (() => void) | undefined;
	readonly #stop = new AbortController();
	readonly #gating: Gating;
	#running: Promise<void> | undefined;
	#stopping: Promise<Closed> | undefined;
	/** The result of the close after the session failed for good; undefined until then. */
	#failed: Closed | undefined;
	/** How many times in a row an open failed, or a session was lost before it was stable. */
	#failures = 0;
	/** How many opens have failed in a row. */
	#failedOpens = 0;
	/** How many of `#failures` happened while another attempt could still save the working orders from the venue's cancel. */
	#savingAttempts = 0;
	/** Whether, according to the last failure, a quick attempt can still save the working orders from the venue's cancel. */
	#canSaveOrders = false;
	#lastCause = noCause;

	/**
	 * @param phase - a number from 0 up to, but not including, 1, which spreads the first beats of the sessions of one keeper.
	 * @param limitsUsed - called when {@link limits} has changed and the status has not.
	 * @param earlier - the earlier loop of a session that is started again: the new loop continues the totals and the limit counts
	 * of the earlier loop.
	 */
	constructor(
		session: Session,
		options: ResolvedKeeperOptions,
		gate: HealthGate,
		publish: (record: StatusRecord) => void,
		phase = 0,
		earlier?: SessionLoop,
		limitsUsed: () => void = () => undefined,
	) {
		const bounded = new BoundedSession(session, options.tracing);
		this.#gating = new Gating(gate, bounded, this.#stop.signal, () => this.tracker.recheck());
		const questions = {
			notArmedReason: () => (this.#gating.isEnding ? "session is closing" : bounded.notArmedReason()),
			ungatedReason: () => this.#gating.ungatedReason(),
			epoch: () => bounded.epoch(),
			notLeaderReason: () => bounded.notLeaderReason(),
			toleranceMs: gate.toleranceMs,
		};
		this.tracker = new StatusTracker(bounded.name, options, publish, questions, earlier?.current().tally);
		this.#pause = new AttemptPause(options, (status) => this.tracker.set(status));
		this.#options = options;
		this.#context = {
			session: bounded,
			tracker: this.tracker,
			venueWait: earlier ? earlier.#context.venueWait : new VenueWait(),
			limitsUsed,
			gate,
			options,
			phase,
		};
		this.#restarts = earlier ? earlier.#restarts : new TokenBucket(options.restarts);
		if (earlier) this.#lastCause = earlier.#lastCause;
	}

	/** The current status record, checked against the clocks and the session at the time of the call. */
	current(): StatusRecord {
		this.#context.gate.check();
		return this.tracker.current();
	}

	/** Why the working orders are not proven to be protected right now; undefined when they are. */
	notArmedReason(): string | undefined {
		const { gate } = this.#context;
		if (gate.isEnabled) gate.check();
		return this.tracker.notArmedReason();
	}

	/**
	 * Until when the session stays armed if nothing happens, on the monotonic clock; in the past when the session is not armed.
	 * For another thread, which cannot call {@link notArmedReason}.
	 */
	armedUntil(): number {
		if (this.notArmedReason() !== undefined) return Number.NEGATIVE_INFINITY;
		const monotonic = monotonicMs();
		const wall = this.#options.now();
		const { gate } = this.#context;
		return Math.min(this.tracker.provenUntil(monotonic, wall), monotonic + gate.healthyForMs(monotonic, wall));
	}

	/** Milliseconds until the venue allows a call again; 0 when it allows one now. */
	get venueWaitMs(): number {
		return this.#context.venueWait.remainingMs();
	}

	/** Until when the last acknowledged open or beat proves the session to be alive, on the monotonic clock. */
	provenUntil(): number {
		return this.tracker.provenUntil(monotonicMs(), this.#options.now());
	}

	/**
	 * Whether a stop was requested and the session may still be closing. `stop()` may have timed out before the close has
	 * ended.
	 */
	get isClosing(): boolean {
		return this.isStopRequested && this.#detach !== undefined;
	}

	/** Whether `stop()` has been called. */
	get isStopRequested(): boolean {
		return this.#stop.signal.aborted;
	}

	/** Whether the session is protected, for {@link Keeper.onUnprotected}. */
	protection(): ProtectionState {
		if (this.isStopRequested) return { state: "released" };
		// The usual case is checked first, because it needs no status record.
		if (this.notArmedReason() === undefined) return { state: "protected" };
		return protectionOf(this.current().status);
	}

	/**
	 * Claims the session for this `SessionLoop`, and attaches the session to the keeper.
	 *
	 * @returns false when this loop has already claimed the session.
	 * @throws KeeperError (claimed) while another keeper runs the session.
	 */
	claim(): boolean {
		if (this.#detach) return false;
		this.#detach = this.#context.session.attach({
			notArmedReason: () => this.notArmedReason(),
			limitsUsed: this.#context.limitsUsed,
			protectionChanged: () => this.tracker.recheck(),
			retry: () => {
				if (!this.isStopRequested && !this.#failed) this.retry();
			},
			logger: this.#options.logger ?? silentLogger,
		});
		return true;
	}

	/**
	 * How much of its limits (openings, connections, logins) the session has used. The next `SessionLoop` of the session, in
	 * another thread or process, continues counting from there.
	 */
	get limits(): SessionLimits {
		return limitsOf(this.#context, this.#restarts);
	}

	/**
	 * Continues counting from what an earlier `SessionLoop` of the session has used of its limits. To be called before
	 * {@link start}.
	 *
	 * @param wasKilled - true when the earlier process or worker was killed: it may have made one more attempt than it reported.
	 */
	inherit(limits: SessionLimits | "used-up", wasKilled: boolean): void {
		const inherited = inheritLimits(this.#context, this.#restarts, limits, wasKilled);
		if (!inherited) return;
		this.#lastCause = inherited.cause;
		if (inherited.pause) this.#pause.set(inherited.pause);
	}

	start(): void {
		if (this.#running) return;
		const { promise, resolve } = Promise.withResolvers<void>();
		// The promise is stored before anything is published, because a listener may start or stop the session.
		this.#running = promise;
		// An unexpected error in the session loop ends the session and is published, so that no session loop ends without notice.
		resolve(this.#run().catch((error) => this.#failForGood(error)));
	}

	/**
	 * Detaches the session from the keeper, so that another keeper, or a new session loop of this keeper, can run it. To be called
	 * once this session loop has ended.
	 */
	detach(): void {
		try {
			this.#detach?.();
		} catch (error) {
			this.#options.logger?.warn(`detaching ${this.#context.session.name} failed: ${causeOf(error).message}`);
		}
		this.#detach = undefined;
	}

	/**
	 * Ends a back-off, or the wait for a person, as soon as the limits of the venue, of the option `restarts` and of `retry`
	 * itself allow an attempt. Does nothing when the session is neither waiting nor blocked.
	 *
	 * @returns milliseconds until the attempt.
	 * @throws KeeperError (stopped) for a session that has stopped or is closing.
	 */
	retry(): number {
		const { session, venueWait } = this.#context;
		const { name } = session;
		if (this.isStopRequested || this.#failed) {
			throw new KeeperError("stopped", `retry() failed: ${name} has stopped. Use start().`, { session: name });
		}
		return this.#pause.shorten(this.#canSaveOrders ? 0 : this.#restarts.waitMs, venueWait.remainingMs());
	}

	/**
	 * Ends the session loop, then closes the session, within `ms` milliseconds. A second call returns the result of the first
	 * call, if that result comes within the `ms` of the second call.
	 */
	stop(orders: OrdersOnClose, ms: number = this.#options.stopTimeoutMs): Promise<Closed> {
		const stopping = this.#stopping;
		if (stopping) return this.#orUnknownAfter(ms, () => stopping);
		const { promise, resolve } = Promise.withResolvers<Closed>();
		// The promise is stored before anything is published, because a listener may stop the session as well.
		this.#stopping = promise;
		resolve(this.#stopNow(orders, ms));
		return promise;
	}

	async #stopNow(orders: OrdersOnClose, ms: number): Promise<Closed> {
		const deadline = monotonicMs() + ms;
		const reason = new Error("@x/keepalive: stopped on request");
		this.#stop.abort(reason);
		this.tracker.leaving(reason);
		const close = async (): Promise<Closed> => {
			// The session loop ends at once after the stop, unless it is still closing the session itself.
			await this.#running;
			return this.#failed ?? this.#close(orders, deadline - monotonicMs());
		};
		// The session stays claimed until its close has ended, even if that takes longer than `ms`. Otherwise the close could end a
		// session that another keeper has opened meanwhile.
		const closing = close().finally(() => this.#context.session.afterClose(() => this.detach()));
		const closed = await this.#orUnknownAfter(ms, () => closing);
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
	 * Runs until the session is stopped or fails for good. The waits are inside this function, because each additional async
	 * function per session would stay in memory between beats.
	 */
	async #run(): Promise<void> {
		const stop = this.#stop.signal;
		let { nextChange, unhealthyReason } = this.#followGate();
		while (!stop.aborted) {
			if ((unhealthyReason && this.#gating.isGated) || this.#gating.isEnding) {
				// The session is closed even if the program is healthy again by now, because the program was unhealthy for a time.
				await this.#closeWhileUnhealthy(unhealthyReason ?? nextChange.reason, stop);
				({ nextChange, unhealthyReason } = this.#followGate());
				continue;
			}
			this.#pauseForVenue();
			if (!this.#pause.isSet) {
				// The lead is taken after a pause, not before, because another process may take the lead during the pause.
				if (this.#context.session.hasLeader && !(await this.#becomeLeader(this.#gating.keepAlive))) continue;
				const restartWaitMs = this.#restarts.tryAcquire();
				// While an attempt can still save the working orders, the option `restarts` does not apply. The session itself obeys
				// the venue's limits.
				if (restartWaitMs > 0 && !this.#canSaveOrders) {
					this.#pause.set(restartLimitPause(restartWaitMs, this.#options, this.#lastCause));
				}
			}
			if (this.#pause.isSet) {
				await this.#pause.wait(this.#gating.keepAlive);
				continue;
			}
			const openBy = monotonicMs() + this.#options.openTimeoutMs;
			const { keepAlive } = this.#gating;
			const opened = await this.#open(keepAlive);
			if (keepAlive !== stop && !this.#gating.isGated) this.#followGate();
			const openedAt = monotonicMs();
			const ended =
				"end" in opened
					? opened
					: await new LeaseLoop(this.#context, opened, this.#gating.keepAlive, openBy - openedAt).run();
			// Once a stop was requested, only the stop publishes what becomes of the session.
			if (stop.aborted) return;
			// Only a session that was alive for long enough resets the back-off: a session that is lost right after every open
			// must be opened again less and less often.
			const wasStable = opened !== ended && monotonicMs() - openedAt >= this.#options.stableMs;
			if (wasStable) [this.#failures, this.#savingAttempts] = [0, 0];
			if (opened !== ended && ended.end === "lost") this.tracker.lost(ended.error, ended.kind);
			if (ended.end === "stopped") continue;
			const { error } = ended;
			this.#lastCause = causeOf(error);
			const disposition = dispositionOf(error);
			if (disposition.action === "fatal") return this.#failForGood(error);
			this.tracker.failed(error);
			this.#failures += 1;
			this.#failedOpens = opened === ended ? this.#failedOpens + 1 : 0;
			this.#canSaveOrders = disposition.action === "retry" && disposition.withinMs !== undefined;
			if (this.#canSaveOrders) this.#savingAttempts += 1;
			const failed = {
				disposition,
				wasStable,
				failures: this.#failures,
				failedOpens: this.#failedOpens,
				savingAttempts: this.#savingAttempts,
			};
			const venueMs = this.#context.venueWait.remainingMs();
			this.#pause.set(pauseAfter(failed, this.#lastCause, venueMs, this.#options));
		}
	}

	/** Makes the session loop follow the current state of the health gate. */
	#followGate(): Pick<HealthGate, "nextChange" | "unhealthyReason"> {
		const followed = this.#gating.follow();
		this.#pause.clearIfOver();
		return followed;
	}

	/**
	 * Sets a pause if a wait that the venue asked for has not ended: it applies to the next open as well. The venue may have asked
	 * for it in reply to a beat, before the health gate closed the session.
	 */
	#pauseForVenue(): void {
		const { venueWait } = this.#context;
		const { cause } = venueWait;
		const leftMs = venueWait.remainingMs();
		if (cause && leftMs >= timerToleranceMs && !this.#pause.isSet) this.#pause.set(venuePause(leftMs, cause));
	}

	/**
	 * Waits until this process may open the session.
	 *
	 * @returns false when the signal aborted or the wait failed: the session loop then has to check its state again.
	 */
	async #becomeLeader(keepAlive: AbortSignal): Promise<boolean> {
		const { session, options } = this.#context;
		let published: string | undefined;
		const onStandby = ({ leader, error }: StandbyReason): void => {
			const key = leader ? `${leader.epoch} ${leader.holder}` : "unknown";
			if (keepAlive.aborted || key === published) return;
			published = key;
			this.tracker.set({ state: "standby", ...(leader && { leader: copyLeader(leader) }), cause: causeOf(error) });
		};
		try {
			await session.becomeLeader(keepAlive, onStandby);
			return true;
		} catch (error) {
			if (!keepAlive.aborted) {
				onStandby({ error });
				await sleep(options.backoff.baseMs, keepAlive);
			}
			return false;
		}
	}

	/** Makes one attempt to open the session. */
	async #open(keepAlive: AbortSignal): Promise<WatchedResult<Lease> | LeaseEnd> {
		const { session, venueWait } = this.#context;
		const { stallMs, openTimeoutMs } = this.#options;
		this.tracker.opening(this.#failures + 1);
		try {
			const opened = await watchForStalls(this.#options, () => session.open(openTimeoutMs, keepAlive));
			// The result of an open during which the machine was suspended is discarded: it may be as old as the suspension was long.
			if (opened.suspendedMs > stallMs) throw stallError(session.name, opened.suspendedMs);
			return opened;
		} catch (error) {
			if (keepAlive.aborted) return { end: "stopped" };
			venueWait.record(error);
			return { end: "lost", error };
		}
	}

	/** Closes the session, so that the venue cancels the orders if it can, and resolves once the program is healthy again. */
	async #closeWhileUnhealthy(reason: unknown, stop: AbortSignal): Promise<void> {
		const { gate } = this.#context;
		this.tracker.leaving(reason);
		// The session is closed, because it would not be enough to stop sending beats: a client may still answer the venue's
		// own heartbeats.
		const closed = await this.#close("cancel", this.#options.closeTimeoutMs);
		if (stop.aborted) return;
		this.tracker.set({ state: "gated", cause: causeOf(reason), closed });
		while (gate.unhealthyReason && !stop.aborted) {
			await sleep(longestTimerMs, AbortSignal.any([stop, gate.nextChange]));
		}
	}

	/** Closes the session so that the venue cancels the orders, because no session loop watches over them any longer. */
	async #failForGood(error: unknown): Promise<void> {
		// After a call of `stop()`, that call closes the session with its own option `orders`.
		if (this.#stop.signal.aborted) return;
		this.tracker.leaving(error);
		const closed = await this.#close("cancel", this.#options.closeTimeoutMs);
		this.#failed = closed;
		this.#context.session.afterClose(() => this.detach());
		this.tracker.failed(error);
		this.tracker.set({ state: "stopped", why: "fatal", cause: causeOf(error), closed });
	}

	#close(orders: OrdersOnClose, ms: number): Promise<Closed> {
		return this.#context.session.close(orders, Math.min(ms, this.#options.closeTimeoutMs));
	}
}
