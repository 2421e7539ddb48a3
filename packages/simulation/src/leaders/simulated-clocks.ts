import { AsyncLocalStorage } from "node:async_hooks";
import { TimerQueue } from "../world/timer-queue.ts";

/** The platform's real functions, kept before `install` replaces them. */
const real = { setTimeout, clearTimeout, setImmediate, now: Date.now, performanceNow: performance.now };

/** After each event, the real event loop turns this many times, so that all code that the event made ready has run. */
const turns = 4;

/** Simulated time for several machines, each of which has its own clocks. */
export class Cluster {
	/** Exact time in milliseconds since the start. Programs cannot read it: they see the clocks of their machine. */
	now = 0;
	readonly #agenda = new TimerQueue();
	readonly #current = new AsyncLocalStorage<SimMachine>();

	/** Runs `action` after `ms` of exact time. The returned function cancels the action. */
	after(ms: number, action: () => void): () => void {
		const entry = this.#agenda.add(this.now + Math.max(0, ms), action);
		return () => this.#agenda.cancel(entry);
	}

	/** Runs all events until the given time, and calls `look` after each event. */
	async run(until: number, look: () => void): Promise<void> {
		while (this.#agenda.next <= until) {
			this.now = this.#agenda.next;
			this.#agenda.take()?.();
			for (let turn = 0; turn < turns; turn += 1) await new Promise<void>((resolve) => real.setImmediate(resolve));
			look();
		}
		this.now = until;
	}

	/** Runs code on a machine: the code, and everything that follows from it, sees the clocks and timers of this machine. */
	on<T>(machine: SimMachine, action: () => T): T {
		return this.#current.run(machine, action);
	}

	/** Replaces the clocks and timers of the platform. The returned function restores them. */
	install(): () => void {
		const machine = (): SimMachine => {
			const current = this.#current.getStore();
			if (!current)
				throw new Error(
					"code outside of every simulated machine has called a clock or timer: run it with Cluster.on()",
				);
			return current;
		};
		const set = (run: () => void, ms = 0): Timer => machine().setTimer(run, ms);
		const clear = (timer: Timer | undefined): void => timer?.machine.clearTimer(timer);
		// The casts are safe: no code here reads the members of Node's timers or uses the overloads with arguments.
		globalThis.setTimeout = set as unknown as typeof setTimeout;
		globalThis.clearTimeout = clear as unknown as typeof clearTimeout;
		Date.now = () => machine().wallMs();
		performance.now = () => machine().monotonicMs();
		return () => {
			globalThis.setTimeout = real.setTimeout;
			globalThis.clearTimeout = real.clearTimeout;
			Date.now = real.now;
			performance.now = real.performanceNow;
		};
	}
}

interface Timer {
	readonly machine: SimMachine;
	readonly run: () => void;
	/** When the timer is due, on the monotonic clock of its machine. */
	readonly dueAt: number;
	cancel: (() => void) | undefined;
}

/** A simulated machine. Its monotonic clock may run too fast or too slow, and its wall clock can be set. */
export class SimMachine {
	readonly #cluster: Cluster;
	/** How fast the monotonic clock of the machine runs: 1 is exact, 2 is twice as fast. */
	readonly #rate: number;
	#since = { at: 0, monotonicMs: 0 };
	#wallOffsetMs: number;
	readonly #timers = new Set<Timer>();
	#overdue: Timer[] = [];
	#undelivered: (() => void)[] = [];
	#state: "runs" | "frozen" | "suspended" | "dead" = "runs";

	constructor(cluster: Cluster, rate: number, wallOffsetMs: number) {
		this.#cluster = cluster;
		this.#rate = rate;
		this.#wallOffsetMs = wallOffsetMs;
		this.#since = { at: cluster.now, monotonicMs: 0 };
	}

	/** Whether the programs of this machine are running: the machine is neither frozen, suspended nor dead. */
	get isRunning(): boolean {
		return this.#state === "runs";
	}

	get isDead(): boolean {
		return this.#state === "dead";
	}

	monotonicMs(): number {
		const { at, monotonicMs } = this.#since;
		return this.#state === "suspended" ? monotonicMs : monotonicMs + (this.#cluster.now - at) * this.#rate;
	}

	wallMs(): number {
		return 1_800_000_000_000 + this.#wallOffsetMs + this.#cluster.now;
	}

	setWallClock(byMs: number): void {
		this.#wallOffsetMs += byMs;
	}

	setTimer(run: () => void, ms: number): Timer {
		const timer: Timer = { machine: this, run, dueAt: this.monotonicMs() + Math.max(1, ms), cancel: undefined };
		if (this.#state === "dead") return timer;
		this.#timers.add(timer);
		this.#arm(timer);
		return timer;
	}

	clearTimer(timer: Timer): void {
		this.#timers.delete(timer);
		timer.cancel?.();
	}

	/** Runs a callback for data from the network: immediately, or when the machine resumes, or never if the machine is dead. */
	deliver(callback: () => void): void {
		if (this.#state === "dead") return;
		if (this.#state === "runs") this.#cluster.on(this, callback);
		else this.#undelivered.push(callback);
	}

	/** Stops the programs of this machine. Its clocks continue. */
	freeze(): void {
		if (this.#state === "runs") this.#state = "frozen";
	}

	/** Stops the programs and the monotonic clock of this machine. */
	suspend(): void {
		if (this.#state !== "runs") return;
		this.#since = { at: this.#cluster.now, monotonicMs: this.monotonicMs() };
		this.#state = "suspended";
		for (const timer of this.#timers) timer.cancel?.();
	}

	/** Resumes the programs of this machine: overdue timers run first, then the data that the network has delivered meanwhile. */
	resume(): void {
		if (this.#state !== "frozen" && this.#state !== "suspended") return;
		if (this.#state === "suspended") {
			this.#since = { at: this.#cluster.now, monotonicMs: this.#since.monotonicMs };
			for (const timer of this.#timers) this.#arm(timer);
		}
		this.#state = "runs";
		const callbacks = [
			...this.#overdue.sort((a, b) => a.dueAt - b.dueAt).map((timer) => () => this.#fire(timer)),
			...this.#undelivered.map((callback) => () => this.deliver(callback)),
		];
		this.#overdue = [];
		this.#undelivered = [];
		// Each callback is a separate event, so everything that follows from one callback runs before the next callback.
		for (const callback of callbacks) this.#cluster.after(0, callback);
	}

	/** Ends the machine for good: no program and no timer of the machine runs any more. */
	kill(): void {
		this.#state = "dead";
		for (const timer of this.#timers) timer.cancel?.();
		this.#timers.clear();
	}

	#arm(timer: Timer): void {
		timer.cancel = this.#cluster.after((timer.dueAt - this.monotonicMs()) / this.#rate, () => this.#fire(timer));
	}

	#fire(timer: Timer): void {
		if (!this.#timers.has(timer)) return;
		if (this.#state === "frozen") {
			this.#overdue.push(timer);
			return;
		}
		this.#timers.delete(timer);
		this.#cluster.on(this, timer.run);
	}
}
