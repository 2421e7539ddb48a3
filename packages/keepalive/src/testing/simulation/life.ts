import { type Keeper, keepalive } from "../../keeper.ts";
import type { Closed, OrdersOnClose } from "../../session.ts";
import type { StatusRecord } from "../../status.ts";
import type { Journal } from "./journal.ts";
import { OrdersWatch } from "./orders-watch.ts";
import { chance } from "./seeded.ts";
import type { Kept, Stage } from "./stage.ts";
import { Traffic } from "./traffic.ts";
import { Watch } from "./watch.ts";
import type { World } from "./world.ts";

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
 * - f: a stop that hangs, a timer or a socket left behind by it
 */
export class Life {
	readonly judged: readonly Judged[];
	keeper: Keeper | undefined;
	readonly #world: World;
	readonly #journal: Journal;
	readonly #random: () => number;
	#snapshot: Readonly<Record<string, StatusRecord>> = {};
	#isStopping = false;

	constructor(stages: readonly Stage[], world: World, journal: Journal, random: () => number) {
		this.#world = world;
		this.#journal = journal;
		this.#random = random;
		this.judged = stages.map((stage) => {
			const current = (): StatusRecord | undefined =>
				this.#isStopping ? undefined : this.keeper && this.#snapshotOf(stage.name);
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
		return this.keeper && this.#snapshotOf(name);
	}

	/** A new process, with sessions and a keeper that remember nothing. */
	begin(): void {
		this.#journal.tell("keeper", "a process starts");
		this.#isStopping = false;
		for (const it of this.judged) {
			it.watch.begun();
			it.orders.begun();
			it.traffic.begun();
		}
		this.#world.machine.deliver(() => {
			for (const it of this.judged) it.kept = it.stage.make();
			const sessions = this.judged.flatMap(({ kept }) => (kept ? [kept.session] : []));
			const keeper = keepalive(sessions, { random: this.#random });
			this.keeper = keeper;
			keeper.onStatus((record) => this.#recorded(keeper, record));
			// A reader that never reads: memory is bounded and nothing waits for it.
			keeper.records();
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

	#snapshotOf(name: string): StatusRecord | undefined {
		this.#snapshot = this.keeper?.snapshot() ?? {};
		return this.#snapshot[name];
	}

	#recorded(keeper: Keeper, record: StatusRecord): void {
		if (keeper !== this.keeper) return;
		const judged = this.judged.find(({ stage }) => stage.name === record.session);
		judged?.watch.recorded(record);
		const { status } = record;
		this.#journal.tell(record.session, describe(record));
		this.#journal.count(`record ${status.state}`);
		if (judged) judged.stage.way.touched = true;
		if (chance(this.#random, 0.2)) throw new Error("a listener that throws");
	}
}

/** A record in one line. */
function describe({ status }: StatusRecord): string {
	const cause = "cause" in status ? `  ${status.cause.name}: ${status.cause.message}` : "";
	switch (status.state) {
		case "opening":
			return `opening, attempt ${status.attempt}`;
		case "alive": {
			const { protection } = status;
			const exposure = protection.state === "armed" ? `, exposure ${protection.exposureMs} ms` : "";
			const reason = "reason" in protection && protection.state !== "unsupported" ? `: ${protection.reason}` : "";
			return `alive, ${protection.state}${exposure}${reason}`;
		}
		case "late":
			return `late, ${status.protection.state}${cause}`;
		case "lost":
			return `lost, ${status.protection.state}${cause}`;
		case "leaving":
			return `leaving${cause}`;
		case "waiting":
			return `waiting (${status.why})${cause}`;
		case "blocked":
			return `blocked: ${status.todo}${cause}`;
		case "stopped":
			return `stopped (${status.why}), orders ${status.closed.orders}${cause}`;
	}
}
