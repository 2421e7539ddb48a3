import type { StatusRecord } from "../../status.ts";
import type { Journal } from "./journal.ts";
import type { Machine } from "./machine.ts";
import type { Stage } from "./stage.ts";
import { Traffic } from "./traffic.ts";

/** How far a timer of the keeper may lag behind what a status promised. */
const graceMs = 2_000;

/** A machine that stood still or had its clock set is given so long before silence is held against it. */
const settleMs = 400_000;

/**
 * What has to hold at every moment, whatever goes wrong.
 *
 * - a: shown armed, or alive, while the venue says otherwise, for longer than the proof may be old
 * - b: alive past the TTL
 * - e: pace, penalty box, connections, logins (see {@link Traffic})
 * - g: a change without a record, a loop gone quiet
 */
export class Invariants {
	/** Shares of the steps, for judging whether a run meant anything. */
	readonly steps = { all: 0, alive: 0 };
	readonly traffic: Traffic;
	readonly #stage: Stage;
	readonly #machine: Machine;
	readonly #journal: Journal;
	#falseSince: { at: number; kind: "dead" | "off" } | undefined;
	#resumedAt = Number.NEGATIVE_INFINITY;
	#sleptAtRecord = 0;
	#losses = 0;
	#last: StatusRecord | undefined;

	constructor(stage: Stage, machine: Machine, journal: Journal) {
		this.#stage = stage;
		this.#machine = machine;
		this.#journal = journal;
		this.traffic = new Traffic(stage, journal);
	}

	/** The machine stood still, or its clock was set: what it showed meanwhile is not held against it. */
	resumed(): void {
		this.#resumedAt = this.#journal.now();
	}

	/** The keeper told a change. */
	recorded(record: StatusRecord): void {
		this.#sleptAtRecord = this.#machine.sleptMs;
		this.#last = record;
		if (record.status.state === "lost") this.#losses += 1;
	}

	/** Judges what the keeper shows now. */
	check(record: StatusRecord): void {
		this.steps.all += 1;
		if (record.status.state === "alive") this.#checkAlive(record);
		else this.#falseSince = undefined;
		this.#checkQuiet(record);
		this.#checkRecorded(record);
		this.traffic.check();
	}

	#checkAlive({ status, tally }: StatusRecord): void {
		if (status.state !== "alive") return;
		this.steps.alive += 1;
		const now = this.#journal.now();
		const { state } = status.protection;
		const truth = this.#stage.truth();
		if (state === "unknown" || state === "unarmed" || truth === "yes") this.#falseSince = undefined;
		else {
			if (this.#falseSince?.kind !== truth) this.#falseSince = { at: now, kind: truth };
			const bound = this.#stage.bounds[truth];
			if (now - Math.max(this.#falseSince.at, this.#resumedAt) > bound) {
				const stood = now - this.#falseSince.at;
				this.#journal.violate(`a-false-${state}-${truth}`, `for ${stood} ms, bound ${bound}`);
			}
		}
		const age = Date.now() - (tally.lastBeatAt ?? 0);
		if (age >= status.ttlMs) this.#journal.violate("b-alive-past-ttl", `beat is ${age} ms old, ttl ${status.ttlMs}`);
	}

	#checkQuiet(record: StatusRecord): void {
		const { state } = record.status;
		// What the machine slept through cannot be held against its timers.
		const overdueMs = Date.now() - endOf(record) - (this.#machine.sleptMs - this.#sleptAtRecord);
		if (overdueMs > graceMs && this.#journal.now() - this.#resumedAt > settleMs) {
			this.#journal.violate("g-quiet", `${state} is over since ${overdueMs} ms`);
		}
	}

	#checkRecorded({ status, tally }: StatusRecord): void {
		const last = this.#last?.status;
		// Judged at the moment of asking: the keeper's own loop may not have run since its machine stood still.
		const judged = status.state === "late" && status.cause.name === "Stall";
		if (last && last.state !== status.state && !judged) {
			this.#journal.violate("g-unrecorded", `${status.state} shown, ${last.state} was recorded last`);
		}
		if (tally.losses !== this.#losses) {
			this.#journal.violate("g-loss-count", `${tally.losses} losses, ${this.#losses} records`);
		}
	}
}

/** When something else has to follow a state, by the machine's own clock. */
function endOf({ at, status }: StatusRecord): number {
	switch (status.state) {
		case "waiting":
			return status.until;
		case "blocked":
			return status.nextTryAt;
		case "opening":
			return at + 180_000;
		case "late":
			return status.lostAt + 30_000;
		default:
			return Number.POSITIVE_INFINITY;
	}
}
