import type { Keeper, StatusRecord } from "@x/keepalive";
import { keepaliveInWorker, type ServedKeeper, type WorkerDeath, type WorkerKeeper } from "@x/keepalive/worker";
import { describeRecord } from "../describe-status-record.ts";
import { maxSilenceMs, WorkerViewInvariant } from "../invariants/worker-view-invariant.ts";
import type { Journal } from "../journal.ts";
import { pick } from "../world/seeded-random.ts";
import type { SimThreads } from "../world/sim-threads.ts";
import type { World } from "../world/world.ts";
import { type CheckedSession, isProtected } from "./session-with-invariants.ts";
import type { TradingProgram } from "./trading-program.ts";

/** The end of a worker must be reported to the program within this many milliseconds. */
const reportedMs = 1_000;
/** A new worker must start at most this many milliseconds after the announced time. */
const restartedMs = 2_000;
/** At most this many messages may wait for the program: 1 000 status records, 1 000 log messages, and an answer to each of its calls. */
const mostWaiting = 5_300;
/** If the program could not start its worker, the program tries again after this many milliseconds. */
const tryAgainMs = 5_000;

/** What the program's thread needs to know about its process. */
interface ServedProcess {
	readonly checked: readonly CheckedSession[];
	/** The keeper in the worker, which runs the sessions. */
	readonly keeper: Keeper | undefined;
	readonly isStopping: boolean;
	readonly program: TradingProgram | undefined;
	/** The status record of a session from the keeper in the worker. */
	current(name: string): StatusRecord | undefined;
	/** Whether the present worker was asked to start the session. */
	isStarted(name: string): boolean;
	/** Whether this status record shows that the session was stopped on request. */
	isReleased(name: string, record: StatusRecord): boolean;
	/** To be called when the program has its keeper. */
	started(keeper: WorkerKeeper): void;
}

/**
 * The thread of a program whose sessions run in a worker, and the rules for what the program sees.
 *
 * - n-dead-armed: the program sees a session as armed although the worker has ended by an error or by `process.exit()`
 * - n-death-unreported: the end of a worker was not reported
 * - n-not-restarted: no new worker was started at the announced time
 * - n-channel: more messages wait for the program than are allowed
 */
export class WorkerProgram {
	keeper: WorkerKeeper<Module> | undefined;
	readonly threads: SimThreads;
	readonly #world: World;
	readonly #journal: Journal;
	readonly #random: () => number;
	readonly #process: ServedProcess;
	#views: readonly (readonly [CheckedSession, WorkerViewInvariant])[] = [];
	readonly #wasArmed = new Map<string, boolean>();
	#deaths = 0;
	#reportedDeaths = 0;

	constructor(threads: SimThreads, process: ServedProcess, world: World, journal: Journal, random: () => number) {
		this.threads = threads;
		this.#process = process;
		this.#world = world;
		this.#journal = journal;
		this.#random = random;
	}

	/** Starts the program, which starts its worker. */
	begin(): void {
		const { program } = this.#world.machine;
		program.clockAheadMs = pick(this.#random, [0, 0, -3_600_000, 86_400_000]);
		this.#deaths = 0;
		this.#reportedDeaths = 0;
		this.threads.mostWaiting = 0;
		this.#views = this.#process.checked.map((checked) => [
			checked,
			new WorkerViewInvariant(checked.setup.name, this.#world, this.#journal, this.threads),
		]);
		const everyMs = pick(this.#random, [60_000, 3_600_000]);
		program.deliver(() => void this.#start(everyMs));
	}

	/** To be called when the program has ended. */
	gone(): void {
		this.keeper = undefined;
	}

	/**
	 * Lets the program check a session before an order, as a program does with `requireArmed`. @throws KeeperError when the session is not
	 * armed.
	 */
	requireArmed({ setup, kept, watch }: CheckedSession): void {
		if (!kept?.requireArmed) return;
		this.#ask(() => this.keeper?.requireArmed(setup.name));
		watch.armedElsewhere(maxSilenceMs);
	}

	async #start(everyMs: number): Promise<void> {
		const { process } = this.#world.machine.program;
		try {
			const keeper = await keepaliveInWorker<Module>(new URL("file:///sessions.js"), {
				restart: { everyMs },
				onWorkerDeath: (death) => this.#told(death),
			});
			if (process.hasEnded) return;
			this.keeper = keeper;
			this.#process.started(keeper);
		} catch (error) {
			if (process.hasEnded) return;
			this.#journal.tell("keeper", `the worker did not start: ${String(error)}`);
			this.#world.machine.program.setTimer(() => void this.#start(everyMs), tryAgainMs);
		}
	}

	/** Whether the present program has a health gate that waits for calls of `pulse()`. */
	get pulses(): boolean {
		return this.#process.program?.pulses === true;
	}

	/** Makes the program send many requests to its worker at once. @returns false when the program cannot do so now. */
	flood(count: number): boolean {
		const { keeper } = this;
		if (!keeper || this.#process.isStopping || this.#world.machine.program.isFrozen) return false;
		this.#world.machine.program.deliver(() => void sendMany(keeper, count));
		return true;
	}

	/** To be called when the worker has ended. @param hasSaid - whether its exit listeners have run. */
	workerEnded(hasSaid: boolean): void {
		const { keeper } = this;
		if (!keeper || this.#process.isStopping) return;
		this.#deaths += 1;
		for (const [{ setup }] of this.#views) {
			if (hasSaid && this.#ask(() => keeper.isArmed(setup.name))) {
				this.#journal.violate("n-dead-armed", setup.name, "armed, and the worker has said that it ends");
			}
		}
		// The program learns of the end of the worker only after all messages that the worker has sent before.
		this.#checkReported(this.#deaths, this.#world.now + this.threads.delayMs);
	}

	#checkReported(deaths: number, toldAt: number): void {
		const { keeper } = this;
		this.#world.after(reportedMs, () => {
			if (keeper !== this.keeper || this.#process.isStopping || this.#reportedDeaths >= deaths) return;
			const { program, disturbedAt } = this.#world.machine;
			const readyAt = Math.max(program.frozenUntil, disturbedAt, toldAt) + reportedMs;
			if (this.#world.now < readyAt) return this.#checkReported(deaths, toldAt);
			this.#journal.violate("n-death-unreported", "keeper", `${deaths} workers ended, and not all ends were reported`);
		});
	}

	#told({ error, restartInMs }: WorkerDeath): void {
		this.#reportedDeaths += 1;
		this.#journal.tell("keeper", `worker ended: ${error.message}; restart in ${restartInMs} ms`);
		this.#journal.count("workers ended");
		if (restartInMs === undefined) return;
		const { program } = this.#world.machine;
		const { process } = program;
		const dueAt = this.#world.machine.awakeMs + restartInMs;
		const check = (): void => {
			if (process.hasEnded || this.#process.isStopping || this.threads.startedAt >= this.#world.now - restartedMs)
				return;
			const { now, machine } = this.#world;
			const calmMs = now - Math.max(program.frozenUntil, machine.disturbedAt);
			const lateMs = Math.min(calmMs, machine.awakeMs - dueAt);
			if (lateMs < restartedMs) {
				this.#world.after(restartedMs - lateMs, check);
				return;
			}
			if (!this.threads.isUp)
				this.#journal.violate("n-not-restarted", "keeper", `no new worker ${lateMs} ms after it was due`);
		};
		this.#world.after(restartInMs + restartedMs, check);
	}

	/** Compares what the program sees with what the worker's keeper says. To be called whenever time has advanced. */
	look(isThorough = false): void {
		const { keeper } = this;
		const { machine } = this.#world;
		if (!keeper) return;
		const worker = machine.isFrozen ? undefined : this.#process.keeper;
		if (machine.program.isFrozen) {
			// While the program's thread is blocked, the worker continues. What the worker says now is recorded for the check after the program
			// continues, because the worker may be blocked by then.
			if (worker) for (const [{ agreement }, view] of this.#views) view.recordWorker(agreement.isArmed);
			return;
		}
		for (const [checked, view] of this.#views) {
			const { setup, agreement, watch } = checked;
			const { name } = setup;
			const isArmed = this.#ask(() => keeper.isArmed(name));
			if (isArmed) watch.armedElsewhere(maxSilenceMs);
			const isOther = this.#wasArmed.get(name) !== isArmed;
			this.#wasArmed.set(name, isArmed);
			const record = isThorough || isOther || view.isPending ? this.#ask(() => keeper.current(name)) : undefined;
			if (record) this.#seen(checked, record);
			const own = record && this.#process.isStarted(name) ? this.#process.current(name) : undefined;
			const isAllowed = isThorough ? this.#ask(() => isAllowedBy(keeper, name)) : undefined;
			view.check({ isArmed, record, isAllowed }, worker && { isArmed: agreement.isArmed, record: own });
		}
		if (this.threads.mostWaiting > mostWaiting) {
			this.#journal.violate("n-channel", "keeper", `${this.threads.mostWaiting} messages wait for the program`);
		}
	}

	#seen({ setup, alerts }: CheckedSession, record: StatusRecord): void {
		const isReleased = this.#process.isReleased(setup.name, record);
		for (const alert of alerts) alert.see(isReleased ? undefined : isProtected(record));
	}

	/** To be called when the program has received a status record. */
	recorded(record: StatusRecord): void {
		this.#journal.tell(record.session, `  the program sees: ${describeRecord(record)}`);
		const checked = this.#process.checked.find(({ setup }) => setup.name === record.session);
		const { keeper } = this;
		if (checked && keeper) this.#seen(checked, keeper.current(record.session));
	}

	/** Calls the keeper as the program does: on the simulated thread of the program. */
	#ask<T>(call: () => T): T {
		return this.#world.enter(this.#world.machine.program, call);
	}
}

/** The module that the worker loads. */
interface Module {
	readonly default: ServedKeeper<string, { readonly echo: (argument: unknown) => unknown }>;
}

/** How many calls may be under way at the same time. */
const callsAtOnce = 100;

/** Makes many calls, and aborts them before the event loop can deliver any answer. */
async function sendMany(keeper: WorkerKeeper<Module>, count: number): Promise<void> {
	for (let left = count; left > 0; left -= callsAtOnce) {
		const taken = new AbortController();
		const calls = Array.from({ length: Math.min(left, callsAtOnce) }, (_, index) =>
			keeper.call("echo", index, { signal: taken.signal }),
		);
		taken.abort();
		await Promise.allSettled(calls);
	}
}

function isAllowedBy(keeper: WorkerKeeper, name: string): boolean {
	try {
		keeper.requireArmed(name);
		return true;
	} catch {
		return false;
	}
}
