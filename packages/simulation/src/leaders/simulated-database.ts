import { neverAborted } from "@x/base/clock";
import type { LeaderStore, TakeResult } from "@x/keepalive/leader";
import type { PostgresPulseStore } from "@x/keepalive-postgres";
import type { Line } from "./network-line.ts";
import type { Cluster } from "./simulated-clocks.ts";

/** A mistake that tests build into the simulated database, to see that the simulation detects it. */
export type DatabaseMistake = "the clock of the taker decides" | "the lead never ends" | "an epoch is given twice";

interface LeaderRow {
	holder: string;
	epoch: number;
	since: number;
	expiresAt: number;
}

/**
 * The simulated database that the machines use to agree who leads. It stores one row with the leader, and one row for each process with
 * its last pulse. The database's own clock decides when the leader's row expires.
 */
export class SimulatedDatabase {
	readonly #cluster: Cluster;
	readonly #rate: number;
	readonly #mistake: DatabaseMistake | undefined;
	#row: LeaderRow | undefined;
	/** For each process, when this process last saw a pulse (sign of life) of the bot. */
	readonly #pulses = new Map<string, number>();
	/** The current fault of the database: `hangs` means that it does not answer, `refuses` that it refuses every call. */
	fault: "hangs" | "refuses" | undefined;
	/** How many times the leader has changed. */
	changes = 0;

	constructor(cluster: Cluster, rate: number, mistake?: DatabaseMistake) {
		this.#cluster = cluster;
		this.#rate = rate;
		this.#mistake = mistake;
	}

	/** The leader store that a machine uses. Its calls go over `line` to the simulated database. */
	storeOf(line: Line, wallMs: () => number): LeaderStore {
		const clock = (): number => (this.#mistake === "the clock of the taker decides" ? wallMs() : this.#now);
		return {
			take: (_name, holder, ttlMs, signal) => this.#ask(line, signal, () => this.#take(holder, ttlMs, clock())),
			renew: (_name, holder, epoch, ttlMs, signal) =>
				this.#ask(line, signal, () => this.#renew(holder, epoch, ttlMs, clock())),
			release: async (_name, holder, epoch, signal) => {
				await this.#ask(line, signal, () => this.#release(holder, epoch));
			},
		};
	}

	/**
	 * The pulse store that a machine uses. Its calls go over `line` to the simulated database. It follows the rules of `postgresPulseStore`.
	 */
	pulsesOf(line: Line): PostgresPulseStore {
		return {
			createTable: async (signal = neverAborted) => {
				await this.#ask(line, signal, () => true);
			},
			write: async (_name, holder, at, signal) => {
				await this.#ask(line, signal, () => {
					const known = this.#pulses.get(holder) ?? Number.NEGATIVE_INFINITY;
					this.#pulses.set(holder, known > this.#now ? at : Math.max(known, at));
					return true;
				});
			},
			read: (_name, holder, signal) =>
				this.#ask(line, signal, () => {
					const others = [...this.#pulses].filter(([other]) => other !== holder).sort(([, a], [, b]) => b - a);
					return { now: this.#now, others: others.slice(0, 20).map(([other, at]) => ({ holder: other, at })) };
				}),
			deleteOld: async () => undefined,
			close: async () => undefined,
		};
	}

	#ask<T>(line: Line, signal: AbortSignal, act: () => T): Promise<T> {
		return line.call(signal, () => {
			if (this.fault === "refuses") throw new Error("connection refused");
			return this.fault === "hangs" ? undefined : act();
		});
	}

	get #now(): number {
		return this.#cluster.now * this.#rate;
	}

	#take(holder: string, ttlMs: number, now: number): TakeResult {
		const row = this.#row;
		const isHeld = row && (row.expiresAt > now || (this.#mistake === "the lead never ends" && row.expiresAt > 0));
		if (isHeld && row.holder !== holder) {
			const { epoch, since, expiresAt } = row;
			return {
				isTaken: false,
				leader: { holder: row.holder, epoch, ledForMs: now - since, expiresInMs: expiresAt - now },
			};
		}
		this.changes += 1;
		const epoch = this.#mistake === "an epoch is given twice" ? (row?.epoch ?? 1) : (row?.epoch ?? 0) + 1;
		this.#row = { holder, epoch, since: now, expiresAt: now + ttlMs };
		return { isTaken: true, epoch };
	}

	#renew(holder: string, epoch: number, ttlMs: number, now: number): boolean {
		const row = this.#row;
		if (row?.holder !== holder || row.epoch !== epoch) return false;
		row.expiresAt = now + ttlMs;
		return true;
	}

	#release(holder: string, epoch: number): true {
		const row = this.#row;
		if (row?.holder === holder && row.epoch === epoch) this.#row = { ...row, holder: "", expiresAt: 0 };
		return true;
	}
}
