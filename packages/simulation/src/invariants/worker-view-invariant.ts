import type { StatusRecord } from "@x/keepalive";
import type { Journal } from "../journal.ts";
import type { SimThreads } from "../world/sim-threads.ts";
import type { World } from "../world/world.ts";
import { isArmedRecord } from "./armed-agreement-invariant.ts";

/** How many milliseconds a program may count a session as armed after its worker last said that it is armed. */
export const maxSilenceMs = 500;
/**
 * How many milliseconds a program may count a session as armed after the worker last said so, while the worker runs. The worker says it
 * every 50 ms in shared memory, where times are multiples of 32 ms. The rest is a margin.
 */
const refreshedMs = 120;
/** When the worker says armed, the program sees it through shared memory within this many milliseconds. */
const seenMs = 300;
/** When the worker reports something by a message, the program learns it within this many milliseconds plus the delay of slow messages. */
const toldMs = 1_500;

/** What the program sees of a session. */
export interface ProgramView {
	readonly isArmed: boolean;
	/** The status record that the program gets; undefined when the program did not ask for it. */
	readonly record: StatusRecord | undefined;
	/** Whether `requireArmed` returned without an error; undefined if it was not called. */
	readonly isAllowed: boolean | undefined;
}

/** A difference between what the program has learned from messages and the worker's state. */
interface Difference {
	readonly is: string;
	readonly since: number;
	/** The longest delay of slow messages during this difference, in milliseconds. */
	readonly lagMs: number;
}

/**
 * Compares what the program sees of one session that runs in a worker with what the worker's keeper says.
 *
 * - n-armed-too-long: the program sees the session as armed, but the worker's keeper has not said armed for 120 ms, or for 500 ms while the
 *   worker is blocked or has ended
 * - n-not-armed: the program reads the worker's shared memory and sees the session as not armed, but the worker's keeper has said armed for
 *   300 ms
 * - n-shown-other: the program has seen another state than the worker's keeper for 1.5 s plus the delay of slow messages
 * - n-disagree: `isArmed`, `requireArmed` and the status record give the program different answers
 */
export class WorkerViewInvariant {
	readonly #name: string;
	readonly #world: World;
	readonly #journal: Journal;
	/** When the worker last said that the session is armed, on the clock `machine.awakeMs`, which stops while the machine is suspended. */
	#armedAwakeMs = Number.NEGATIVE_INFINITY;
	#notArmedSince: number | undefined;
	#other: Difference | undefined;
	#disagrees: Difference | undefined;
	readonly #threads: Pick<SimThreads, "lagMs" | "isKnown">;

	constructor(name: string, world: World, journal: Journal, threads: Pick<SimThreads, "lagMs" | "isKnown">) {
		this.#name = name;
		this.#world = world;
		this.#journal = journal;
		this.#threads = threads;
	}

	/**
	 * Whether the program's status record differs from the worker's state or from `isArmed`. If so, the record has to be checked again until
	 * the difference is gone.
	 */
	get isPending(): boolean {
		return this.#other !== undefined || this.#disagrees !== undefined;
	}

	/** Records whether the keeper in the worker says that the session is armed. */
	recordWorker(isArmed: boolean): void {
		if (isArmed) this.#armedAwakeMs = this.#world.machine.awakeMs;
	}

	/** @param worker - what the worker's keeper says; undefined while the worker is blocked, and without a worker. */
	check(
		view: ProgramView,
		worker: { readonly isArmed: boolean; readonly record: StatusRecord | undefined } | undefined,
	): void {
		const { machine, now } = this.#world;
		if (worker?.isArmed) this.recordWorker(true);
		else if (view.isArmed) {
			const sinceMs = machine.awakeMs - this.#armedAwakeMs;
			const mostMs = worker && now - machine.disturbedAt > maxSilenceMs ? refreshedMs : maxSilenceMs;
			if (sinceMs > mostMs) this.#violate("n-armed-too-long", `the worker has not said armed for ${sinceMs} ms`);
		}
		const lastMs = (since: number): number => now - Math.max(since, machine.disturbedAt, machine.program.frozenUntil);
		const isMissing = worker?.isArmed && !view.isArmed && this.#threads.isKnown;
		this.#notArmedSince = isMissing ? (this.#notArmedSince ?? now) : undefined;
		if (this.#notArmedSince !== undefined && lastMs(this.#notArmedSince) > seenMs) {
			this.#violate("n-not-armed", `the worker has said armed for ${lastMs(this.#notArmedSince)} ms`);
		}
		if (view.isAllowed !== undefined && view.isAllowed !== view.isArmed) {
			this.#violate("n-disagree", `isArmed is ${view.isArmed}, and requireArmed says the opposite`);
		}
		if (!view.record) return;
		const isTold = isArmedRecord(view.record) === view.isArmed;
		this.#disagrees = isTold ? undefined : this.#went(this.#disagrees, String(view.isArmed));
		if (this.#disagrees && lastMs(this.#disagrees.since) > toldMs + this.#disagrees.lagMs) {
			this.#violate(
				"n-disagree",
				`isArmed is ${view.isArmed}, but the status is ${JSON.stringify(view.record.status)}`,
			);
		}
		const shown = view.record.status.state;
		const is = worker?.record && !isComputed(worker.record) ? worker.record.status.state : undefined;
		this.#other = is === undefined || is === shown ? undefined : this.#went(this.#other, is);
		if (this.#other && lastMs(this.#other.since) > toldMs + this.#other.lagMs) {
			this.#violate("n-shown-other", `the program sees ${shown}, the worker says ${is}`);
		}
	}

	/**
	 * Returns the difference between what the program shows and the worker's state: an earlier difference that continues, or a new one. While
	 * messages are slow, each change of the worker's state begins a new difference, because the program learns of each change late.
	 */
	#went(earlier: Difference | undefined, is: string): Difference {
		const { lagMs } = this.#threads;
		if (earlier && (earlier.is === is || lagMs === 0)) {
			return { ...earlier, is, lagMs: Math.max(earlier.lagMs, lagMs) };
		}
		return { is, since: this.#world.now, lagMs };
	}

	#violate(rule: string, detail: string): void {
		this.#journal.violate(rule, this.#name, detail);
	}
}

/**
 * Whether the keeper has computed this status only because somebody asked for it after a stall. The keeper may not have published such a
 * status yet.
 */
function isComputed({ status }: StatusRecord): boolean {
	return status.state === "late" && status.cause.name === "Stall";
}
