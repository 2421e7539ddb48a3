import { afterEach, beforeEach, expect, vi } from "vitest";
import { type Keeper, keepalive } from "../keeper.ts";
import type { KeeperOptions } from "../options.ts";
import type { Status } from "../status/status.ts";
import { type Script, scripted } from "./scripted-session.ts";

/** The real `setImmediate`. It is stored before a fake clock replaces it. */
const realImmediate = setImmediate;

/** Runs all callbacks that are ready to run. The fake clock does not advance. */
export async function drain(turns = 3): Promise<void> {
	for (let turn = 0; turn < turns; turn += 1) await new Promise<void>((resolve) => realImmediate(resolve));
}

interface Timer {
	run(): void;
	due: number;
	real: ReturnType<typeof setTimeout> | undefined;
}

/**
 * A machine that can stall. It adds to vitest's fake clock:
 *
 * - `block`: the event loop is blocked. After that, the overdue timers run in the order in which they were due, and then the
 *   callbacks of the network, as in Node.js. With `isNetworkFirst`, the callbacks of the network run first.
 * - `suspend`: the monotonic clock and all timers stop, but the wall clock advances.
 * - `moveWallClock`: the wall clock is set to another time.
 */
export class TestMachine {
	#isStalled = false;
	#suspendedMs = 0;
	#wallOffsetMs = 0;
	readonly #timers = new Set<Timer>();
	#overdue: Timer[] = [];
	#undelivered: (() => void)[] = [];
	readonly #arm: (timer: Timer) => void;
	readonly #disarm: (timer: Timer) => void;
	/** Removes this machine, so that clocks and timers are those of vitest's fake clock again. */
	readonly restore: () => void;

	/** Replaces the clocks and timers. The fake clock must already be installed. */
	constructor() {
		const { setTimeout: fakeSet, clearTimeout: fakeClear } = globalThis;
		const fakeMonotonic = performance.now.bind(performance);
		const fakeWall = Date.now;
		const monotonic = (): number => fakeMonotonic() - this.#suspendedMs;
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
		Date.now = () => fakeWall() + this.#wallOffsetMs;
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

	/** Runs a callback of the network at once, or after the stall if the machine is stalled. */
	deliver(callback: () => void): void {
		if (this.#isStalled) this.#undelivered.push(callback);
		else callback();
	}

	/**
	 * Sets the wall clock to another time.
	 *
	 * @param ms - by how many milliseconds the clock moves forward; backward when negative.
	 */
	moveWallClock(ms: number): void {
		this.#wallOffsetMs += ms;
	}

	async block(ms: number, isNetworkFirst = false): Promise<void> {
		this.#isStalled = true;
		await vi.advanceTimersByTimeAsync(ms);
		if (isNetworkFirst) await this.#deliverAll();
		await this.#resume();
	}

	async suspend(ms: number): Promise<void> {
		this.#isStalled = true;
		for (const timer of this.#timers) this.#disarm(timer);
		await vi.advanceTimersByTimeAsync(ms);
		this.#suspendedMs += ms;
		for (const timer of this.#timers) this.#arm(timer);
		await this.#resume();
	}

	#fire(timer: Timer): void {
		if (this.#isStalled) {
			this.#overdue.push(timer);
			return;
		}
		this.#timers.delete(timer);
		timer.run();
	}

	async #resume(): Promise<void> {
		this.#isStalled = false;
		const overdue = this.#overdue.sort((a, b) => a.due - b.due);
		this.#overdue = [];
		for (const timer of overdue) {
			// The timer is skipped if a timer that ran before it has cleared it.
			if (!this.#timers.delete(timer)) continue;
			timer.run();
			await drain(1);
		}
		await this.#deliverAll();
		await drain();
	}

	async #deliverAll(): Promise<void> {
		for (const callback of this.#undelivered.splice(0)) {
			callback();
			await drain(1);
		}
	}
}

/** The machine that the current test uses. */
export let machine: TestMachine;

/** Before every test of the file, installs a machine that can stall. */
export function useTestMachine(): void {
	beforeEach(() => {
		vi.useFakeTimers({ now: 1_794_182_400_000 });
		machine = new TestMachine();
	});
	afterEach(() => {
		machine.restore();
		vi.useRealTimers();
	});
}

/** Advances all clocks by `ms` milliseconds. */
export const pass = async (ms: number): Promise<void> => {
	await vi.advanceTimersByTimeAsync(ms);
	await drain();
};

/** Starts a keeper without jitter with one session, and collects every status that is published. */
export function startKeeper(script: Script = {}, options: KeeperOptions = {}) {
	const session = scripted(script);
	const keeper = keepalive([session], { random: () => 0, ...options });
	const statuses: Status[] = [];
	keeper.onStatus(({ status }) => statuses.push(status));
	return { session, keeper, statuses, states: () => statuses.map(({ state }) => state) };
}

/** Stops the keeper and checks that no timer is left. */
export const stopKeeper = async (keeper: Keeper): Promise<void> => {
	const stopped = keeper.stop({ orders: "keep" });
	await pass(9_000);
	await stopped;
	expect(vi.getTimerCount()).toBe(0);
};
