import { AsyncLocalStorage } from "node:async_hooks";
import type { EventLoop } from "./event-loop.ts";
import { Machine } from "./machine.ts";
import { TimerQueue } from "./timer-queue.ts";

/** The platform's real `setImmediate`, kept before the clocks are replaced. */
const realImmediate = setImmediate;

/**
 * How many callbacks of `setImmediate` (turns) are requested at once. Between two of them, every promise settles and every rejection is
 * reported, as between two rounds of the event loop. A round costs a system call, so many turns share one round.
 */
const turnsAtOnce = 64;

/** If more events than this run in one simulated millisecond, something loops without a wait. */
const mostAtOnce = 20_000;

/** A venue, with a flag that says whether its code has run since the last check. If so, its state must be checked again. */
export interface Territory {
	/** Whether code of the venue ran since the last check. */
	touched: boolean;
}

/**
 * Simulated time: one queue of the events at the venues, on the network and on the machine that the clients run on.
 *
 * Nothing waits for real time. After each event on the machine, everything that became ready runs to its
 * end before the next event, so the same seed gives the same order of events.
 */
export class World {
	/** Milliseconds since the start; whole numbers. */
	now = 0;
	/** How many events have run, on the machine, the network and the venues. */
	events = 0;
	readonly machine: Machine;
	/** Called when simulated time has advanced, before the next event runs. */
	onAdvanced: () => void = () => undefined;
	/** Called when everything that was ready has run. @param hasRun - whether code on the machine has run, or the machine's clock was set. */
	onSettled: (hasRun: boolean) => void = () => undefined;
	/** Called with the error that a callback on the machine has thrown. In a real process, that error would end the process. */
	onCrash: (error: unknown) => void = () => undefined;
	/**
	 * Stores the event loop on which the running code, and all code that follows from it, runs. Undefined if there is only one event loop.
	 */
	#threads: AsyncLocalStorage<EventLoop> | undefined;
	readonly #agenda = new TimerQueue();
	#inside: Territory | undefined;
	#woken = false;
	#isRunning = false;
	/** How many requested turns have not run yet. */
	#turnsDue = 0;
	#until = 0;
	#done: (error?: Error) => void = () => undefined;
	/** How many events have run since time last advanced. */
	#atOnce = 0;

	/** @param epochMs - the wall clock at the start. */
	constructor(epochMs: number) {
		this.machine = new Machine(this, epochMs);
	}

	/** The venue whose code runs now, if any. */
	get inside(): Territory | undefined {
		return this.#inside;
	}

	/** Runs `action` after `ms`, rounded up. The returned function cancels it. */
	after(ms: number, action: () => void): () => void {
		const entry = this.#agenda.add(this.now + Math.max(0, Math.ceil(ms)), action);
		return () => this.#agenda.cancel(entry);
	}

	/** Runs code of a venue. The code sees the world's clock and timers. */
	visit<T>(territory: Territory, action: () => T): T {
		territory.touched = true;
		return this.peek(territory, action);
	}

	/** Runs code of a venue that only reads its state. */
	peek<T>(territory: Territory, action: () => T): T {
		const outer = this.#inside;
		this.#inside = territory;
		try {
			return action();
		} finally {
			this.#inside = outer;
		}
	}

	/** Caches the result of the function until the next event, because invariants read the same state several times in one check. */
	remembered<T>(compute: () => T): () => T {
		let at = -1;
		let known: T;
		return () => {
			if (at !== this.events) known = compute();
			at = this.events;
			return known;
		};
	}

	/** Gives the program its own event loop. The sessions keep the existing one. */
	useThreads(): void {
		this.#threads = new AsyncLocalStorage();
	}

	/** Whether the program has an event loop of its own. */
	get hasThreads(): boolean {
		return this.#threads !== undefined;
	}

	/** The event loop of the running code. */
	get loop(): EventLoop {
		return this.#threads?.getStore() ?? this.machine.loop;
	}

	/** Runs code with the clocks and timers of an event loop. */
	enter<T>(loop: EventLoop, action: () => T): T {
		return this.#threads ? this.#threads.run(loop, action) : action();
	}

	/** Runs code on an event loop. If the code throws, its error goes to `onCrash`. */
	onLoop(loop: EventLoop, action: () => void): void {
		this.#woken = true;
		try {
			this.enter(loop, action);
		} catch (error) {
			this.onCrash(error);
		}
	}

	/** Runs all events up to a time. */
	run(until: number): Promise<void> {
		this.#until = until;
		this.#isRunning = true;
		return new Promise((resolve, reject) => {
			this.#done = (error) => {
				this.#isRunning = false;
				if (error) reject(error);
				else resolve();
			};
			this.#requestTurns();
		});
	}

	/** To be called when code on the machine may be ready to run. */
	wake(): void {
		this.#woken = true;
	}

	#requestTurns(): void {
		for (; this.#turnsDue < turnsAtOnce; this.#turnsDue += 1) realImmediate(this.#nextTurn);
	}

	/** Runs as one macrotask. Before the next macrotask, every promise that can settle has settled. */
	readonly #nextTurn = (): void => {
		this.#turnsDue -= 1;
		if (!this.#isRunning) return;
		this.#turn();
		if (this.#isRunning && this.#turnsDue === 0) this.#requestTurns();
	};

	#turn(): void {
		this.#woken = false;
		this.onSettled(true);
		while (!this.#woken) {
			const machines = this.machine.next;
			const own = this.#agenda.next;
			const at = Math.min(machines, own);
			if (at > this.#until) {
				this.now = Math.max(this.now, this.#until);
				this.#done();
				return;
			}
			if (at > this.now) {
				this.#atOnce = 0;
				this.now = at;
				this.onAdvanced();
				if (this.#woken) break;
			}
			this.#atOnce += 1;
			if (this.#atOnce > mostAtOnce) {
				this.#done(
					new Error(
						`simulated time does not advance at ${this.now} ms: more than ${mostAtOnce} events ran in one millisecond, so some code loops without a wait`,
					),
				);
				return;
			}
			this.events += 1;
			// Due timers run before network events, as in Node.js.
			if (machines <= own) this.machine.fire();
			else this.#agenda.take()?.();
			if (!this.#woken) this.onSettled(false);
		}
	}
}
