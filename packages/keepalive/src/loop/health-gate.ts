import { handleRejection } from "@x/base/call-safely";
import { monotonicMs, sleep } from "@x/base/clock";
import { sentence } from "@x/base/errors";
import { type Instant, instantNow } from "@x/base/instant";
import { causeOf } from "../status/status.ts";

/**
 * Ties the sessions to the health of your own program. While the program is unhealthy, every session with a protection is closed, so
 * that the venue cancels what it can. The session stays closed until the program is healthy again. A session whose protection is
 * `unsupported` stays open, because the venue would cancel nothing.
 *
 * If the program hangs, the venue cancels its orders within `hangMs`, a field of the status `alive`. It is the sum of:
 *
 * - `toleranceMs`;
 * - the time to close the session, at most `closeTimeoutMs`;
 * - the exposure: the longest time from the close to the venue's cancel.
 *
 * A blocked event loop and a suspended machine count as a hang. So does a wall clock that is set forward, because it looks like a
 * suspended machine. A session that the gate closes does not count as lost, unless its lease expired during the hang or the venue
 * ended it.
 */
export interface GateOptions {
	/**
	 * How long the program may go without a health signal (a call of `pulse()`, or `isHealthy` returning true), in milliseconds;
	 * at least 100.
	 */
	readonly toleranceMs: number;
	/**
	 * Called every `toleranceMs / 4`. Only `true` means healthy; anything else, even a promise, means unhealthy at once.
	 * Default: the program calls `keeper.pulse()` instead.
	 */
	readonly isHealthy?: () => boolean;
	/**
	 * Whether the program counts as healthy when the keeper starts. Default true: the program has `toleranceMs` for its first
	 * health signal. With false, no session is opened before the first health signal: for a program that may not be running
	 * yet, such as a bot in another process.
	 */
	readonly startsHealthy?: boolean;
}

/** A health gate for some of the sessions, such as the sessions of one strategy. */
export interface NamedGateOptions extends GateOptions {
	/** The name of the gate, of your choice. A program passes it to `keeper.pulse(name)`. */
	readonly name: string;
	/** The names of the sessions that this gate closes. A session belongs to at most one gate. */
	readonly sessions: readonly string[];
}

/** A call of `pulse()` that was recorded elsewhere, such as in another thread. */
export interface RemotePulse {
	readonly ageMs: number;
	/** True when this call came more than `toleranceMs` after the call of `pulse()` before it. */
	readonly wasLate: boolean;
}

/** Decides whether the program is healthy, from its calls of `pulse()` or from `isHealthy`. */
export class HealthGate {
	readonly #options: GateOptions | undefined;
	/** The part of a message that names this gate; empty for a gate without a name. */
	readonly #of: string;
	/** The beginning of a message that says that no health signal has arrived. */
	readonly #noSignal: string;
	readonly #stallMs: number;
	readonly #now: () => number;
	readonly #stopped = new AbortController();
	#nextChange = new AbortController();
	#unhealthyReason: Error | undefined;
	/** When the program last gave a health signal. */
	#lastSign: Instant = { monotonicMs: 0, wallMs: 0 };
	#isWatching = false;
	#readRemotePulse: (() => RemotePulse | undefined) | undefined;
	/** When the next check is due, on the monotonic clock. If the check comes later than that, the process has stalled. */
	#dueAt = Number.POSITIVE_INFINITY;

	/** @param options - the options of the gate. Undefined disables the gate: the program then always counts as healthy. */
	constructor(
		options: GateOptions | NamedGateOptions | undefined,
		{ now, stallMs }: { readonly now: () => number; readonly stallMs: number },
	) {
		this.#options = options;
		const name = options && "name" in options ? options.name : undefined;
		this.#of = name === undefined ? "" : ` of ${name}`;
		this.#noSignal = `no health signal from ${name ?? "the program"}`;
		this.#now = now;
		this.#stallMs = stallMs;
	}

	get isEnabled(): boolean {
		return this.#options !== undefined;
	}

	/** How long the program may go without a health signal, in milliseconds; undefined when the gate is disabled. */
	get toleranceMs(): number | undefined {
		return this.#options?.toleranceMs;
	}

	/**
	 * A signal that aborts at the next change: when the program becomes unhealthy, with the reason, or when it becomes healthy
	 * again. After each change there is a new signal.
	 */
	get nextChange(): AbortSignal {
		return this.#nextChange.signal;
	}

	/** Why the program is unhealthy; undefined while it is healthy. */
	get unhealthyReason(): Error | undefined {
		return this.#unhealthyReason;
	}

	/** Starts watching the program's health. The start counts as a health signal, unless the option `startsHealthy` is false. */
	start(): void {
		if (!this.#options || this.#isWatching) return;
		this.#isWatching = true;
		this.#recordSign();
		if (this.#options.startsHealthy === false) this.#setUnhealthy(`${this.#noSignal} since the start`);
		void this.#watch(this.#options);
	}

	/** Stops watching the program's health, because a program that shuts down no longer calls `pulse()`. */
	stop(): void {
		this.#stopped.abort();
	}

	/**
	 * Records that the program is healthy.
	 *
	 * @param ageMs - how many milliseconds ago the program was healthy.
	 * @throws Error when the gate uses `isHealthy` or is disabled: a caller that relies on `pulse()` must notice.
	 */
	pulse(ageMs = 0): void {
		if (!this.#options || this.#options.isHealthy) {
			throw new Error("@x/keepalive: pulse() works only if the option gate is set and has no isHealthy");
		}
		// The check comes first, because a late `pulse()` must not hide that the program was unhealthy before.
		this.check();
		const { monotonicMs: monotonic, wallMs: wall } = instantNow(this.#now);
		this.#takePulse({ ageMs, wasLate: false }, this.#options.toleranceMs, monotonic, wall);
	}

	/**
	 * Makes the gate use calls of `pulse()` that are recorded elsewhere. `read` is called at every check, and returns the latest
	 * recorded call if there was one since `read` was called last.
	 */
	followPulses(read: () => RemotePulse | undefined): void {
		this.#readRemotePulse = read;
	}

	/** For how many milliseconds from now the program counts as healthy without another health signal. */
	healthyForMs(monotonic: number, wall: number): number {
		if (!this.#options || !this.#isWatching || this.#stopped.signal.aborted) return Number.POSITIVE_INFINITY;
		return this.#unhealthyReason ? 0 : this.#options.toleranceMs - this.#silentMs(monotonic, wall);
	}

	/**
	 * Checks whether the last health signal is too old. Called before anything that keeps a session alive, because after a
	 * blocked event loop a beat can be due before the timer of this gate has fired.
	 */
	check(monotonic = monotonicMs(), wall = this.#now()): void {
		if (!this.#options || !this.#isWatching || this.#stopped.signal.aborted) return;
		const { toleranceMs } = this.#options;
		const pulse = this.#readRemotePulse?.();
		if (pulse) this.#takePulse(pulse, toleranceMs, monotonic, wall);
		if (this.#unhealthyReason) return;
		const awakeMs = monotonic - this.#lastSign.monotonicMs;
		const silentMs = this.#silentMs(monotonic, wall);
		if (silentMs < toleranceMs) return;
		const stalledMs = Math.max(monotonic - this.#dueAt, silentMs - awakeMs);
		const stall = stalledMs > this.#stallMs ? "; this process or machine stalled meanwhile" : "";
		this.#setUnhealthy(`${this.#noSignal} for ${Math.round(silentMs)} ms (limit ${toleranceMs} ms)${stall}`);
	}

	async #watch({ toleranceMs, isHealthy }: GateOptions): Promise<void> {
		const { signal } = this.#stopped;
		while (!signal.aborted) {
			this.check();
			if (isHealthy) this.#poll(isHealthy);
			const mustPoll = isHealthy !== undefined || this.#unhealthyReason !== undefined;
			const waitMs = mustPoll ? toleranceMs / 4 : this.#lastSign.monotonicMs + toleranceMs - monotonicMs();
			this.#dueAt = monotonicMs() + waitMs;
			// While the program is unhealthy, a `pulse()` ends this wait, so that the next check is planned from that health signal.
			// The signal may already be old when it arrives, so it could become older than `toleranceMs` during this wait.
			await sleep(waitMs, this.#unhealthyReason ? AbortSignal.any([signal, this.nextChange]) : signal);
		}
	}

	#poll(isHealthy: () => unknown): void {
		try {
			const answer = isHealthy();
			// If the answer is a promise, its rejection is ignored: any promise makes the program unhealthy, see below.
			handleRejection(answer);
			if (answer === true) this.#recordSign();
			else if (answer === false) this.#setUnhealthy(`gate.isHealthy()${this.#of} returned false`);
			else
				this.#setUnhealthy(
					`gate.isHealthy()${this.#of} returned a value of type ${typeof answer} (only true means healthy)`,
				);
		} catch (error) {
			this.#setUnhealthy(`gate.isHealthy()${this.#of} threw: ${causeOf(error).message}`);
		}
	}

	#takePulse({ ageMs, wasLate }: RemotePulse, toleranceMs: number, monotonic: number, wall: number): void {
		if (wasLate) this.#setUnhealthy(`${this.#noSignal} for longer than ${toleranceMs} ms`);
		const at = { monotonicMs: monotonic - ageMs, wallMs: wall - ageMs };
		// While the program is healthy, a `pulse()` that is older than the last health signal has no effect. While it is unhealthy,
		// every `pulse()` that is recent enough makes it healthy.
		const isNews = this.#unhealthyReason !== undefined || at.monotonicMs > this.#lastSign.monotonicMs;
		if (ageMs < toleranceMs && isNews) this.#recordSign(at);
	}

	/**
	 * Milliseconds since the last health signal, by the clock that advanced further. The wall clock includes the time in which
	 * the machine was suspended.
	 */
	#silentMs(monotonic: number, wall: number): number {
		return Math.max(monotonic - this.#lastSign.monotonicMs, wall - this.#lastSign.wallMs);
	}

	#recordSign(at = instantNow(this.#now)): void {
		this.#lastSign = at;
		if (!this.#unhealthyReason) return;
		this.#unhealthyReason = undefined;
		this.#announceChange();
	}

	#setUnhealthy(reason: string): void {
		if (this.#unhealthyReason) return;
		this.#unhealthyReason = new Error(sentence(`@x/keepalive: ${reason}`));
		this.#unhealthyReason.name = "Gate";
		this.#announceChange(this.#unhealthyReason);
	}

	#announceChange(reason?: Error): void {
		const change = this.#nextChange;
		this.#nextChange = new AbortController();
		change.abort(reason);
	}
}
