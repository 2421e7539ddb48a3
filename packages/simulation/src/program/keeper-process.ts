import {
	type Keeper,
	keepalive,
	type Opened,
	type OrdersOnClose,
	type ProtectionRecord,
	type StatusRecord,
} from "@x/keepalive";
import { serveKeeper, type WorkerKeeper } from "@x/keepalive/worker";
import type { SessionBots } from "../bots/session-bots-interface.ts";
import { describeRecord } from "../describe-status-record.ts";
import { AlertInvariant } from "../invariants/alert-invariant.ts";
import type { Journal } from "../journal.ts";
import type { KeptSession, VenueSetup } from "../venues/venue-setup.ts";
import type { EventLoop } from "../world/event-loop.ts";
import { chance } from "../world/seeded-random.ts";
import type { SimThreads } from "../world/sim-threads.ts";
import type { World } from "../world/world.ts";
import { KeeperEnd } from "./check-keeper-done.ts";
import { checkSecondClaim } from "./claim-and-leak-checks.ts";
import { Answers } from "./compare-is-armed-results.ts";
import { ListenerFaults } from "./listener-faults.ts";
import { runOpenHook } from "./on-open-hook.ts";
import { ProcessStop } from "./process-stop.ts";
import {
	type CheckedSession,
	checkedSession,
	isProtected,
	processEnded,
	processStarted,
} from "./session-with-invariants.ts";
import { SingleStops } from "./stop-one-session.ts";
import { TradingProgram } from "./trading-program.ts";
import { WorkerProgram } from "./worker-program.ts";

/**
 * The process on the machine: a keeper with a session at each venue. The process can be started, stopped and killed.
 *
 * This class also checks rule d: the health gate must close all sessions of a program that hangs. The rule is violated if a session is
 * alive although the program has been hanging for longer than its health gate tolerates.
 */
export class KeeperProcess {
	readonly checked: readonly CheckedSession[];
	readonly answers: Answers;
	/** The keeper that runs the sessions, on their event loop. */
	keeper: Keeper | undefined;
	/** The program's thread, if the keeper runs in a worker. */
	readonly worker: WorkerProgram | undefined;
	program: TradingProgram | undefined;
	readonly #world: World;
	readonly #journal: Journal;
	readonly #random: () => number;
	readonly #singleStops: SingleStops;
	readonly #stop: ProcessStop;
	readonly #end: KeeperEnd;
	readonly #listenerFaults: ListenerFaults;
	readonly #bots: readonly SessionBots[];
	/** The sessions that the present worker has not been asked to start yet. */
	readonly #notStarted = new Set<string>();
	#isStopping = false;

	/**
	 * @param threads - the simulated threads, if the keeper runs in a worker.
	 * @param bots - bots that trade over the sessions.
	 */
	constructor(
		setups: readonly VenueSetup[],
		world: World,
		journal: Journal,
		random: () => number,
		threads?: SimThreads,
		bots: readonly SessionBots[] = [],
	) {
		this.#world = world;
		this.#journal = journal;
		this.#random = random;
		this.#singleStops = new SingleStops(this, journal);
		this.#stop = new ProcessStop(this, world, journal, random);
		this.#end = new KeeperEnd(journal);
		this.#listenerFaults = new ListenerFaults(journal, random);
		this.checked = setups.map((setup) => {
			const isAsked = (): boolean =>
				!this.#isStopping && !this.#singleStops.has(setup.name) && !this.#notStarted.has(setup.name);
			return checkedSession(setup, world, journal, () => (isAsked() ? this.current(setup.name) : undefined));
		});
		this.answers = new Answers(this, world);
		for (const each of bots) {
			const traded = this.checked.find(({ setup }) => setup.name === each.session);
			if (traded) each.follow(traded, () => this.keeper);
		}
		this.#bots = bots;
		if (!threads) return;
		this.worker = new WorkerProgram(threads, this, world, journal, random);
		threads.onEnd = (hasSaid) => this.#workerEnded(hasSaid);
	}

	/** Whether a process runs and is not stopping. */
	get isUp(): boolean {
		return this.front !== undefined && !this.#isStopping;
	}

	get isStopping(): boolean {
		return this.#isStopping;
	}

	/** The keeper object that the program uses. If the keeper runs in a worker, this is the program's `WorkerKeeper`. */
	get front(): Keeper | WorkerKeeper | undefined {
		return this.worker ? this.worker.keeper : this.keeper;
	}

	/** The event loop of the program. */
	get programLoop(): EventLoop {
		const { machine } = this.#world;
		return this.worker ? machine.program : machine.loop;
	}

	/** The status record of a session as the program sees it; undefined while the program cannot ask for it. */
	shown(name: string): StatusRecord | undefined {
		const loop = this.programLoop;
		if (!this.worker) return this.current(name);
		return loop.isFrozen ? undefined : this.#world.enter(loop, () => this.front?.current(name));
	}

	/** The keeper's current status record of a session. */
	current(name: string): StatusRecord | undefined {
		return this.keeper && this.answers.current(this.keeper, name);
	}

	/** Whether the present worker was asked to start the session. A session that was stopped before stays stopped in a new worker. */
	isStarted(name: string): boolean {
		return !this.#notStarted.has(name);
	}

	/** Whether this status record shows that the session is stopped on request. */
	isReleased(name: string, { status }: StatusRecord): boolean {
		const isLeaving = status.state === "leaving" || status.state === "stopped";
		return this.#singleStops.has(name) || (this.#isStopping && isLeaving);
	}

	/** Starts a new process, with new sessions and a new keeper. */
	begin(): void {
		this.#journal.tell("keeper", "a process starts");
		this.#world.machine.powerOn();
		this.#isStopping = false;
		this.#singleStops.processStarted();
		this.#listenerFaults.processStarted();
		this.#end.processStarted();
		const program = new TradingProgram(this.#world, this.#random);
		this.program = program;
		for (const it of this.checked) processStarted(it);
		if (this.worker) {
			this.worker.threads.module = () => this.#serve(program);
			this.worker.begin();
			return;
		}
		this.#world.machine.deliver(() => {
			const sessions = this.#makeSessions();
			const keeper = keepalive(sessions, { random: this.#random, ...program.options });
			this.keeper = keeper;
			keeper.onStatus((record) => this.#recorded(keeper, record));
			this.#end.follow(keeper, () => keeper === this.front);
			this.#watchAlerts(keeper, program);
			if (chance(this.#random, 0.1)) checkSecondClaim(sessions, this.#journal);
			// The iterator is never read, which tests that an unread iterator does not grow without limit.
			keeper.records();
			program.work(keeper, this.#world.machine.loop);
		});
	}

	#makeSessions(): KeptSession["session"][] {
		for (const it of this.checked) it.kept = it.setup.make((opened) => this.#onOpen(it, opened));
		return this.checked.flatMap(({ kept }) => (kept ? [kept.session] : []));
	}

	/** Runs the module of a worker. Rate limits belong to the process, so a new worker does not start with unused limits. */
	#serve(program: TradingProgram): void {
		const sessions = this.#makeSessions();
		const calls = { echo: (argument: unknown): unknown => argument };
		const { keeper } = serveKeeper(sessions, { random: this.#random, ...program.options, calls });
		this.keeper = keeper;
		for (const { setup } of this.checked) this.#notStarted.add(setup.name);
		const [start, retry] = [keeper.start.bind(keeper), keeper.retry.bind(keeper)];
		keeper.start = (name) => {
			const checked = this.checked.find(({ setup }) => setup.name === name);
			if (checked) this.#startIn(keeper, checked);
			start(name);
		};
		keeper.retry = (name) => {
			const before = keeper.current(name);
			const ms = retry(name);
			this.checked.find(({ setup }) => setup.name === name)?.retry.retried(ms, before);
			return ms;
		};
		let isReplaying = true;
		keeper.onStatus((record) => {
			if (!isReplaying) this.#recorded(keeper, record);
		});
		isReplaying = false;
	}

	/** Tells the invariants that a worker starts a session, for the first time or after a stop. */
	#startIn(keeper: Keeper, checked: CheckedSession): void {
		const { setup, watch, orders, traffic, hook, reopen } = checked;
		const { name } = setup;
		watch.processStarted(keeper.current(name).tally);
		orders.processStarted();
		if (this.#notStarted.delete(name)) {
			hook.processStarted();
			reopen.processStarted();
			traffic.workerStarted();
		}
		this.#singleStops.workerStarts(checked);
	}

	/** To be called when the program has its keeper, if the sessions run in a worker. */
	started(keeper: WorkerKeeper): void {
		const { program } = this;
		if (!program) return;
		keeper.onStatus((record) => {
			if (keeper !== this.front) return;
			this.worker?.recorded(record);
			this.#listenerFaults.mayThrow();
		});
		this.#end.follow(keeper, () => keeper === this.front);
		this.#watchAlerts(keeper, program);
		keeper.records();
		program.work(keeper, this.programLoop);
	}

	/** To be called when the worker has ended. Like the operating system, closes the sockets of the worker. */
	#workerEnded(hasSaid: boolean): void {
		this.#journal.tell("keeper", "the worker has ended");
		this.#sessionsGone();
		for (const { setup } of this.checked) setup.route.machineDied(true);
		this.worker?.workerEnded(hasSaid);
	}

	#watchAlerts(keeper: Keeper | WorkerKeeper, { alertAfterMs }: TradingProgram): void {
		for (const it of this.checked) {
			it.alerts = alertAfterMs.map((ms) => new AlertInvariant(it.setup.name, this.#world, this.#journal, ms));
		}
		alertAfterMs.forEach((afterMs, index) => {
			const listener = (record: ProtectionRecord): void => {
				if (keeper !== this.front) return;
				const checked = this.checked.find(({ setup }) => setup.name === record.session);
				checked?.alerts[index]?.told(record, isProtected(keeper.current(record.session)));
				this.#listenerFaults.mayThrow();
			};
			keeper.onUnprotected({ afterMs }, listener);
		});
	}

	#onOpen(checked: CheckedSession, opened: Opened<unknown, unknown>): Promise<void> {
		const { name } = checked.setup;
		checked.hook.called(opened.losses.length);
		if (this.keeper?.isArmed(name)) this.#journal.violate("k-hook-outside", name, "armed while it runs");
		return runOpenHook(checked, opened, this.#world, this.#random);
	}

	/** Lets the program call `retry` for a session. */
	retry(name: string): void {
		const checked = this.checked.find(({ setup }) => setup.name === name);
		this.programLoop.deliver(() => {
			const { front } = this;
			if (!front || !checked || !this.isUp || this.#singleStops.has(name) || checked.watch.hasStopped) return;
			const before = front.current(name);
			const ms = front.retry(name);
			// With a worker, `retry` returns a promise, which rejects if the worker has stopped the session or has ended.
			if (typeof ms === "number") checked.retry.retried(ms, before);
			else ms.catch(() => undefined);
		});
	}

	/** Makes the program hang, or fail its health check if its health gate polls one. Returns false if the program has no health gate. */
	hang(): boolean {
		const { program } = this;
		if (program?.toleranceMs === undefined || program.hangingSince !== undefined || !this.isUp) return false;
		const since = this.#world.now;
		program.hangingSince = since;
		for (const { setup, orders } of this.checked) {
			const status = this.current(setup.name)?.status;
			const isHanging = (): boolean => program === this.program && program.hangingSince === since;
			if (status?.state === "alive" && status.hangMs !== undefined) orders.hung(status.hangMs, isHanging);
		}
		return true;
	}

	/** Ends the hang that `hang()` has begun. */
	recover(): void {
		if (this.program) this.program.hangingSince = undefined;
	}

	/** Checks the rules that can be violated by the mere passing of time. */
	checkDeadlines(): void {
		const { program } = this;
		const { now, machine } = this.#world;
		const unhealthyMs =
			program?.hangingSince === undefined ? 0 : now - Math.max(program.hangingSince, machine.disturbedAt);
		const { keeper } = this;
		if (keeper && !machine.isFrozen) for (const checked of this.checked) this.answers.lookAt(checked, keeper);
		this.#world.wake();
		this.worker?.look(true);
		for (const bots of this.#bots) bots.checkDeadlines();
		for (const { setup, watch, orders, alerts, retry } of this.checked) {
			if (program?.hangingSince !== undefined) watch.markDisturbed(now);
			watch.checkDeadlines();
			orders.checkDeadlines();
			retry.checkDeadlines();
			for (const alert of alerts) alert.checkDeadlines();
			const mostMs = 1.5 * (program?.toleranceMs ?? 0) + 1_000;
			// Asking for the status runs code of the keeper, which a blocked or suspended machine cannot do.
			const status = machine.isFrozen ? undefined : this.current(setup.name)?.status;
			// If closing a session would not make the venue cancel, the health gate leaves the session open. Its status then says why (`ungated`).
			if (unhealthyMs > mostMs && this.isUp && status?.state === "alive" && status.ungated === undefined) {
				this.#journal.violate(
					"d-alive-while-unhealthy",
					setup.name,
					`the program has been unhealthy for ${unhealthyMs} ms, ${mostMs} are allowed`,
				);
			}
		}
	}

	/** Stops one session and leaves the other sessions running. `then` gets a function that starts the session again. */
	stopOne(name: string, orders: OrdersOnClose, then: (start: () => void) => void): void {
		this.#singleStops.stop(name, orders, then);
	}

	/** Ends the process at once. `closes`: whether the operating system closes its sockets, as after a kill but not after a power cut. */
	die(closes: boolean): void {
		this.#journal.tell("keeper", closes ? "the process is killed" : "the power is gone");
		this.#journal.count(closes ? "killed" : "power lost");
		this.gone();
		for (const { setup } of this.checked) setup.route.machineDied(closes);
	}

	/** Stops the keeper, checks how it stops, and then calls `then`. */
	stop(orders: OrdersOnClose, then: () => void): void {
		this.#stop.begin(orders, then);
	}

	/** To be called when the program begins to stop its keeper. */
	stopping(): void {
		this.#isStopping = true;
		this.program?.stopWorking();
	}

	/** To be called when the keeper has stopped. Closes the relays, and checks that `done()` and `listenerFaults` of the keeper are right. */
	keeperStopped(): void {
		for (const bots of this.#bots) bots.close();
		this.#end.check();
		if (this.front) this.#listenerFaults.check(this.front.listenerFaults);
	}

	/** To be called when the process has ended. */
	gone(): void {
		this.worker?.gone();
		this.#isStopping = false;
		this.#world.machine.powerOff();
		this.#notStarted.clear();
		this.#sessionsGone();
		for (const it of this.checked) it.alerts = [];
	}

	/** Resets the keeper and the invariants when the process has ended, or the worker in which the sessions ran. */
	#sessionsGone(): void {
		this.keeper = undefined;
		for (const bots of this.#bots) bots.processEnded();
		for (const it of this.checked) processEnded(it, !this.#notStarted.has(it.setup.name));
	}

	#recorded(keeper: Keeper, record: StatusRecord): void {
		if (keeper !== this.keeper) return;
		const checked = this.checked.find(({ setup }) => setup.name === record.session);
		checked?.watch.recorded(record);
		checked?.agreement.recorded(record);
		checked?.hook.recorded(record);
		checked?.retry.recorded(record);
		checked?.reopen.recorded(record);
		const { status } = record;
		if (status.state === "stopped" && status.why === "fatal") this.#end.sessionFailed();
		if (status.state === "leaving") checked?.setup.left?.();
		this.#journal.tell(record.session, describeRecord(record));
		this.#journal.count(`record ${status.state}`);
		if (checked) {
			checked.setup.route.touched = true;
			this.answers.lookAt(checked, keeper);
		}
		if (status.state === "gated" && checked) checked.orders.left(status.closed, false);
		if (!this.worker) this.#listenerFaults.mayThrow();
	}
}
