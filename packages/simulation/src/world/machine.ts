import { EventLoop, type MachineProcess } from "./event-loop.ts";
import type { Entry } from "./timer-queue.ts";
import type { World } from "./world.ts";

/**
 * The simulated machine that the clients run on, with clocks of its own.
 *
 * - `stall`: the process is blocked; afterwards due timers run, then network events, as in
 *   Node, or in the other order;
 * - `block`: only the thread of the sessions is, where it is one of its own;
 * - `suspend`: the machine sleeps; the monotonic clock and timers stop, the wall clock does not;
 * - `step`: the wall clock is set;
 * - `powerOff`: everything that ran on it is gone at once.
 */
export class Machine {
	/** The event loop that the sessions run on. */
	readonly loop: EventLoop;
	/** The event loop of the program, where the sessions run in a worker. */
	readonly program: EventLoop;
	/** When the last stall, suspension or clock step ended. */
	disturbedAt = Number.NEGATIVE_INFINITY;
	/** When the last suspension began and ended. */
	suspendedFrom = Number.NEGATIVE_INFINITY;
	suspendedUntil = Number.NEGATIVE_INFINITY;
	/** When its wall clock was last set. */
	steppedAt = Number.NEGATIVE_INFINITY;
	readonly #world: World;
	readonly #epochMs: number;
	#behindMs = 0;
	#stepMs = 0;

	constructor(world: World, epochMs: number) {
		this.#world = world;
		this.#epochMs = epochMs;
		this.loop = new EventLoop(world, () => this.#behindMs);
		this.program = new EventLoop(world, () => this.#behindMs);
	}

	/** The process that runs on it, or the last one that did; where the sessions run in a worker, that worker. */
	get process(): MachineProcess {
		return this.loop.process;
	}

	/** Whether the event loop of the sessions is blocked or the machine suspended. */
	get isFrozen(): boolean {
		return this.loop.isFrozen;
	}

	/** How many timers the sessions and their keeper have set. */
	get timers(): number {
		return this.loop.timers;
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
		return this.loop.setTimer(run, ms);
	}

	clearTimer(entry: Entry): void {
		this.loop.clearTimer(entry);
	}

	/** When its next timer fires, on the world's clock. */
	get next(): number {
		return this.#world.hasThreads ? Math.min(this.loop.next, this.program.next) : this.loop.next;
	}

	/** Runs the timer that is due. */
	fire(): void {
		if (this.#world.hasThreads && this.program.next < this.loop.next) this.program.fire();
		else this.loop.fire();
	}

	/** Runs an event in the process that runs now. Does nothing while none does. */
	deliver(event: () => void): void {
		this.loop.deliver(event);
	}

	/** Blocks every event loop for `ms`. */
	stall(ms: number, networkEventsFirst: boolean): void {
		this.block(ms, networkEventsFirst);
		if (this.#world.hasThreads) this.program.freeze(ms, networkEventsFirst);
	}

	/** Blocks the event loop of the sessions for `ms`. */
	block(ms: number, networkEventsFirst: boolean): void {
		this.loop.freeze(ms, networkEventsFirst);
		this.disturbedAt = this.loop.frozenUntil;
	}

	/** Suspends the machine for `ms`. */
	suspend(ms: number): void {
		this.#behindMs += Math.ceil(ms);
		this.suspendedFrom = this.#world.now;
		this.suspendedUntil = this.#world.now + Math.ceil(ms);
		this.stall(ms, false);
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
		this.endSessions();
		this.suspendedUntil = Math.min(this.suspendedUntil, this.#world.now);
		if (this.#world.hasThreads) this.program.powerOff();
	}

	/** Ends what runs on the event loop of the sessions, and only that. */
	endSessions(): void {
		this.loop.powerOff();
		this.disturbedAt = Math.min(this.disturbedAt, this.#world.now);
	}

	/** To be called before anything is to run on it again. */
	powerOn(): void {
		this.loop.powerOn();
		if (this.#world.hasThreads) this.program.powerOn();
	}
}
