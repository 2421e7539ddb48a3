import { EventLoop, type MachineProcess } from "./event-loop.ts";
import type { Entry } from "./timer-queue.ts";
import type { World } from "./world.ts";

/**
 * The simulated machine that the clients run on, with clocks of its own. These faults can happen to it:
 *
 * - `stall`: the process is blocked. Afterwards, due timers run before delayed network events, as in Node.js, or after them.
 * - `block`: only the thread of the sessions is blocked, if the sessions have a thread of their own.
 * - `suspend`: the machine is suspended. The monotonic clock and the timers stop, the wall clock does not.
 * - `step`: the wall clock is set.
 * - `powerOff`: every process on the machine ends at once.
 */
export class Machine {
	/** The event loop on which the sessions run. */
	readonly loop: EventLoop;
	/** The event loop of the program. If the sessions run in a worker, the program has a separate event loop. */
	readonly program: EventLoop;
	/** When the last stall, suspension or clock step ended, in milliseconds since the start. */
	disturbedAt = Number.NEGATIVE_INFINITY;
	/** When the last suspension began and when it ended, in milliseconds since the start. */
	suspendedFrom = Number.NEGATIVE_INFINITY;
	suspendedUntil = Number.NEGATIVE_INFINITY;
	/** When the machine's wall clock was last set, in milliseconds since the start. */
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

	/** The process in which the sessions run, or ran last. If the sessions run in a worker, this is the worker. */
	get process(): MachineProcess {
		return this.loop.process;
	}

	/** Whether the event loop of the sessions is blocked or the machine suspended. */
	get isFrozen(): boolean {
		return this.loop.isFrozen;
	}

	/** Whether the machine is suspended, so that no process on it runs. */
	get isSuspended(): boolean {
		return this.#world.now < this.suspendedUntil;
	}

	/** How many timers the sessions and their keeper have set. */
	get timers(): number {
		return this.loop.timers;
	}

	/** For how many milliseconds since the start the machine was awake, which means not suspended. */
	get awakeMs(): number {
		return this.#world.now - this.#behindMs;
	}

	/** The wall clock, in epoch milliseconds. */
	wallMs(): number {
		return this.#epochMs + this.#world.now + this.#stepMs;
	}

	/** By how many milliseconds the machine's wall clock is ahead of the world's. */
	get aheadMs(): number {
		return this.#stepMs;
	}

	/** The world's wall clock, which is never set. */
	worldWallMs(): number {
		return this.#epochMs + this.#world.now;
	}

	/** Converts a time of the machine's wall clock to milliseconds since the start, given how that clock is set now. */
	sinceStart(wallMs: number): number {
		return wallMs - this.#epochMs - this.#stepMs;
	}

	setTimer(run: () => void, ms: number): Entry {
		return this.loop.setTimer(run, ms);
	}

	clearTimer(entry: Entry): void {
		this.loop.clearTimer(entry);
	}

	/** When the machine's next timer fires, on the world's clock. */
	get next(): number {
		return this.#world.hasThreads ? Math.min(this.loop.next, this.program.next) : this.loop.next;
	}

	/** Runs the timer that is due. */
	fire(): void {
		if (this.#world.hasThreads && this.program.next < this.loop.next) this.program.fire();
		else this.loop.fire();
	}

	/** Runs an event in the present process of the sessions. Does nothing while no process runs. */
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

	/** Moves the machine's wall clock by `ms`, which may be negative. */
	step(ms: number): void {
		this.#stepMs += Math.trunc(ms);
		this.disturbedAt = Math.max(this.disturbedAt, this.#world.now);
		this.steppedAt = this.#world.now;
		// Setting the clock may change the answers of the clients, although no code runs.
		this.#world.wake();
	}

	/** Ends every process on the machine. New processes can run after `powerOn()`. */
	powerOff(): void {
		this.endSessions();
		this.suspendedUntil = Math.min(this.suspendedUntil, this.#world.now);
		if (this.#world.hasThreads) this.program.powerOff();
	}

	/** Ends the process or worker in which the sessions run, and no other. */
	endSessions(): void {
		this.loop.powerOff();
		this.disturbedAt = Math.min(this.disturbedAt, this.#world.now);
	}

	/** Creates a new process in place of each process that has ended. To be called before code of the new processes runs. */
	powerOn(): void {
		this.loop.powerOn();
		if (this.#world.hasThreads) this.program.powerOn();
	}
}
