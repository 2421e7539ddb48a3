import {
	type Closed,
	isKeeperError,
	type Keeper,
	keepalive,
	type Opened,
	type OrdersOnClose,
	type ProtectionRecord,
	type StatusRecord,
} from "@x/keepalive";
import { describeRecord } from "../describe-record.ts";
import { AlertInvariant } from "../invariants/alert-invariant.ts";
import type { Journal } from "../journal.ts";
import type { VenueSetup } from "../venues/venue-setup.ts";
import { chance } from "../world/seeded.ts";
import type { World } from "../world/world.ts";
import { Answers } from "./answers.ts";
import { type CheckedSession, checkedSession, isProtected, processEnded, processStarted } from "./checked-session.ts";
import { runOpenHook } from "./open-hook.ts";
import { checkNothingLeft, checkSecondClaim } from "./process-checks.ts";
import { TradingProgram } from "./program-health.ts";

/** The keeper's stop deadline plus tolerance. */
const longestStopMs = 9_000 + 200;
/** Connections may remain until the client's close timeout. */
const socketsCloseMs = 15_000;

/**
 * The process on the machine: a keeper with a session at each venue, which is started, stopped and killed.
 *
 * - d: alive although the program has been hanging for longer than its gate allows
 * - f: a stop that hangs; `done()` that does not settle as the sessions ended
 * - g: a listener's exception that was not counted
 */
export class KeeperProcess {
	readonly checked: readonly CheckedSession[];
	readonly answers: Answers;
	keeper: Keeper | undefined;
	program: TradingProgram | undefined;
	readonly #world: World;
	readonly #journal: Journal;
	readonly #random: () => number;
	/** Sessions that were stopped individually. */
	readonly #stoppedAlone = new Set<string>();
	#isStopping = false;
	#thrown = 0;
	/** Whether a session of the present process has ended for good. */
	#hasFailed = false;
	/** How `done()` of the present process has settled. */
	#end: "none" | "resolved" | "rejected" = "none";

	constructor(setups: readonly VenueSetup[], world: World, journal: Journal, random: () => number) {
		this.#world = world;
		this.#journal = journal;
		this.#random = random;
		this.checked = setups.map((setup) => {
			const isAsked = (): boolean => !this.#isStopping && !this.#stoppedAlone.has(setup.name);
			return checkedSession(setup, world, journal, () => (isAsked() ? this.current(setup.name) : undefined));
		});
		this.answers = new Answers(this, world);
	}

	/** Whether a process runs and is not stopping. */
	get isUp(): boolean {
		return this.keeper !== undefined && !this.#isStopping;
	}

	/** The keeper's current record of a session. */
	current(name: string): StatusRecord | undefined {
		return this.keeper && this.answers.current(this.keeper, name);
	}

	/** Whether the session is stopped on request, according to a record of it. */
	isReleased(name: string, { status }: StatusRecord): boolean {
		const isLeaving = status.state === "leaving" || status.state === "stopped";
		return this.#stoppedAlone.has(name) || (this.#isStopping && isLeaving);
	}

	/** Starts a new process, with new sessions and a new keeper. */
	begin(): void {
		this.#journal.tell("keeper", "a process starts");
		this.#world.machine.powerOn();
		this.#isStopping = false;
		this.#stoppedAlone.clear();
		this.#thrown = 0;
		const program = new TradingProgram(this.#world, this.#random);
		this.program = program;
		for (const it of this.checked) processStarted(it);
		this.#world.machine.deliver(() => {
			for (const it of this.checked) it.kept = it.setup.make((opened) => this.#onOpen(it, opened));
			const sessions = this.checked.flatMap(({ kept }) => (kept ? [kept.session] : []));
			const keeper = keepalive(sessions, { random: this.#random, ...program.options });
			this.keeper = keeper;
			keeper.onStatus((record) => this.#recorded(keeper, record));
			this.#followEnd(keeper);
			this.#watchAlerts(keeper, program);
			if (chance(this.#random, 0.1)) checkSecondClaim(sessions, this.#journal);
			// An iterator that is never read must not grow without bound.
			keeper.records();
			program.work(keeper);
		});
	}

	#watchAlerts(keeper: Keeper, { alertAfterMs }: TradingProgram): void {
		for (const it of this.checked) {
			it.alerts = alertAfterMs.map((ms) => new AlertInvariant(it.setup.name, this.#world, this.#journal, ms));
		}
		alertAfterMs.forEach((afterMs, index) => {
			const listener = (record: ProtectionRecord): void => {
				if (keeper !== this.keeper) return;
				const checked = this.checked.find(({ setup }) => setup.name === record.session);
				checked?.alerts[index]?.told(record, isProtected(keeper.current(record.session)));
				this.#mayThrow();
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

	/** `done()` resolves when every session was stopped on request, and rejects once one has ended for good. */
	#followEnd(keeper: Keeper): void {
		this.#end = "none";
		this.#hasFailed = false;
		keeper.done().then(
			() => {
				if (keeper === this.keeper) this.#end = "resolved";
			},
			(error: unknown) => {
				if (keeper !== this.keeper) return;
				this.#end = "rejected";
				if (!isKeeperError(error) || error.kind !== "fatal") this.#journal.violate("f-done", "keeper", String(error));
			},
		);
	}

	/** The program asks for an attempt at opening a session now. */
	retry(name: string): void {
		const checked = this.checked.find(({ setup }) => setup.name === name);
		this.#world.machine.deliver(() => {
			const { keeper } = this;
			if (!keeper || !checked || !this.isUp || this.#stoppedAlone.has(name) || checked.watch.hasStopped) return;
			const before = keeper.current(name);
			checked.retry.retried(keeper.retry(name), before);
		});
	}

	/** Makes the program hang, or fail its health check; false without a gate. */
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

	/** Ends the hang. */
	recover(): void {
		if (this.program) this.program.hangingSince = undefined;
	}

	/** Checks what changes with time alone. */
	checkDeadlines(): void {
		const { program } = this;
		const { now, machine } = this.#world;
		const unhealthyMs =
			program?.hangingSince === undefined ? 0 : now - Math.max(program.hangingSince, machine.disturbedAt);
		const { keeper } = this;
		if (keeper && !machine.isFrozen) for (const checked of this.checked) this.answers.lookAt(checked, keeper);
		this.#world.wake();
		for (const { setup, watch, orders, alerts, retry } of this.checked) {
			if (program?.hangingSince !== undefined) watch.markDisturbed(now);
			watch.checkDeadlines();
			orders.checkDeadlines();
			retry.checkDeadlines();
			for (const alert of alerts) alert.checkDeadlines();
			const mostMs = 1.5 * (program?.toleranceMs ?? 0) + 1_000;
			// Asking runs the keeper's code, which a machine that stands still cannot.
			const status = machine.isFrozen ? undefined : this.current(setup.name)?.status;
			// A session that cancels nothing goes on, and says so.
			if (unhealthyMs > mostMs && this.isUp && status?.state === "alive" && status.ungated === undefined) {
				this.#journal.violate(
					"d-alive-while-unhealthy",
					setup.name,
					`unhealthy for ${unhealthyMs} ms, at most ${mostMs}`,
				);
			}
		}
	}

	/** Stops one session and leaves the others running; `then` receives how to start it again. */
	stopOne(name: string, orders: OrdersOnClose, then: (start: () => void) => void): void {
		const { keeper } = this;
		const checked = this.checked.find(({ setup }) => setup.name === name);
		if (!keeper || !checked || this.#stoppedAlone.has(name)) return;
		this.#journal.tell(name, `stop this one, orders: ${orders}`);
		this.#journal.count("one stopped");
		this.#world.machine.deliver(() => {
			if (this.keeper !== keeper || this.#isStopping) return;
			this.#stoppedAlone.add(name);
			const isJudged = checked.watch.isCalmFor(60_000);
			void keeper.stop({ orders, session: name }).then((all) => {
				if (this.keeper !== keeper || this.#isStopping) return;
				const closed = all[name];
				if (closed) checked.orders.left(closed, isJudged);
				then(() => this.#startOne(keeper, checked));
			});
		});
	}

	#startOne(keeper: Keeper, { setup, watch, orders, traffic }: CheckedSession): void {
		this.#world.machine.deliver(() => {
			if (this.keeper !== keeper || this.#isStopping) return;
			this.#journal.tell(setup.name, "start it again");
			this.#stoppedAlone.delete(setup.name);
			orders.processStarted();
			traffic.startedOnRequest();
			watch.processStarted(keeper.current(setup.name).tally);
			keeper.start(setup.name);
		});
	}

	/** Ends the process at once: killed, so that the system closes its sockets, or by a power cut, so that nothing does. */
	die(closes: boolean): void {
		this.#journal.tell("keeper", closes ? "the process is killed" : "the power is gone");
		this.#journal.count(closes ? "killed" : "power lost");
		this.#gone();
		for (const { setup } of this.checked) setup.route.machineDied(closes);
	}

	/** Stops the keeper, checks how it stops, and then calls `then`. */
	stop(orders: OrdersOnClose, then: () => void): void {
		const { keeper } = this;
		if (!keeper) {
			then();
			return;
		}
		this.#journal.tell("keeper", `stop, orders: ${orders}`);
		this.#journal.count(`stop ${orders}`);
		const from = this.#world.now;
		let settled = false;
		this.#world.machine.deliver(() => {
			if (this.keeper !== keeper) return;
			this.#isStopping = true;
			this.program?.stopWorking();
			const checked = this.checked.map(({ watch }) => watch.isCalmFor(60_000));
			void keeper.stop({ orders }).then((all) => {
				settled = true;
				this.#stopped(all, checked, then);
			});
			// A second stop has no effect, whatever its options.
			if (chance(this.#random, 0.2)) void keeper.stop({ orders: "cancel" });
		});
		const check = (): void => {
			if (settled || this.keeper !== keeper) return;
			const stoodMs = Math.max(0, this.#world.machine.disturbedAt - from);
			if (this.#world.now - from - stoodMs <= longestStopMs) {
				this.#world.after(longestStopMs - (this.#world.now - from - stoodMs) + 1, check);
				return;
			}
			this.#journal.violate("f-stop-hangs", "keeper", `after ${this.#world.now - from} ms`);
			this.die(true);
			then();
		};
		this.#world.after(longestStopMs + 1, check);
	}

	#stopped(all: Readonly<Record<string, Closed>>, checked: readonly boolean[], then: () => void): void {
		const { keeper } = this;
		this.checked.forEach(({ setup, orders }, index) => {
			const closed = all[setup.name];
			this.#journal.tell(setup.name, `left: ${JSON.stringify(closed)}`);
			if (closed) orders.left(closed, checked[index] ?? false);
			const state = keeper?.snapshot()[setup.name]?.status.state;
			if (state !== "stopped") this.#journal.violate("f-not-stopped", setup.name, String(state));
		});
		if (this.#end !== (this.#hasFailed ? "rejected" : "resolved")) {
			const ended = this.#hasFailed ? "a" : "no";
			this.#journal.violate("f-done", "keeper", `${this.#end}, and ${ended} session ended for good`);
		}
		if (keeper && keeper.listenerFaults !== this.#thrown) {
			this.#journal.violate("g-listener-faults", "keeper", `${keeper.listenerFaults} counted, ${this.#thrown} thrown`);
		}
		const stays = all["deribit"]?.orders === "refused";
		const { process } = this.#world.machine;
		const check = (): void => {
			// By now another process may be running, or the machine may have stalled, slept or had its clock set.
			if (process.hasEnded) return;
			const readyAt = this.#world.machine.disturbedAt + socketsCloseMs;
			if (this.#world.now < readyAt) {
				this.#world.after(readyAt - this.#world.now, check);
				return;
			}
			checkNothingLeft(this.checked, this.#world, this.#journal, stays);
			this.#gone();
			for (const { setup } of this.checked) setup.route.machineDied(true);
			then();
		};
		this.#world.after(socketsCloseMs, check);
	}

	#gone(): void {
		this.keeper = undefined;
		this.#isStopping = false;
		this.#world.machine.powerOff();
		for (const it of this.checked) processEnded(it);
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
		if (status.state === "stopped" && status.why === "fatal") this.#hasFailed = true;
		if (status.state === "leaving") checked?.setup.left?.();
		this.#journal.tell(record.session, describeRecord(record));
		this.#journal.count(`record ${status.state}`);
		if (checked) {
			checked.setup.route.touched = true;
			this.answers.lookAt(checked, keeper);
		}
		if (status.state === "gated" && checked) checked.orders.left(status.closed, false);
		this.#mayThrow();
	}

	#mayThrow(): void {
		if (!chance(this.#random, 0.2)) return;
		this.#thrown += 1;
		throw new Error("a listener that throws");
	}
}
