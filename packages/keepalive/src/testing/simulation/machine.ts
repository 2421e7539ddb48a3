import { vi } from "vitest";
import { fractionOf } from "./seeded.ts";

/** A timer of the clients, on their own monotonic clock. */
interface ClientTimer {
	run(): void;
	due: number;
	real: ReturnType<typeof setTimeout> | undefined;
}

/** Kept from before any clock is faked. */
const realImmediate = setImmediate;

/** Lets everything that is ready run, without moving the fake clock. */
export async function drain(turns = 3): Promise<void> {
	for (let turn = 0; turn < turns; turn += 1) await new Promise<void>((resolve) => realImmediate(resolve));
}

/** The fake clock's own `setTimeout`, while a machine stands in front of it. */
let ofTheWorld = setTimeout;

/** A timer of the world: it runs on however still the machine stands. */
export function worldTimeout(run: () => void, ms: number): void {
	ofTheWorld(run, ms);
}

/**
 * The machine the clients run on, apart from the world of the venues, on one fake clock.
 *
 * - `stall`: the clients' event loop stands still; afterwards the timers that fell due run first, then what the network
 *   brought, as in Node.
 * - `suspend`: the machine sleeps; its monotonic clock and its timers stand still, the wall clock does not.
 * - `step`: its wall clock is set.
 *
 * A timer or a look at the monotonic clock belongs to the venue when the code that asked lies in `venue-sims`.
 */
export class Machine {
	#still = false;
	#behindMs = 0;
	#stepMs = 0;
	#stepped = 0;
	readonly #timers = new Set<ClientTimer>();
	#due: ClientTimer[] = [];
	#arrived: (() => void)[] = [];
	readonly #restore: () => void;

	/** Takes the clients' clocks and timers over. The fake clock has to be installed already; `restore` gives them back. */
	constructor() {
		const fakeSet = globalThis.setTimeout;
		const fakeClear = globalThis.clearTimeout;
		ofTheWorld = fakeSet;
		const fakeNow = performance.now.bind(performance);
		const worldNow = Date.now;
		this.worldNow = () => worldNow();
		Date.now = () => (askedByVenue() ? worldNow() : worldNow() + this.#stepMs);
		this.#restore = () => {
			globalThis.setTimeout = fakeSet;
			globalThis.clearTimeout = fakeClear;
			performance.now = fakeNow;
			Date.now = worldNow;
		};
		// With a fraction, as a real clock has one: Node's timers fire up to a millisecond early by it.
		const clientNow = (): number => Math.floor(fakeNow()) + fractionOf(Math.floor(fakeNow())) - this.#behindMs;
		const arm = (timer: ClientTimer): void => {
			timer.real = fakeSet(() => this.#fire(timer), Math.max(0, Math.trunc(timer.due - clientNow())));
		};
		this.#arm = arm;
		this.#disarm = (timer) => fakeClear(timer.real);
		performance.now = () => (askedByVenue() ? fakeNow() : clientNow());
		const set = (run: () => void, ms = 0): unknown => {
			if (askedByVenue()) return fakeSet(run, ms);
			// As Node does: a delay that does not fit is 1 ms.
			const delay = ms > 2_147_483_647 || !(ms >= 0) ? 1 : ms;
			const timer: ClientTimer = { run, due: clientNow() + delay, real: undefined };
			this.#timers.add(timer);
			arm(timer);
			return timer;
		};
		const clear = (handle: unknown): void => {
			// What is none of ours is not in the set, and goes on to the clock behind.
			const timer = handle as ClientTimer;
			if (this.#timers.delete(timer)) fakeClear(timer.real);
			else fakeClear(handle as ReturnType<typeof setTimeout>);
		};
		// A client gives back what it got and reads nothing of it: the overloads and Node's own members are not needed.
		globalThis.setTimeout = set as unknown as typeof setTimeout;
		globalThis.clearTimeout = clear as unknown as typeof clearTimeout;
	}

	readonly #arm: (timer: ClientTimer) => void;
	readonly #disarm: (timer: ClientTimer) => void;

	/** Hands on what comes from the network: now, or when the clients run again. */
	deliver(news: () => void): void {
		if (this.#still) this.#arrived.push(news);
		else news();
	}

	/** Resolves when the clients run. */
	running(): Promise<void> {
		return new Promise((resolve) => this.deliver(resolve));
	}

	/** Epoch milliseconds of the world, which no step of the machine's clock moves. */
	readonly worldNow: () => number;

	/** By how much its clocks have disagreed in all: sleep and steps. */
	get sleptMs(): number {
		return this.#behindMs + this.#stepped;
	}

	/** Somebody sets the machine's wall clock. */
	step(ms: number): void {
		this.#stepMs += ms;
		this.#stepped += Math.abs(ms);
	}

	/** The clients' event loop stands still for so long. */
	async stall(ms: number): Promise<void> {
		this.#still = true;
		await vi.advanceTimersByTimeAsync(ms);
		await this.#resume();
	}

	/** The machine sleeps for so long. */
	async suspend(ms: number): Promise<void> {
		this.#still = true;
		for (const timer of this.#timers) this.#disarm(timer);
		await vi.advanceTimersByTimeAsync(ms);
		this.#behindMs += ms;
		for (const timer of this.#timers) this.#arm(timer);
		await this.#resume();
	}

	/** Gives the clocks and timers back to the fake clock. */
	restore(): void {
		this.#restore();
	}

	#fire(timer: ClientTimer): void {
		if (this.#still) {
			this.#due.push(timer);
			return;
		}
		this.#timers.delete(timer);
		timer.run();
	}

	async #resume(): Promise<void> {
		this.#still = false;
		const due = this.#due.sort((a, b) => a.due - b.due);
		this.#due = [];
		for (const timer of due) {
			// Cleared by one that ran before it.
			if (!this.#timers.delete(timer)) continue;
			timer.run();
			await drain(1);
		}
		const arrived = this.#arrived;
		this.#arrived = [];
		for (const news of arrived) {
			news();
			await drain(1);
		}
		await drain();
	}
}

/** Whether the code that called our caller is that of a simulated venue. */
function askedByVenue(): boolean {
	const { prepareStackTrace, stackTraceLimit } = Error;
	Error.stackTraceLimit = 3;
	Error.prepareStackTrace = (_, sites) => sites;
	const { stack } = new Error();
	Error.prepareStackTrace = prepareStackTrace;
	Error.stackTraceLimit = stackTraceLimit;
	// Set just above: the call sites themselves.
	const sites = stack as unknown as NodeJS.CallSite[];
	return sites[2]?.getFileName()?.includes("venue-sims") ?? false;
}
