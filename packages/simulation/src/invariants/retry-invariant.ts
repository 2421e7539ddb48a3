import type { StatusRecord } from "@x/keepalive";
import type { Journal } from "../journal.ts";
import type { World } from "../world/world.ts";

/** The tolerance for timers, in milliseconds. */
const marginMs = 2_000;

/**
 * Checks the keeper's `retry`, for one session.
 *
 * - l-retry-not-made: no attempt was made at the time that `retry` returned
 * - l-retry-too-soon: an attempt was made before the time that `retry` returned, or `retry` returned a time before the end of a wait that
 *   the venue or the restart limit requires
 */
export class RetryInvariant {
	readonly #name: string;
	readonly #world: World;
	readonly #journal: Journal;
	/** When the attempt is due, in milliseconds during which the machine was awake since the start. */
	#dueAt: number | undefined;
	#recordedAt = Number.NEGATIVE_INFINITY;

	constructor(name: string, world: World, journal: Journal) {
		this.#name = name;
		this.#world = world;
		this.#journal = journal;
	}

	/** To be called when a new process runs the session from now on, or when no process runs it any more. */
	processStarted(): void {
		this.#dueAt = undefined;
	}

	/**
	 * To be called when the program has called `retry`, which returned `ms`.
	 *
	 * @param record - the record of the session before the call.
	 */
	retried(ms: number, { status }: StatusRecord): void {
		const { machine } = this.#world;
		if (status.state !== "waiting" && status.state !== "blocked") return;
		this.#journal.count(`retried while ${status.state}`);
		this.#dueAt = machine.awakeMs + ms;
		const isLimited = status.state === "waiting" && status.why !== "backoff";
		// `until` is a time of the wall clock. It cannot be compared if that clock was set after the record was published.
		const isComparable = this.#recordedAt > machine.steppedAt;
		if (!isLimited || !isComparable) return;
		const leftMs = status.until - machine.wallMs();
		if (ms < leftMs - marginMs) this.#violate("l-retry-too-soon", `in ${ms} ms, and the wait has ${leftMs} ms left`);
	}

	/** To be called when the keeper has published a record. */
	recorded({ status: { state } }: StatusRecord): void {
		this.#recordedAt = this.#world.now;
		// The call of `retry` makes the keeper publish the same state again, with the new time. Such a record is not an attempt.
		if (this.#dueAt === undefined || state === "waiting" || state === "blocked") return;
		const early = this.#dueAt - this.#world.machine.awakeMs;
		if (state === "opening" && early > marginMs) this.#violate("l-retry-too-soon", `${early} ms before it was due`);
		this.#dueAt = undefined;
	}

	/** Checks the rules that can be violated by the mere passing of time. */
	checkDeadlines(): void {
		const { now, machine } = this.#world;
		if (this.#dueAt === undefined || now - machine.disturbedAt <= marginMs) return;
		const overdueMs = machine.awakeMs - this.#dueAt;
		if (overdueMs > marginMs) this.#violate("l-retry-not-made", `due ${overdueMs} ms ago`);
	}

	#violate(rule: string, detail: string): void {
		this.#journal.violate(rule, this.#name, detail);
	}
}
