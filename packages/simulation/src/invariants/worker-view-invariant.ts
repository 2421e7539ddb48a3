import type { StatusRecord } from "@x/keepalive";
import type { Journal } from "../journal.ts";
import type { World } from "../world/world.ts";
import { isArmedRecord } from "./agreement-invariant.ts";

/** How long a program may count a session as armed after its worker last said so. */
export const maxSilenceMs = 500;
/** The same while the worker runs: it says so every 50 ms, in steps of 32 ms. */
const refreshedMs = 120;
/** The program knows within this time what its worker knows. */
const seenMs = 300;
/** The same for what is told by messages, and for what a worker that hangs no longer tells. */
const toldMs = 1_500;

/** What the program is told. */
export interface ProgramView {
	readonly isArmed: boolean;
	/** Undefined when it was not asked for. */
	readonly record: StatusRecord | undefined;
	/** Whether `requireArmed` returned, if it was called. */
	readonly isAllowed: boolean | undefined;
}

/**
 * What the program sees of one session that runs in a worker, against what the worker's keeper says.
 *
 * - n-armed-too-long: armed although the worker's keeper has not said so for 120 ms, or for 500 ms while it is blocked or has ended
 * - n-not-armed: not armed although the worker's keeper has said so for 300 ms
 * - n-shown-other: another state than that of the worker's keeper for 1.5 s
 * - n-disagree: `isArmed`, `requireArmed` and the record differ
 */
export class WorkerViewInvariant {
	readonly #name: string;
	readonly #world: World;
	readonly #journal: Journal;
	/** In the time for which the machine was awake. */
	#armedAwakeMs = Number.NEGATIVE_INFINITY;
	#notArmedSince: number | undefined;
	#otherSince: number | undefined;
	#disagreesSince: number | undefined;

	constructor(name: string, world: World, journal: Journal) {
		this.#name = name;
		this.#world = world;
		this.#journal = journal;
	}

	/** Whether the record differs from something, and has to be compared until it does no longer. */
	get isPending(): boolean {
		return this.#otherSince !== undefined || this.#disagreesSince !== undefined;
	}

	/** @param worker - what the worker's keeper says; undefined while it is blocked, and without a worker. */
	check(
		view: ProgramView,
		worker: { readonly isArmed: boolean; readonly record: StatusRecord | undefined } | undefined,
	): void {
		const { machine, now } = this.#world;
		if (worker?.isArmed) this.#armedAwakeMs = machine.awakeMs;
		else if (view.isArmed) {
			const sinceMs = machine.awakeMs - this.#armedAwakeMs;
			const mostMs = worker && now - machine.disturbedAt > maxSilenceMs ? refreshedMs : maxSilenceMs;
			if (sinceMs > mostMs) this.#violate("n-armed-too-long", `the worker has not said so for ${sinceMs} ms`);
		}
		const lastMs = (since: number): number => now - Math.max(since, machine.disturbedAt, machine.program.frozenUntil);
		this.#notArmedSince = worker?.isArmed && !view.isArmed ? (this.#notArmedSince ?? now) : undefined;
		if (this.#notArmedSince !== undefined && lastMs(this.#notArmedSince) > seenMs) {
			this.#violate("n-not-armed", `the worker says so for ${lastMs(this.#notArmedSince)} ms`);
		}
		if (view.isAllowed !== undefined && view.isAllowed !== view.isArmed) {
			this.#violate("n-disagree", `isArmed is ${view.isArmed}, and requireArmed is not`);
		}
		if (!view.record) return;
		const disagrees = isArmedRecord(view.record) !== view.isArmed;
		this.#disagreesSince = disagrees ? (this.#disagreesSince ?? now) : undefined;
		if (this.#disagreesSince !== undefined && lastMs(this.#disagreesSince) > toldMs) {
			this.#violate("n-disagree", `isArmed is ${view.isArmed}, shown as ${JSON.stringify(view.record.status)}`);
		}
		const shown = view.record.status.state;
		const is = worker?.record && !isComputed(worker.record) ? worker.record.status.state : undefined;
		this.#otherSince = is !== undefined && is !== shown ? (this.#otherSince ?? now) : undefined;
		if (this.#otherSince !== undefined && lastMs(this.#otherSince) > toldMs) {
			this.#violate("n-shown-other", `${shown}, and it is ${is}`);
		}
	}

	#violate(rule: string, detail: string): void {
		this.#journal.violate(rule, this.#name, detail);
	}
}

/** The status is computed on request after a stall: the keeper's loop may not have run since. */
function isComputed({ status }: StatusRecord): boolean {
	return status.state === "late" && status.cause.name === "Stall";
}
