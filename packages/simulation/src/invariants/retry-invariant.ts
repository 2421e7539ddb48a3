import type { StatusRecord } from "@x/keepalive";
import type { Journal } from "../journal.ts";
import type { World } from "../world/world.ts";

/** Tolerance for timers. */
const marginMs = 2_000;

/**
 * The keeper's `retry`, for one session.
 *
 * - l-retry-not-made: no attempt at the time that it returned
 * - l-retry-too-soon: an attempt before that time, or a time before the end of a wait that the venue asked for
 */
export class RetryInvariant {
	readonly #name: string;
	readonly #world: World;
	readonly #journal: Journal;
	/** When the attempt is due, in the machine's awake time. */
	#dueAt: number | undefined;
	#recordedAt = Number.NEGATIVE_INFINITY;

	constructor(name: string, world: World, journal: Journal) {
		this.#name = name;
		this.#world = world;
		this.#journal = journal;
	}

	/** A new process runs the session from now on, or none does. */
	processStarted(): void {
		this.#dueAt = undefined;
	}

	/**
	 * The program called `retry`, which returned `ms`.
	 *
	 * @param record - the record of the session before the call.
	 */
	retried(ms: number, { status }: StatusRecord): void {
		const { machine } = this.#world;
		if (status.state !== "waiting" && status.state !== "blocked") return;
		this.#journal.count(`retried while ${status.state}`);
		this.#dueAt = machine.awakeMs + ms;
		const isLimited = status.state === "waiting" && status.why !== "backoff";
		// `until` counts by the clock as it was set when the record was published.
		const isComparable = this.#recordedAt > machine.steppedAt;
		if (!isLimited || !isComparable) return;
		const leftMs = status.until - machine.wallMs();
		if (ms < leftMs - marginMs) this.#violate("l-retry-too-soon", `in ${ms} ms, and the wait has ${leftMs} ms left`);
	}

	/** The keeper published a record. */
	recorded({ status: { state } }: StatusRecord): void {
		this.#recordedAt = this.#world.now;
		// It is published again with the new time.
		if (this.#dueAt === undefined || state === "waiting" || state === "blocked") return;
		const early = this.#dueAt - this.#world.machine.awakeMs;
		if (state === "opening" && early > marginMs) this.#violate("l-retry-too-soon", `${early} ms before it was due`);
		this.#dueAt = undefined;
	}

	/** Checks what changes with time alone. */
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
