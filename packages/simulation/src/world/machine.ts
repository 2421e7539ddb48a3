import { fractionOf } from "./seeded.ts";
import { type Entry, TimerQueue } from "./timer-queue.ts";
import type { World } from "./world.ts";

/** The longest delay a real timer takes; a longer one fires after 1 ms. */
const longestTimerMs = 2_147_483_647;

/**
 * The machine the clients run on, with clocks of its own.
 *
 * - `stall`: its event loop stands still; afterwards the timers that fell due run, then what the network brought, as in
 *   Node, or the other way round;
 * - `suspend`: it sleeps; its monotonic clock and timers stand still, the wall clock does not;
 * - `step`: somebody sets its wall clock;
 * - `powerOff`: all that ran on it is gone at once.
 */
export class Machine {
	/** How often it was started anew. */
	incarnation = 0;
	/** When its clocks were last disturbed: a stall, a sleep or a step. */
	disturbedAt = Number.NEGATIVE_INFINITY;
	/** When it last began to sleep, and woke. */
	suspendedFrom = Number.NEGATIVE_INFINITY;
	suspendedUntil = Number.NEGATIVE_INFINITY;
	/** When its wall clock was last set. */
	steppedAt = Number.NEGATIVE_INFINITY;
	readonly #world: World;
	readonly #epochMs: number;
	readonly #timers = new TimerQueue();
	#behindMs = 0;
	#stepMs = 0;
	#stillUntil = 0;
	/** Of a stall, whether the network's news come before the timers. */
	#newsFirst = false;
	#arrived: (() => void)[] = [];

	constructor(world: World, epochMs: number) {
		this.#world = world;
		this.#epochMs = epochMs;
	}

	/** Whether its event loop stands still. */
	get isFrozen(): boolean {
		return this.#world.now < this.#stillUntil;
	}

	/** Timers that are set. */
	get timers(): number {
		return this.#timers.size;
	}

	/** The monotonic clock, with a fraction as a real one has: timers seem to fire up to a millisecond early by it. */
	monotonicMs(): number {
		return this.#world.now + fractionOf(this.#world.now) - this.#behindMs;
	}

	/** Milliseconds for which it did not sleep since the start. */
	get awakeMs(): number {
		return this.#world.now - this.#behindMs;
	}

	/** The wall clock, in epoch milliseconds. */
	wallMs(): number {
		return this.#epochMs + this.#world.now + this.#stepMs;
	}

	/** By how much its wall clock is set ahead of the world's. */
	get aheadMs(): number {
		return this.#stepMs;
	}

	/** The world's wall clock, which nobody sets. */
	worldWallMs(): number {
		return this.#epochMs + this.#world.now;
	}

	/** An instant of its wall clock in milliseconds since the start, as the clock is set now. */
	sinceStart(wallMs: number): number {
		return wallMs - this.#epochMs - this.#stepMs;
	}

	setTimer(run: () => void, ms: number): Entry {
		const delay = ms > longestTimerMs || !(ms >= 1) ? 1 : Math.trunc(ms);
		return this.#timers.add(this.#world.now - this.#behindMs + delay, run);
	}

	clearTimer(entry: Entry): void {
		this.#timers.cancel(entry);
	}

	/** When its next timer fires, by the world's clock. */
	get next(): number {
		const due = this.#timers.next + this.#behindMs;
		return Math.max(due, this.#stillUntil + (this.#newsFirst ? 1 : 0));
	}

	/** Runs the timer that is due. */
	fire(): void {
		const run = this.#timers.take();
		if (run) this.#world.onMachine(run);
	}

	/** Hands on what comes from the network: now, or when its event loop runs again. */
	deliver(news: () => void): void {
		if (this.isFrozen) this.#arrived.push(news);
		else this.#world.onMachine(news);
	}

	/** Its event loop stands still for so long. */
	stall(ms: number, newsFirst: boolean): void {
		this.#stand(ms, newsFirst);
	}

	/** It sleeps for so long. */
	suspend(ms: number): void {
		this.#behindMs += Math.ceil(ms);
		this.suspendedFrom = this.#world.now;
		this.suspendedUntil = this.#world.now + Math.ceil(ms);
		this.#stand(ms, false);
	}

	/** Somebody sets its wall clock. */
	step(ms: number): void {
		this.#stepMs += Math.trunc(ms);
		this.disturbedAt = Math.max(this.disturbedAt, this.#world.now);
		this.steppedAt = this.#world.now;
	}

	/** All that ran on it is gone; what is started next is another process. */
	powerOff(): void {
		this.incarnation += 1;
		this.#stillUntil = 0;
		this.suspendedUntil = Math.min(this.suspendedUntil, this.#world.now);
		this.disturbedAt = Math.min(this.disturbedAt, this.#world.now);
		this.#timers.clear();
		this.#arrived = [];
	}

	#stand(ms: number, newsFirst: boolean): void {
		const { incarnation } = this;
		this.#stillUntil = this.#world.now + Math.ceil(ms);
		this.#newsFirst = newsFirst;
		this.disturbedAt = this.#stillUntil;
		this.#world.after(ms, () => {
			if (incarnation === this.incarnation) this.#takeNews();
		});
	}

	/** One piece of news after the other, each with all that follows from it. */
	#takeNews(): void {
		for (const news of this.#arrived.splice(0)) {
			const { incarnation } = this;
			this.#world.after(0, () => {
				if (incarnation === this.incarnation) this.#world.onMachine(news);
			});
		}
	}
}
