import { fractionOf } from "./seeded.ts";
import { type Entry, TimerQueue } from "./timer-queue.ts";
import type { World } from "./world.ts";

/**
 * One process on the machine. Once it has ended, nothing of it runs any more: its timers are gone, and whatever reaches it
 * from the network goes through {@link deliver}, which drops it.
 */
export class MachineProcess {
	readonly #deliver: (event: () => void) => void;
	#hasEnded = false;

	constructor(deliver: (event: () => void) => void) {
		this.#deliver = deliver;
	}

	get hasEnded(): boolean {
		return this.#hasEnded;
	}

	/** Runs a network event: now, or when the event loop runs again; never once the process has ended. */
	deliver(event: () => void): void {
		if (!this.#hasEnded) this.#deliver(event);
	}

	/** To be called by its machine. */
	end(): void {
		this.#hasEnded = true;
	}
}

/** The longest delay of a real timer. A longer one fires after 1 ms. */
const longestTimerMs = 2_147_483_647;

/**
 * The simulated machine that the clients run on, with clocks of its own.
 *
 * - `stall`: the event loop is blocked; afterwards due timers run, then network events, as in
 *   Node, or in the other order;
 * - `suspend`: the machine sleeps; the monotonic clock and timers stop, the wall clock does not;
 * - `step`: the wall clock is set;
 * - `powerOff`: everything that ran on it is gone at once.
 */
export class Machine {
	/** When the last stall, suspension or clock step ended. */
	disturbedAt = Number.NEGATIVE_INFINITY;
	/** When the last suspension began and ended. */
	suspendedFrom = Number.NEGATIVE_INFINITY;
	suspendedUntil = Number.NEGATIVE_INFINITY;
	/** When its wall clock was last set. */
	steppedAt = Number.NEGATIVE_INFINITY;
	readonly #world: World;
	readonly #epochMs: number;
	readonly #timers = new TimerQueue();
	#behindMs = 0;
	#stepMs = 0;
	#frozenUntil = 0;
	#process: MachineProcess;
	/** Whether network events run before due timers after this stall. */
	#networkEventsFirst = false;
	#delayedEvents: (() => void)[] = [];

	constructor(world: World, epochMs: number) {
		this.#world = world;
		this.#epochMs = epochMs;
		this.#process = this.#startProcess();
	}

	/** The process that runs on it, or the last one that did. */
	get process(): MachineProcess {
		return this.#process;
	}

	/** Whether the event loop is blocked or the machine suspended. */
	get isFrozen(): boolean {
		return this.#world.now < this.#frozenUntil;
	}

	/** How many timers are set. */
	get timers(): number {
		return this.#timers.size;
	}

	/** The monotonic clock, with fractions like a real one, by which timers may fire up to a millisecond early. */
	monotonicMs(): number {
		return this.#world.now + fractionOf(this.#world.now) - this.#behindMs;
	}

	/** Milliseconds since the start, without suspensions. */
	get awakeMs(): number {
		return this.#world.now - this.#behindMs;
	}

	/** The wall clock, in epoch milliseconds. */
	wallMs(): number {
		return this.#epochMs + this.#world.now + this.#stepMs;
	}

	/** By how many milliseconds the wall clock is ahead of the world's. */
	get aheadMs(): number {
		return this.#stepMs;
	}

	/** The world's wall clock, which is never set. */
	worldWallMs(): number {
		return this.#epochMs + this.#world.now;
	}

	/** Converts an instant of its wall clock to milliseconds since the start, as the clock is set now. */
	sinceStart(wallMs: number): number {
		return wallMs - this.#epochMs - this.#stepMs;
	}

	setTimer(run: () => void, ms: number): Entry {
		const delay = ms > longestTimerMs || !(ms >= 1) ? 1 : Math.trunc(ms);
		const entry = this.#timers.add(this.#world.now - this.#behindMs + delay, run);
		// What was about to run when the power went off still runs here; a real process does not.
		if (this.#process.hasEnded) this.#timers.cancel(entry);
		return entry;
	}

	clearTimer(entry: Entry): void {
		this.#timers.cancel(entry);
	}

	/** When its next timer fires, on the world's clock. */
	get next(): number {
		const due = this.#timers.next + this.#behindMs;
		return Math.max(due, this.#frozenUntil + (this.#networkEventsFirst ? 1 : 0));
	}

	/** Runs the timer that is due. */
	fire(): void {
		const run = this.#timers.take();
		if (run) this.#world.onMachine(run);
	}

	/** Runs an event in the process that runs now. Does nothing while none does. */
	deliver(event: () => void): void {
		this.#process.deliver(event);
	}

	/** Blocks the event loop for `ms`. */
	stall(ms: number, networkEventsFirst: boolean): void {
		this.#freeze(ms, networkEventsFirst);
	}

	/** Suspends the machine for `ms`. */
	suspend(ms: number): void {
		this.#behindMs += Math.ceil(ms);
		this.suspendedFrom = this.#world.now;
		this.suspendedUntil = this.#world.now + Math.ceil(ms);
		this.#freeze(ms, false);
	}

	/** Moves the wall clock by `ms`. */
	step(ms: number): void {
		this.#stepMs += Math.trunc(ms);
		this.disturbedAt = Math.max(this.disturbedAt, this.#world.now);
		this.steppedAt = this.#world.now;
		// What the clients say changes with it, although nothing runs.
		this.#world.wake();
	}

	/** Ends everything that runs on it. What starts next is another process. */
	powerOff(): void {
		this.#process.end();
		this.#frozenUntil = 0;
		this.suspendedUntil = Math.min(this.suspendedUntil, this.#world.now);
		this.disturbedAt = Math.min(this.disturbedAt, this.#world.now);
		this.#timers.clear();
		this.#delayedEvents = [];
		// What was about to run runs now, without effect, and not together with the next process.
		this.#world.wake();
	}

	/** To be called before anything is to run on it again. */
	powerOn(): void {
		if (this.#process.hasEnded) this.#process = this.#startProcess();
	}

	#startProcess(): MachineProcess {
		return new MachineProcess((event) => {
			if (this.isFrozen) this.#delayedEvents.push(event);
			else this.#world.onMachine(event);
		});
	}

	#freeze(ms: number, networkEventsFirst: boolean): void {
		const process = this.#process;
		this.#frozenUntil = this.#world.now + Math.ceil(ms);
		this.#networkEventsFirst = networkEventsFirst;
		this.disturbedAt = this.#frozenUntil;
		this.#world.after(ms, () => {
			if (!process.hasEnded) this.#runDelayedEvents();
		});
	}

	/** Runs the delayed network events one after the other, each with everything that follows from it. */
	#runDelayedEvents(): void {
		for (const event of this.#delayedEvents.splice(0)) {
			const process = this.#process;
			this.#world.after(0, () => {
				if (!process.hasEnded) this.#world.onMachine(event);
			});
		}
	}
}
