import { invalid, known, requireMs } from "../checks.ts";
import { causeOf } from "../status/status.ts";
import { monotonicMs, sleep } from "../time.ts";

/**
 * How a program hands in its own health. While it is sick, every session is left so that the venue cancels what it can,
 * and none is opened; once it is well again they are opened anew.
 *
 * So a program that hangs has its orders cancelled `toleranceMs` and the exposure after its last sign of health, and what
 * leaving takes in between (`closeTimeoutMs` at most): `hangMs` in the status `alive`. A time in which the event loop was
 * blocked or the machine slept counts as a hang, because it was one; a wall clock that is set forward looks like a sleep.
 */
export interface GateOptions {
	/** For how long the program may give no sign of health, in milliseconds, 100 or more. */
	readonly toleranceMs: number;
	/**
	 * Asked four times in each tolerance. `true` is a sign of health; anything else, a promise too, means sick at once.
	 * Without it `pulse()` of the keeper is the sign.
	 */
	readonly healthy?: () => boolean;
}

/** The shortest tolerance: below it the jitter of a busy event loop would cancel orders. */
const leastToleranceMs = 100;

interface Clock {
	readonly now: () => number;
	readonly stallMs: number;
}

/** Judges the health of the program that the keeper works for. */
export class Gate {
	readonly #options: GateOptions | undefined;
	readonly #clock: Clock;
	readonly #over = new AbortController();
	#phase = new AbortController();
	#sickness: Error | undefined;
	/** The last sign of health, by both clocks. */
	#seen = { monotonic: 0, wall: 0 };
	#isWatching = false;
	/** By the monotonic clock: when this looks again, unless our own process stands still. */
	#dueAt = Number.POSITIVE_INFINITY;

	constructor(options: GateOptions | undefined, clock: Clock) {
		this.#options = options;
		this.#clock = clock;
	}

	/** Whether there is anything to judge; without, no phase ever ends. */
	get isSet(): boolean {
		return this.#options !== undefined;
	}

	/** Aborts when a well program turns sick, with the reason, and when a sick one is well again. */
	get phase(): AbortSignal {
		return this.#phase.signal;
	}

	/** Why nothing may be kept alive; undefined while the program is well. */
	get sickness(): Error | undefined {
		return this.#sickness;
	}

	/** Begins to watch. The beginning counts as a sign of health. */
	start(): void {
		if (!this.#options || this.#isWatching) return;
		this.#isWatching = true;
		this.#sign();
		void this.#watch(this.#options);
	}

	/** Ends the watch: a program that is being stopped does not pulse. */
	stop(): void {
		this.#over.abort();
	}

	/** @throws Error when no pulse is waited for: who relies on it has to learn that nobody does. */
	pulse(): void {
		if (!this.#options || this.#options.healthy) {
			throw new Error("@x/keepalive: pulse() needs the option gate, without healthy");
		}
		// First, so that a silence that was too long is not made good by the pulse that ends it.
		this.judge();
		this.#sign();
	}

	/**
	 * Decides by the clocks alone. To be called before anything is done that keeps a session alive: after the event loop
	 * was blocked the beat may be due before this one's own timer, or before the pulse that is due as well.
	 */
	judge(monotonic = monotonicMs(), wall = this.#clock.now()): void {
		if (!this.#options || !this.#isWatching || this.#sickness || this.#over.signal.aborted) return;
		const awakeMs = monotonic - this.#seen.monotonic;
		// The wall clock too: a machine that slept let its orders alone as well.
		const silentMs = Math.max(awakeMs, wall - this.#seen.wall);
		const { toleranceMs } = this.#options;
		if (silentMs < toleranceMs) return;
		const stoodStillMs = Math.max(monotonic - this.#dueAt, silentMs - awakeMs);
		const why = stoodStillMs > this.#clock.stallMs ? "; this process or machine stood still meanwhile" : "";
		this.#fall(`the program gave no sign of health for ${Math.round(silentMs)} ms, ${toleranceMs} are allowed${why}`);
	}

	async #watch(options: GateOptions): Promise<void> {
		const { signal } = this.#over;
		while (!signal.aborted) {
			this.judge();
			if (options.healthy) this.#ask(options.healthy);
			const { toleranceMs } = options;
			const often = options.healthy !== undefined || this.#sickness !== undefined;
			const waitMs = often ? toleranceMs / 4 : this.#seen.monotonic + toleranceMs - monotonicMs();
			this.#dueAt = monotonicMs() + waitMs;
			await sleep(waitMs, signal);
		}
	}

	#ask(healthy: () => unknown): void {
		try {
			const said = healthy();
			if (said === true) this.#sign();
			else
				this.#fall(
					said === false ? "the program says that it is sick" : `healthy() gave a ${typeof said}; only true means well`,
				);
		} catch (error) {
			this.#fall(`healthy() threw: ${causeOf(error).message}`);
		}
	}

	#sign(): void {
		this.#seen = { monotonic: monotonicMs(), wall: this.#clock.now() };
		if (!this.#sickness) return;
		this.#sickness = undefined;
		this.#turn();
	}

	#fall(why: string): void {
		if (this.#sickness) return;
		this.#sickness = new Error(`@x/keepalive: ${why}`);
		this.#sickness.name = "Gate";
		this.#turn(this.#sickness);
	}

	#turn(reason?: Error): void {
		const ended = this.#phase;
		this.#phase = new AbortController();
		ended.abort(reason);
	}
}

/** @throws TypeError that names the member. */
export function requireGate(gate: GateOptions): GateOptions {
	const { toleranceMs, healthy } = known("option gate", gate, { toleranceMs: 0, healthy: 0 });
	requireMs("option gate.toleranceMs", toleranceMs);
	if (toleranceMs < leastToleranceMs) {
		throw invalid("option gate.toleranceMs", toleranceMs, `${leastToleranceMs} or more`);
	}
	if (healthy === undefined) return { toleranceMs };
	if (typeof healthy !== "function") throw invalid("option gate.healthy", healthy, "a function");
	return { toleranceMs, healthy };
}
