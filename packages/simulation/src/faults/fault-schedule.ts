import type { Journal } from "../journal.ts";
import type { KeeperProcess } from "../program/keeper-process.ts";
import type { CheckedSession } from "../program/session-with-invariants.ts";
import { between, chance, gap, pick, weighted } from "../world/seeded-random.ts";
import type { World } from "../world/world.ts";
import type { Fault, FaultEffect } from "./fault-definition.ts";
import { machineFaults } from "./faults-machine.ts";

/** A place where faults are injected: the faults of this place, and the sessions that they affect. */
export interface FaultTarget {
	readonly where: string;
	readonly faults: readonly Fault[];
	readonly hit: readonly CheckedSession[];
}

/**
 * The places where faults are injected: the machine, whose faults affect every session, and each venue together with the network to it.
 *
 * @param widestStepMs - the largest step of the machine's wall clock.
 */
export function faultTargets(keeperProcess: KeeperProcess, world: World, widestStepMs: number): FaultTarget[] {
	const all = keeperProcess.checked;
	const routes = all.map(({ setup }) => setup.route);
	const faults = machineFaults(world.machine, routes, { widestStepMs, program: keeperProcess });
	return [
		{ where: "machine", faults, hit: all },
		...all.map((one) => ({ where: one.setup.name, faults: one.setup.faults, hit: [one] })),
	];
}

/** The places where odd answers (single wrong answers of a venue that otherwise works) are injected: each venue. */
export function oddAnswerTargets({ checked }: KeeperProcess): FaultTarget[] {
	return checked.map((one) => ({ where: one.setup.name, faults: one.setup.oddAnswers, hit: [one] }));
}

/** Injects faults in bursts. The quiet periods between bursts vary: some are long enough to check that sessions recover. */
export class FaultSchedule {
	readonly #keeperProcess: KeeperProcess;
	readonly #world: World;
	readonly #journal: Journal;
	readonly #random: () => number;
	readonly #targets: readonly FaultTarget[];
	#undo: { readonly run: () => void; readonly cancel: () => void }[] = [];
	#isOver = false;

	constructor(
		keeperProcess: KeeperProcess,
		world: World,
		journal: Journal,
		random: () => number,
		targets: readonly FaultTarget[],
	) {
		this.#keeperProcess = keeperProcess;
		this.#world = world;
		this.#journal = journal;
		this.#random = random;
		this.#targets = targets;
	}

	begin(): void {
		this.#world.after(between(this.#random, 3_000, 300_000), () => this.#burst());
	}

	/** Stops injecting faults, and ends the faults that are still in effect. */
	clear(): void {
		this.#isOver = true;
		for (const { run, cancel } of this.#undo.splice(0)) {
			cancel();
			run();
		}
	}

	#burst(): void {
		if (this.#isOver) return;
		const until = this.#world.now + between(this.#random, 60_000, 2_400_000);
		// In some bursts, all faults are injected at the same place.
		const targets = chance(this.#random, 0.3) ? [pick(this.#random, this.#targets)] : this.#targets;
		this.#journal.tell("machine", `a burst of faults begins, for ${Math.round((until - this.#world.now) / 1_000)} s`);
		this.#injectRepeatedly(targets, pick(this.#random, [10_000, 40_000, 120_000]), until);
	}

	#injectRepeatedly(targets: readonly FaultTarget[], meanGapMs: number, until: number): void {
		if (this.#isOver) return;
		if (this.#world.now >= until) {
			this.#world.after(between(this.#random, 60_000, 300_000) + gap(this.#random, 4_000_000), () => this.#burst());
			return;
		}
		this.#inject(pick(this.#random, targets));
		this.#world.after(gap(this.#random, meanGapMs), () => this.#injectRepeatedly(targets, meanGapMs, until));
	}

	#inject({ where, faults, hit }: FaultTarget): void {
		const fault = weighted(this.#random, faults, ({ weight = 1 }) => weight);
		const effect = fault.inject(this.#random);
		if (!effect) return;
		const { text, forMs = 0, undo, fatal, isHarmless, isDrop = false } = effect;
		const lasts = forMs > 0 ? `, for ${Math.round(forMs / 1_000)} s` : "";
		this.#journal.tell(where, `FAULT ${fault.name}${text === undefined ? "" : ` ${text}`}${lasts}`);
		this.#journal.count(`fault ${where} ${fault.name}`);
		for (const one of hit) {
			if (!isHarmless) one.watch.markDisturbed(this.#world.now + forMs);
			if (!isDrop) one.reopen.markOtherFault(this.#world.now + forMs);
			this.#prepareInvariants(one, fault, effect);
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

	#prepareInvariants(
		{ watch, traffic, orders }: CheckedSession,
		{ name }: Fault,
		{ forMs = 0, fatal, voidsOrders }: FaultEffect,
	): void {
		if (fatal) watch.mayStop(this.#world.now + forMs);
		if (voidsOrders) orders.voidPromises();
		if (name === "penalty box" || name === "address banned") traffic.venueBlocked(forMs);
	}

	/** Restarts the program after some minutes if a session has stopped for good, as a person does after fixing the cause. */
	#restartSoon(): void {
		this.#world.after(between(this.#random, 300_000, 1_800_000), () => {
			if (this.#isOver) return;
			if (!this.#keeperProcess.isUp || !this.#keeperProcess.checked.some(({ watch }) => watch.hasStopped))
				this.#restartSoon();
			else this.#keeperProcess.stop("cancel", () => this.#keeperProcess.begin());
		});
	}
}
