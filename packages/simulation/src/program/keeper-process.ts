import { type Closed, type Keeper, keepalive, type OrdersOnClose, type StatusRecord } from "@x/keepalive";
import { describeRecord } from "../describe-record.ts";
import { OrdersWatch } from "../invariants/order-invariants.ts";
import { Watch } from "../invariants/session-invariants.ts";
import { Traffic } from "../invariants/traffic-invariants.ts";
import type { Journal } from "../journal.ts";
import type { Kept, Stage } from "../venues/venue-setup.ts";
import { chance } from "../world/seeded.ts";
import type { World } from "../world/world.ts";
import { Program } from "./program-health.ts";

/** A stage with those who judge what happens on it. */
export interface Judged {
	readonly stage: Stage;
	readonly watch: Watch;
	readonly orders: OrdersWatch;
	readonly traffic: Traffic;
	kept: Kept | undefined;
}

/** All of a stop has to be over within this: the keeper's own deadline, and what a timer may be late. */
const longestStopMs = 9_000 + 200;
/** Connections that are given up may take the client's patience with a close until they are gone. */
const tidyMs = 15_000;

/**
 * The one process on the machine: a keeper with a session at each venue, which is started, stopped and killed.
 *
 * - d: alive although the program has been sick for longer than its gate allows
 * - f: a stop that hangs, a timer or a socket left behind by it
 * - g: a fault of a listener that nobody counted
 */
export class Life {
	readonly judged: readonly Judged[];
	keeper: Keeper | undefined;
	program: Program | undefined;
	readonly #world: World;
	readonly #journal: Journal;
	readonly #random: () => number;
	/** Sessions that were stopped alone. */
	readonly #alone = new Set<string>();
	#isStopping = false;
	#thrown = 0;

	constructor(stages: readonly Stage[], world: World, journal: Journal, random: () => number) {
		this.#world = world;
		this.#journal = journal;
		this.#random = random;
		this.judged = stages.map((stage) => {
			const current = (): StatusRecord | undefined =>
				this.#isStopping || this.#alone.has(stage.name) ? undefined : this.keeper?.current(stage.name);
			const traffic = new Traffic(stage, world, journal);
			stage.way.witness = traffic;
			const watch = new Watch(stage, world, journal, current);
			traffic.isCalm = () => watch.isCalmFor(600_000);
			traffic.onBoxed = (forMs) => watch.disturb(world.now + forMs);
			return {
				stage,
				watch,
				orders: new OrdersWatch(stage, world, journal),
				traffic,
				kept: undefined,
			};
		});
	}

	/** Whether a process runs and was not asked to stop. */
	get isUp(): boolean {
		return this.keeper !== undefined && !this.#isStopping;
	}

	/** What the keeper shows of a session now. */
	current(name: string): StatusRecord | undefined {
		return this.keeper?.current(name);
	}

	/** A new process, with sessions and a keeper that remember nothing. */
	begin(): void {
		this.#journal.tell("keeper", "a process starts");
		this.#isStopping = false;
		this.#alone.clear();
		this.#thrown = 0;
		const program = new Program(this.#world, this.#random);
		this.program = program;
		for (const it of this.judged) {
			it.watch.begun();
			it.orders.begun();
			it.traffic.begun();
		}
		this.#world.machine.deliver(() => {
			for (const it of this.judged) it.kept = it.stage.make();
			const sessions = this.judged.flatMap(({ kept }) => (kept ? [kept.session] : []));
			const keeper = keepalive(sessions, { random: this.#random, ...program.options });
			this.keeper = keeper;
			keeper.onStatus((record) => this.#recorded(keeper, record));
			// A reader that never reads: memory is bounded and nothing waits for it.
			keeper.records();
			program.work(keeper);
		});
	}

	/** The program hangs, or says that it is ill; false when nobody asks after it. */
	sicken(): boolean {
		const { program } = this;
		if (program?.toleranceMs === undefined || program.sickSince !== undefined || !this.isUp) return false;
		const since = this.#world.now;
		program.sickSince = since;
		for (const { stage, orders } of this.judged) {
			const status = this.current(stage.name)?.status;
			const isSick = (): boolean => program === this.program && program.sickSince === since;
			if (status?.state === "alive" && status.hangMs !== undefined) orders.hung(status.hangMs, isSick);
		}
		return true;
	}

	/** It is well again. */
	mend(): void {
		if (this.program) this.program.sickSince = undefined;
	}

	/** Looks at what time alone may break. */
	patrol(): void {
		const { program } = this;
		const { now, machine } = this.#world;
		const sickMs = program?.sickSince === undefined ? 0 : now - Math.max(program.sickSince, machine.disturbedAt);
		for (const { stage, watch, orders } of this.judged) {
			if (program?.sickSince !== undefined) watch.disturb(now);
			watch.patrol();
			orders.patrol();
			const mostMs = 1.5 * (program?.toleranceMs ?? 0) + 1_000;
			if (sickMs > mostMs && this.isUp && this.current(stage.name)?.status.state === "alive") {
				this.#journal.violate("d-alive-while-sick", stage.name, `sick for ${sickMs} ms, at most ${mostMs}`);
			}
		}
	}

	/** Stops one session and leaves the others alone; `then` starts it again. */
	stopOne(name: string, orders: OrdersOnClose, then: (start: () => void) => void): void {
		const { keeper } = this;
		const judged = this.judged.find(({ stage }) => stage.name === name);
		if (!keeper || !judged || this.#alone.has(name)) return;
		this.#journal.tell(name, `stop this one, orders: ${orders}`);
		this.#journal.count("one stopped");
		this.#world.machine.deliver(() => {
			if (this.keeper !== keeper || this.#isStopping) return;
			this.#alone.add(name);
			const isJudged = judged.watch.isCalmFor(60_000);
			void keeper.stop({ orders, session: name }).then((all) => {
				if (this.keeper !== keeper || this.#isStopping) return;
				const closed = all[name];
				if (closed) judged.orders.left(closed, isJudged);
				then(() => this.#startOne(keeper, judged));
			});
		});
	}

	#startOne(keeper: Keeper, { stage, watch, orders, traffic }: Judged): void {
		this.#world.machine.deliver(() => {
			if (this.keeper !== keeper || this.#isStopping) return;
			this.#journal.tell(stage.name, "start it again");
			this.#alone.delete(stage.name);
			orders.begun();
			traffic.askedFor();
			watch.begun(keeper.current(stage.name).tally);
			keeper.start(stage.name);
		});
	}

	/** The process is gone at once: killed, so that its system closes the sockets, or with the power, so that nobody does. */
	die(closes: boolean): void {
		this.#journal.tell("keeper", closes ? "the process is killed" : "the power is gone");
		this.#journal.count(closes ? "killed" : "power lost");
		this.#gone();
		for (const { stage } of this.judged) stage.way.machineDied(closes);
	}

	/** Asks the keeper to stop, judges how it does, and calls `then` when all is judged. */
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
			this.program?.rest();
			const judged = this.judged.map(({ watch }) => watch.isCalmFor(60_000));
			void keeper.stop({ orders }).then((all) => {
				settled = true;
				this.#stopped(all, judged, then);
			});
			// A second stop is harmless, whatever it asks for.
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

	#stopped(all: Readonly<Record<string, Closed>>, judged: readonly boolean[], then: () => void): void {
		const { keeper } = this;
		this.judged.forEach(({ stage, orders }, index) => {
			const closed = all[stage.name];
			this.#journal.tell(stage.name, `left: ${JSON.stringify(closed)}`);
			if (closed) orders.left(closed, judged[index] ?? false);
			const state = keeper?.snapshot()[stage.name]?.status.state;
			if (state !== "stopped") this.#journal.violate("f-not-stopped", stage.name, String(state));
		});
		if (keeper && keeper.listenerFaults !== this.#thrown) {
			this.#journal.violate("g-listener-faults", "keeper", `${keeper.listenerFaults} counted, ${this.#thrown} thrown`);
		}
		const stays = all["deribit"]?.orders === "refused";
		const { life } = this.#world.machine;
		const check = (): void => {
			// Another process by now, or a machine that stood still meanwhile.
			if (life !== this.#world.machine.life) return;
			const readyAt = this.#world.machine.disturbedAt + tidyMs;
			if (this.#world.now < readyAt) {
				this.#world.after(readyAt - this.#world.now, check);
				return;
			}
			this.#checkTidy(stays);
			this.#gone();
			for (const { stage } of this.judged) stage.way.machineDied(true);
			then();
		};
		this.#world.after(tidyMs, check);
	}

	#checkTidy(deribitStays: boolean): void {
		const { timers } = this.#world.machine;
		if (timers !== 0) this.#journal.violate("f-timers-left", "keeper", `${timers}`);
		for (const { stage } of this.judged) {
			const { up } = stage.way;
			// Deribit cannot leave without a cancel by what it protects: then the connection stays, and it says so.
			if (up.length > 0 && !(deribitStays && stage.name === "deribit")) {
				this.#journal.violate("f-socket-left", stage.name, `${up.length}`);
			}
		}
	}

	#gone(): void {
		this.keeper = undefined;
		this.#isStopping = false;
		this.#world.machine.powerOff();
		for (const it of this.judged) {
			it.kept = undefined;
			it.watch.begun();
		}
	}

	#recorded(keeper: Keeper, record: StatusRecord): void {
		if (keeper !== this.keeper) return;
		const judged = this.judged.find(({ stage }) => stage.name === record.session);
		judged?.watch.recorded(record);
		const { status } = record;
		this.#journal.tell(record.session, describeRecord(record));
		this.#journal.count(`record ${status.state}`);
		if (judged) judged.stage.way.touched = true;
		if (status.state === "gated" && judged) judged.orders.left(status.closed, false);
		if (!chance(this.#random, 0.2)) return;
		this.#thrown += 1;
		throw new Error("a listener that throws");
	}
}
