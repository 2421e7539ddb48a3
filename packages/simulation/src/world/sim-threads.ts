import { syncBuiltinESMExports } from "node:module";
import threads from "node:worker_threads";
import type { EventLoop, MachineProcess } from "./event-loop.ts";
import { between, chance, pick } from "./seeded-random.ts";
import type { World } from "./world.ts";

/** How a worker ends: by an exception, by `process.exit()`, or at once, such as when its memory is exhausted. */
export type WorkerEnd = "error" | "exit" | "killed";

/** A message takes at most this many milliseconds, unless the fault that slows messages down is in effect. */
const longestMessageMs = 20;
/** A worker takes at most this many milliseconds to load its module. */
const longestLoadMs = 400;

type Listener = (value: never) => void;

/**
 * The threads of the simulated process, in place of `node:worker_threads`, whose exports this class replaces. The worker runs on one event
 * loop, together with the sessions, and the program on another. At most one worker runs at a time. Messages are copied by
 * `structuredClone`, take some time and keep their order. Shared memory works.
 */
export class SimThreads {
	/** Called to run the worker's module. If it throws, the module has failed to load. */
	module: () => void = () => undefined;
	/** When the latest worker began to run its module. */
	startedAt = Number.NEGATIVE_INFINITY;
	/** Whether the program has received the latest worker's shared memory. The worker writes there which sessions are armed. */
	isKnown = false;
	/** Called when a worker has ended. `hasSaid`: whether the exit listeners of the worker have run. */
	onEnd: (hasSaid: boolean) => void = () => undefined;
	/** By how many milliseconds messages take longer than usual. */
	delayMs = 0;
	/** When the message that was last sent to the program arrives there. */
	lastArrivalAt = 0;
	/** The highest number of messages that have waited for the program at the same time. */
	mostWaiting = 0;
	readonly #world: World;
	readonly #random: () => number;
	#worker: SimWorker | undefined;

	constructor(world: World, random: () => number) {
		this.#world = world;
		this.#random = random;
	}

	/** Replaces the exports of `node:worker_threads`. The returned function restores them. */
	install(): () => void {
		const { Worker, MessageChannel, isMainThread, workerData } = threads;
		const own = this;
		const { on } = process;
		const Channel = class {
			readonly port1 = new SimPort(own, own.#world);
			readonly port2 = new SimPort(own, own.#world);
			constructor() {
				this.port1.peer = this.port2;
				this.port2.peer = this.port1;
				this.port1.belongTo(own.#world.loop);
			}
		};
		const Started = class extends SimWorker {
			constructor(_url: URL, options: WorkerOptions) {
				super(own, own.#world, options);
				own.#begin(this);
			}
		};
		Object.assign(threads, { Worker: Started, MessageChannel: Channel });
		syncBuiltinESMExports();
		process.on = ((event: string, listener: (code: number) => void) => {
			// While a worker runs, exit listeners are added only by the worker's code, so they belong to the worker.
			if (event !== "exit" || !own.#worker?.isUp) return on.call(process, event, listener);
			own.#worker.exitListeners.push(listener);
			return process;
			// The cast is needed because the overloads of `on` list the names of its events.
		}) as typeof process.on;
		return () => {
			process.on = on;
			Object.assign(threads, { Worker, MessageChannel, isMainThread, workerData });
			syncBuiltinESMExports();
		};
	}

	/** Whether a worker runs. */
	get isUp(): boolean {
		return this.#worker?.isUp === true;
	}

	/** Ends the worker, if one runs. */
	endWorker(how: WorkerEnd): void {
		this.#worker?.die(how);
	}

	/**
	 * By how many milliseconds a message that is sent now takes longer than usual: because messages are slow, or because it waits for earlier
	 * slow ones. Usually 0.
	 */
	get lagMs(): number {
		const ms = Math.max(this.delayMs, this.lastArrivalAt - this.#world.now);
		return ms > longestMessageMs ? ms : 0;
	}

	/** How long the next message takes, in milliseconds. */
	nextMs(): number {
		return this.delayMs + pick(this.#random, [0, 0, 0, 1, 2, longestMessageMs]);
	}

	#begin(worker: SimWorker): void {
		if (this.#worker?.isUp) throw new Error("two workers at the same time");
		this.#worker = worker;
		this.isKnown = false;
		worker.load(between(this.#random, 20, longestLoadMs), chance(this.#random, 0.03));
	}
}

interface WorkerOptions {
	readonly workerData: Readonly<Record<string, { readonly port: SimPort }>>;
}

/** A port of a message channel. */
class SimPort {
	peer: SimPort | undefined;
	readonly #threads: SimThreads;
	readonly #world: World;
	#owner: MachineProcess | undefined;
	#listener: ((message: unknown) => void) | undefined;
	#early: unknown[] = [];
	#isClosed = false;
	/** When the last message to this port arrives. */
	lastAt = 0;
	/** The messages that were sent to this port and are not delivered yet. */
	readonly #underWay: unknown[] = [];

	constructor(all: SimThreads, world: World) {
		this.#threads = all;
		this.#world = world;
	}

	/** Makes the process that now runs on this event loop the owner of the port. */
	belongTo(loop: EventLoop): void {
		this.#owner = loop.process;
	}

	on(_event: "message", listener: (message: unknown) => void): void {
		this.#listener = listener;
		for (const message of this.#early.splice(0)) listener(message);
	}

	postMessage(message: unknown): void {
		const copy: unknown = structuredClone(message);
		if (this.#isClosed || this.#owner?.hasEnded) return;
		this.peer?.bring(copy, this.#threads.nextMs());
	}

	/** Delivers a message after `ms`, but not before the messages that were sent earlier. */
	bring(message: unknown, ms: number): void {
		this.#underWay.push(message);
		const isForProgram = this.#owner === this.#world.machine.program.process;
		if (isForProgram) this.#threads.mostWaiting = Math.max(this.#threads.mostWaiting, this.#underWay.length);
		this.lastAt = Math.max(this.lastAt, this.#world.now + ms);
		if (isForProgram) this.#threads.lastArrivalAt = Math.max(this.#threads.lastArrivalAt, this.lastAt);
		this.#world.after(this.lastAt - this.#world.now, () => {
			this.#owner?.deliver(() => {
				// Takes the oldest message. At the end of a suspension, the event of a newer message may run before the events of older ones.
				const first = this.#underWay.shift();
				if (this.#isClosed) return;
				// The cast is safe: each message of a worker has a type.
				if (isForProgram && (first as { readonly type?: unknown }).type === "hello") this.#threads.isKnown = true;
				if (this.#listener) this.#listener(first);
				else this.#early.push(first);
			});
		});
	}

	close(): void {
		this.#isClosed = true;
	}
}

/** The program's object for a worker, in place of the class `Worker` of Node.js. */
class SimWorker {
	readonly exitListeners: ((code: number) => void)[] = [];
	readonly #threads: SimThreads;
	readonly #world: World;
	readonly #data: WorkerOptions["workerData"];
	readonly #program: MachineProcess;
	readonly #listeners = new Map<string, Listener[]>();
	#process: MachineProcess | undefined;
	#hasEnded = false;

	constructor(all: SimThreads, world: World, { workerData }: WorkerOptions) {
		this.#threads = all;
		this.#world = world;
		this.#program = world.machine.program.process;
		this.#data = Object.fromEntries(
			Object.entries(workerData).map(([key, { port, ...data }]) => [key, { ...structuredClone(data), port }]),
		);
	}

	/** Whether the worker is running. When the program's process ends, its worker ends too. */
	get isUp(): boolean {
		return !this.#hasEnded && !this.#program.hasEnded;
	}

	on(event: string, listener: Listener): void {
		this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener]);
	}

	async terminate(): Promise<number> {
		this.#end(false);
		return 1;
	}

	/** Runs the module after `ms`. */
	load(ms: number, fails: boolean): void {
		const { machine } = this.#world;
		this.#world.after(ms, () => {
			if (!this.isUp) return;
			machine.loop.powerOn();
			this.#process = machine.process;
			machine.loop.deliver(() => {
				for (const { port } of Object.values(this.#data)) port.belongTo(machine.loop);
				this.#threads.startedAt = this.#world.now;
				if (fails) this.die("error");
				else this.#runModule();
			});
		});
	}

	/** Ends the worker, and emits the events from which the program learns of this. */
	die(how: WorkerEnd): void {
		if (!this.isUp) return;
		const hasSaid = how !== "killed";
		if (hasSaid) {
			this.#world.enter(this.#world.machine.loop, () => {
				for (const listener of this.exitListeners) listener(1);
			});
		}
		this.#end(hasSaid);
		this.#tell(() => {
			if (how !== "exit") this.#emit("error", new Error(how === "error" ? "a mistake in the worker" : "out of memory"));
			this.#emit("exit", 1);
		});
	}

	#runModule(): void {
		const { isMainThread, workerData } = threads;
		Object.assign(threads, { isMainThread: false, workerData: this.#data });
		syncBuiltinESMExports();
		try {
			this.#threads.module();
		} finally {
			Object.assign(threads, { isMainThread, workerData });
			syncBuiltinESMExports();
		}
	}

	#end(hasSaid: boolean): void {
		if (this.#hasEnded) return;
		this.#hasEnded = true;
		if (!this.#process || this.#process.hasEnded) return;
		this.#world.machine.endSessions();
		this.#threads.onEnd(hasSaid);
	}

	/** Tells the program about an event of the worker, after all messages that the worker has sent before. */
	#tell(news: () => void): void {
		const arrivals = Object.values(this.#data).map(({ port }) => port.peer?.lastAt ?? 0);
		const at = Math.max(this.#world.now + this.#threads.nextMs(), ...arrivals);
		this.#world.after(at - this.#world.now, () => this.#program.deliver(news));
	}

	#emit(event: string, value: unknown): void {
		// The cast is safe: each event is emitted with the value that its listeners expect.
		for (const listener of this.#listeners.get(event) ?? []) listener(value as never);
	}
}
