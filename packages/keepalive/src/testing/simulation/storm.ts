import { vi } from "vitest";
import { type Keeper, keepalive } from "../../keeper.ts";
import type { StatusRecord } from "../../status.ts";
import type { Fault } from "./faults.ts";
import { Invariants } from "./invariants.ts";
import type { Journal } from "./journal.ts";
import { drain, type Machine } from "./machine.ts";
import { gap, pick } from "./seeded.ts";
import type { Stage } from "./stage.ts";

/** What a storm is made of. */
export interface StormOptions {
	readonly stage: Stage;
	readonly machine: Machine;
	readonly journal: Journal;
	readonly random: () => number;
	readonly faults: readonly Fault[];
	readonly meanGapMs: number;
}

/** A keeper with one session in a world where things go wrong, judged at every step. */
export class Storm {
	readonly keeper: Keeper;
	readonly invariants: Invariants;
	readonly #options: StormOptions;
	#undo: { at: number; name: string; run: () => void }[] = [];

	constructor(options: StormOptions) {
		const { stage, machine, journal, random } = options;
		this.#options = options;
		this.invariants = new Invariants(stage, machine, journal);
		this.keeper = keepalive([stage.session], { random });
		this.keeper.onStatus((record) => {
			this.invariants.recorded(record);
			journal.tell(JSON.stringify(record.status));
			journal.count("records");
			if (random() < 0.3) throw new Error("a listener that throws");
		});
	}

	/** @throws Error when the keeper has none of the session, which cannot be. */
	current(): StatusRecord {
		const record = this.keeper.snapshot()[this.#options.stage.session.name];
		if (!record) throw new Error("no record");
		return record;
	}

	/** Alive, and armed where there is such a thing. */
	get isFine(): boolean {
		const { status } = this.current();
		return status.state === "alive" && ["armed", "unsupported"].includes(status.protection.state);
	}

	get isOver(): boolean {
		return this.current().status.state === "stopped";
	}

	/** Lets so much of the world's time pass in one go, then judges. */
	async step(ms: number): Promise<void> {
		await vi.advanceTimersByTimeAsync(ms);
		await drain(1);
		this.invariants.check(this.current());
	}

	/** Lets so much time pass in steps of different size, and undoes the faults that have lasted long enough. */
	async pass(ms: number): Promise<void> {
		const { random, journal } = this.#options;
		for (let left = ms; left > 0; ) {
			const size = Math.min(left, pick(random, [100, 250, 500, 1_000]));
			await this.step(size);
			left -= size;
			const due = this.#undo.filter(({ at }) => at <= journal.now());
			this.#undo = this.#undo.filter((it) => !due.includes(it));
			for (const it of due) this.#lift(it);
		}
	}

	/** Faults at random, and orders placed among them, for so long; what the machine sleeps or stands still is not counted. */
	async rage(forMs: number): Promise<void> {
		const { random, meanGapMs } = this.#options;
		await this.pass(3_000 + random() * 30_000);
		for (let awakeMs = 0; awakeMs < forMs; ) {
			await this.#strike();
			const quietMs = Math.min(gap(random, meanGapMs), forMs - awakeMs);
			await this.pass(quietMs);
			awakeMs += quietMs;
			if (random() < 0.2) this.place();
		}
	}

	/** Lifts all faults and waits until the session is fine again, or stopped, or the time is over. */
	async calm(recoverMs: number): Promise<void> {
		const { journal, stage } = this.#options;
		const from = journal.now();
		for (const it of this.#undo.splice(0)) this.#lift(it);
		stage.link.heal();
		journal.tell("calm");
		while (journal.now() - from < recoverMs && !this.isFine && !this.isOver) await this.pass(1_000);
		const told = JSON.stringify(this.current().status);
		if (this.isOver) {
			if (!this.invariants.traffic.isRevoked) journal.violate("c-stopped", told);
		} else if (!this.isFine) journal.violate("c-not-recovered", told);
		journal.stats["recoveryMs"] = journal.now() - from;
	}

	/** Places an order, where there is a connection to place it over. */
	place(): void {
		try {
			this.#options.stage.pull("place", {});
		} catch {
			// No connection to place it over.
		}
	}

	#lift({ name, run }: { name: string; run: () => void }): void {
		this.#options.journal.tell(`${name} ends`);
		run();
		if (name === "clock") this.invariants.resumed();
	}

	async #strike(): Promise<void> {
		const { random, journal, faults } = this.#options;
		const { name, strike } = pick(random, faults);
		journal.count(`fault ${name}`);
		const struck = await strike(random);
		const { text, forMs = 0, undo } = struck ?? {};
		journal.tell(`${name}${text ? ` ${text}` : ""}${forMs ? ` for ${Math.round(forMs)}` : ""}`);
		if (["stall", "suspend", "clock"].includes(name)) this.invariants.resumed();
		if (name === "revoke") this.invariants.traffic.revoked();
		if (name === "penalty" || name === "ban") this.invariants.traffic.boxed(forMs);
		if (undo) this.#undo.push({ at: journal.now() + forMs, name, run: undo });
	}
}
