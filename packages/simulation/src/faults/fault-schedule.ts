import type { Journal } from "../journal.ts";
import type { CheckedSession, KeeperProcess } from "../program/keeper-process.ts";
import { between, chance, gap, pick, weighted } from "../world/seeded.ts";
import type { World } from "../world/world.ts";
import type { Fault, Struck } from "./faults.ts";
import { machineFaults } from "./faults-machine.ts";

/** Which sessions are hit, by which faults. */
interface Danger {
	readonly where: string;
	readonly faults: readonly Fault[];
	readonly hit: readonly CheckedSession[];
}

/** Injects faults in bursts. Quiet periods between them are sometimes long enough to check recovery. */
export class FaultSchedule {
	readonly #keeperProcess: KeeperProcess;
	readonly #world: World;
	readonly #journal: Journal;
	readonly #random: () => number;
	readonly #dangers: readonly Danger[];
	#undo: { readonly run: () => void; readonly cancel: () => void }[] = [];
	#isOver = false;

	/** @param widestStepMs - the largest step of the machine's wall clock. */
	constructor(
		keeperProcess: KeeperProcess,
		world: World,
		journal: Journal,
		random: () => number,
		widestStepMs: number,
	) {
		this.#keeperProcess = keeperProcess;
		this.#world = world;
		this.#journal = journal;
		this.#random = random;
		const all = keeperProcess.checked;
		const routes = all.map(({ setup }) => setup.route);
		this.#dangers = [
			{
				where: "machine",
				faults: machineFaults(world.machine, routes, { widestStepMs, program: keeperProcess }),
				hit: all,
			},
			...all.map((one) => ({ where: one.setup.name, faults: one.setup.faults, hit: [one] })),
		];
	}

	begin(): void {
		this.#world.after(between(this.#random, 3_000, 300_000), () => this.#storm());
	}

	/** Injects no more faults and ends those that last. */
	clear(): void {
		this.#isOver = true;
		for (const { run, cancel } of this.#undo.splice(0)) {
			cancel();
			run();
		}
	}

	#storm(): void {
		if (this.#isOver) return;
		const until = this.#world.now + between(this.#random, 60_000, 2_400_000);
		// In some bursts every fault hits the same venue.
		const dangers = chance(this.#random, 0.3) ? [pick(this.#random, this.#dangers)] : this.#dangers;
		this.#journal.tell("machine", `a storm of ${Math.round((until - this.#world.now) / 1_000)} s`);
		this.#strikes(dangers, pick(this.#random, [10_000, 40_000, 120_000]), until);
	}

	#strikes(dangers: readonly Danger[], meanGapMs: number, until: number): void {
		if (this.#isOver) return;
		if (this.#world.now >= until) {
			this.#world.after(between(this.#random, 60_000, 300_000) + gap(this.#random, 4_000_000), () => this.#storm());
			return;
		}
		this.#strike(pick(this.#random, dangers));
		this.#world.after(gap(this.#random, meanGapMs), () => this.#strikes(dangers, meanGapMs, until));
	}

	#strike({ where, faults, hit }: Danger): void {
		const fault = weighted(this.#random, faults, ({ weight = 1 }) => weight);
		const struck = fault.strike(this.#random);
		if (!struck) return;
		const { text, forMs = 0, undo, fatal } = struck;
		const lasts = forMs > 0 ? `, for ${Math.round(forMs / 1_000)} s` : "";
		this.#journal.tell(where, `FAULT ${fault.name}${text === undefined ? "" : ` ${text}`}${lasts}`);
		this.#journal.count(`fault ${where} ${fault.name}`);
		for (const one of hit) {
			one.watch.markDisturbed(this.#world.now + forMs);
			this.#foretell(one, fault, struck);
		}
		if (fatal) this.#restartSoon();
		if (!undo) return;
		const run = (): void => {
			this.#journal.tell(where, `${fault.name} ends`);
			undo();
			for (const { watch } of hit) watch.markDisturbed(this.#world.now);
		};
		const entry = {
			run,
			cancel: this.#world.after(forMs, () => {
				this.#undo = this.#undo.filter((other) => other !== entry);
				run();
			}),
		};
		this.#undo.push(entry);
	}

	#foretell({ watch, traffic, orders }: CheckedSession, { name }: Fault, { forMs = 0, fatal, voids }: Struck): void {
		if (fatal) watch.mayStop(this.#world.now + forMs);
		if (voids) orders.forget();
		if (name === "penalty box" || name === "address banned") traffic.boxed(forMs);
	}

	/** After a session has stopped for good, a person fixes the cause and restarts the program. */
	#restartSoon(): void {
		this.#world.after(between(this.#random, 300_000, 1_800_000), () => {
			if (this.#isOver) return;
			if (!this.#keeperProcess.isUp || !this.#keeperProcess.checked.some(({ watch }) => watch.hasStopped))
				this.#restartSoon();
			else this.#keeperProcess.stop("cancel", () => this.#keeperProcess.begin());
		});
	}
}
