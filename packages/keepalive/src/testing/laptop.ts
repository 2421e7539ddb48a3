import { vi } from "vitest";

/** Kept from before any clock is faked. */
const realImmediate = setImmediate;

/** Lets everything that is ready run, without moving the fake clock. */
export async function drain(turns = 3): Promise<void> {
	for (let turn = 0; turn < turns; turn += 1) await new Promise<void>((resolve) => realImmediate(resolve));
}

interface Timer {
	run(): void;
	due: number;
	real: ReturnType<typeof setTimeout> | undefined;
}

/**
 * A machine that can stand still, in front of vitest's fake clock.
 *
 * - `block`: its event loop stands still; afterwards the timers that fell due run at once, in the order in which they
 *   were due, then what the network brought, as in Node, or the other way round, as when it was blocked by such news;
 * - `sleep`: its monotonic clock and its timers stand still, the wall clock does not;
 * - `setClock`: somebody moves its wall clock.
 */
export class Laptop {
	#isStill = false;
	#sleptMs = 0;
	#movedMs = 0;
	readonly #timers = new Set<Timer>();
	#overdue: Timer[] = [];
	#arrived: (() => void)[] = [];
	readonly #arm: (timer: Timer) => void;
	readonly #disarm: (timer: Timer) => void;
	/** Gives clocks and timers back to the fake clock. */
	readonly restore: () => void;

	/** Takes clocks and timers over. The fake clock has to be installed already. */
	constructor() {
		const { setTimeout: fakeSet, clearTimeout: fakeClear } = globalThis;
		const fakeMonotonic = performance.now.bind(performance);
		const fakeWall = Date.now;
		const monotonic = (): number => fakeMonotonic() - this.#sleptMs;
		this.restore = () => {
			Object.assign(globalThis, { setTimeout: fakeSet, clearTimeout: fakeClear });
			performance.now = fakeMonotonic;
			Date.now = fakeWall;
		};
		this.#arm = (timer) => {
			timer.real = fakeSet(() => this.#fire(timer), Math.max(0, timer.due - monotonic()));
		};
		this.#disarm = (timer) => fakeClear(timer.real);
		performance.now = monotonic;
		Date.now = () => fakeWall() + this.#movedMs;
		const set = (run: () => void, ms = 0): Timer => {
			const timer: Timer = { run, due: monotonic() + ms, real: undefined };
			this.#timers.add(timer);
			this.#arm(timer);
			return timer;
		};
		const clear = (timer: Timer | undefined): void => {
			if (timer && this.#timers.delete(timer)) fakeClear(timer.real);
		};
		Object.assign(globalThis, { setTimeout: set, clearTimeout: clear });
	}

	/** Hands on what comes from the network: now, or when the machine runs again. */
	deliver(news: () => void): void {
		if (this.#isStill) this.#arrived.push(news);
		else news();
	}

	/** @param ms - how far: backwards when below 0. */
	setClock(ms: number): void {
		this.#movedMs += ms;
	}

	async block(ms: number, newsFirst = false): Promise<void> {
		this.#isStill = true;
		await vi.advanceTimersByTimeAsync(ms);
		if (newsFirst) await this.#takeNews();
		await this.#resume();
	}

	async sleep(ms: number): Promise<void> {
		this.#isStill = true;
		for (const timer of this.#timers) this.#disarm(timer);
		await vi.advanceTimersByTimeAsync(ms);
		this.#sleptMs += ms;
		for (const timer of this.#timers) this.#arm(timer);
		await this.#resume();
	}

	#fire(timer: Timer): void {
		if (this.#isStill) {
			this.#overdue.push(timer);
			return;
		}
		this.#timers.delete(timer);
		timer.run();
	}

	async #resume(): Promise<void> {
		this.#isStill = false;
		const overdue = this.#overdue.sort((a, b) => a.due - b.due);
		this.#overdue = [];
		for (const timer of overdue) {
			// Cleared by one that ran before it.
			if (!this.#timers.delete(timer)) continue;
			timer.run();
			await drain(1);
		}
		await this.#takeNews();
		await drain();
	}

	async #takeNews(): Promise<void> {
		for (const news of this.#arrived.splice(0)) {
			news();
			await drain(1);
		}
	}
}
