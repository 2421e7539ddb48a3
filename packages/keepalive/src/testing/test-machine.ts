import { afterEach, beforeEach, expect, vi } from "vitest";
import { type Keeper, keepalive } from "../keeper.ts";
import type { KeeperOptions } from "../options.ts";
import type { Status } from "../status/status.ts";
import { type Script, scripted } from "./scripted-session.ts";

/** The real `setImmediate`, from before any clock is faked. */
const realImmediate = setImmediate;

/** Runs everything that is ready, without moving the fake clock. */
export async function drain(turns = 3): Promise<void> {
	for (let turn = 0; turn < turns; turn += 1) await new Promise<void>((resolve) => realImmediate(resolve));
}

interface Timer {
	run(): void;
	due: number;
	real: ReturnType<typeof setTimeout> | undefined;
}

/**
 * A machine that can stall, on top of vitest's fake clock.
 *
 * - `block`: the event loop is blocked. Afterwards overdue timers run in the order in which they were due, and then the
 *   callbacks of the network, as in Node.js; with `isNetworkFirst`, the callbacks of the network run first.
 * - `suspend`: the monotonic clock and all timers stop, the wall clock does not.
 * - `moveWallClock`: the wall clock is set.
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
	/** Gives clocks and timers back to the fake clock. */
	readonly restore: () => void;

	/** Takes over clocks and timers. The fake clock must be installed already. */
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

	/** Runs a callback of the network: now, or when the machine runs again. */
	deliver(callback: () => void): void {
		if (this.#isStalled) this.#undelivered.push(callback);
		else callback();
	}

	/** @param ms - by how much the clock moves forward; backward when negative. */
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
			// False when a timer that ran before has cleared this one.
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

/** The machine of the current test. */
export let machine: TestMachine;

/** Installs a machine that can stall for every test of the file. */
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

/** Advances all clocks. */
export const pass = async (ms: number): Promise<void> => {
	await vi.advanceTimersByTimeAsync(ms);
	await drain();
};

/** One session under a keeper without jitter, and every status that was published. */
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
