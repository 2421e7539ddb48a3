import { fractionOf } from "./seeded-random.ts";
import { type Entry, TimerQueue } from "./timer-queue.ts";
import type { World } from "./world.ts";

/**
 * One process on the machine, or one thread of a process. After its end none of its code runs: its timers are gone, and {@link deliver}
 * drops every event from outside.
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

	/** Runs an event from outside: immediately, or when the event loop is no longer blocked; never if the process has ended. */
	deliver(event: () => void): void {
		if (!this.#hasEnded) this.#deliver(event);
	}

	/** Ends the process. To be called by its event loop. */
	end(): void {
		this.#hasEnded = true;
	}
}

/** The longest delay of a real timer. A timer with a longer delay fires after 1 ms. */
const longestTimerMs = 2_147_483_647;

/** An event loop with its timers. A machine can have several event loops, each on its own thread. */
export class EventLoop {
	/** By how many milliseconds the loop's monotonic clock is ahead of the machine's. Some runtimes start this clock anew in each thread. */
	clockAheadMs = 0;
	readonly #world: World;
	/** For how many milliseconds the machine was suspended so far. */
	readonly #behindMs: () => number;
	readonly #timers = new TimerQueue();
	#frozenUntil = 0;
	#process: MachineProcess;
	/** Whether events from outside run before due timers when the loop is no longer blocked. */
	#networkEventsFirst = false;
	#delayedEvents: (() => void)[] = [];

	constructor(world: World, behindMs: () => number) {
		this.#world = world;
		this.#behindMs = behindMs;
		this.#process = this.#startProcess();
	}

	/** The process that runs on this loop, or, while no process runs, the last process. */
	get process(): MachineProcess {
		return this.#process;
	}

	/** Whether the loop is blocked, or the machine suspended. */
	get isFrozen(): boolean {
		return this.#world.now < this.#frozenUntil;
	}

	/** Until when the loop is blocked, or the machine suspended. */
	get frozenUntil(): number {
		return this.#frozenUntil;
	}

	/** How many timers are set. */
	get timers(): number {
		return this.#timers.size;
	}

	/** The monotonic clock. Like a real one, it has fractions of milliseconds, so a timer may fire up to a millisecond early. */
	monotonicMs(): number {
		return this.#world.now + fractionOf(this.#world.now) - this.#behindMs() + this.clockAheadMs;
	}

	setTimer(run: () => void, ms: number): Entry {
		const delay = ms > longestTimerMs || !(ms >= 1) ? 1 : Math.trunc(ms);
		const entry = this.#timers.add(this.#world.now - this.#behindMs() + delay, run);
		// Unlike in a real process, code that was about to run when the process ended still runs here. The timers that it sets are cancelled.
		if (this.#process.hasEnded) this.#timers.cancel(entry);
		return entry;
	}

	clearTimer(entry: Entry): void {
		this.#timers.cancel(entry);
	}

	/** When the next timer fires, in milliseconds on the world's clock. */
	get next(): number {
		const due = this.#timers.next + this.#behindMs();
		return Math.max(due, this.#frozenUntil + (this.#networkEventsFirst ? 1 : 0));
	}

	/** Runs the timer that is due. */
	fire(): void {
		const run = this.#timers.take();
		if (run) this.#world.onLoop(this, run);
	}

	/** Runs an event in the present process. Does nothing while no process runs. */
	deliver(event: () => void): void {
		this.#process.deliver(event);
	}

	/** Blocks the event loop for `ms`. `networkEventsFirst`: whether events from outside run before due timers afterwards. */
	freeze(ms: number, networkEventsFirst: boolean): void {
		const process = this.#process;
		this.#frozenUntil = Math.max(this.#frozenUntil, this.#world.now + Math.ceil(ms));
		this.#networkEventsFirst = networkEventsFirst;
		this.#world.after(ms, () => {
			if (!process.hasEnded && !this.isFrozen) this.#runDelayedEvents();
		});
	}

	/** Ends the process that runs on this loop. */
	powerOff(): void {
		this.#process.end();
		this.#frozenUntil = 0;
		this.#timers.clear();
		this.#delayedEvents = [];
		// Code of the ended process may be ready to run. It runs now, without any effect, so that it does not run in the next process.
		this.#world.wake();
	}

	/** Creates the next process on this loop, if the previous one has ended. To be called before code of the next process runs. */
	powerOn(): void {
		if (this.#process.hasEnded) this.#process = this.#startProcess();
	}

	#startProcess(): MachineProcess {
		return new MachineProcess((event) => {
			if (this.isFrozen) this.#delayedEvents.push(event);
			else this.#world.onLoop(this, event);
		});
	}

	/** Runs the events that were delayed by a block one after the other, each together with all code that it makes ready. */
	#runDelayedEvents(): void {
		for (const event of this.#delayedEvents.splice(0)) {
			const process = this.#process;
			this.#world.after(0, () => {
				if (!process.hasEnded) this.#world.onLoop(this, event);
			});
		}
	}
}
