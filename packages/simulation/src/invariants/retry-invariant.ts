import type { StatusRecord } from "@x/keepalive";
import type { Journal } from "../journal.ts";
import type { World } from "../world/world.ts";

/** The tolerance for timers, in milliseconds. */
const marginMs = 2_000;

/**
 * Checks the keeper's `retry`, for one session. `retry` returns in how many milliseconds the next attempt to open is due.
 *
 * - l-retry-not-made: no attempt to open was made when it was due
 * - l-retry-too-soon: an attempt to open was made before it was due. Or `retry` returned less time than is left of a wait that it must not
 *   shorten: a wait that the venue asked for, or a wait that limits how often the session is opened (`restart-limit`)
 */
export class RetryInvariant {
	readonly #name: string;
	readonly #world: World;
	readonly #journal: Journal;
	/** When the attempt to open is due, on the clock `machine.awakeMs`, which stops while the machine is suspended. */
	#dueAt: number | undefined;
	#recordedAt = Number.NEGATIVE_INFINITY;

	constructor(name: string, world: World, journal: Journal) {
		this.#name = name;
		this.#world = world;
		this.#journal = journal;
	}

	/** Forgets the attempt that is due. To be called when the process or worker that ran the session has ended. */
	processStarted(): void {
		this.#dueAt = undefined;
	}

	/**
	 * To be called when the program has called `retry`, which returned `ms`.
	 *
	 * @param record - the session's status record before the call.
	 */
	retried(ms: number, { status }: StatusRecord): void {
		const { machine } = this.#world;
		if (status.state !== "waiting" && status.state !== "blocked") return;
		this.#journal.count(`retried while ${status.state}`);
		this.#dueAt = machine.awakeMs + ms;
		const isLimited = status.state === "waiting" && status.why !== "backoff";
		// `until` is a time on the wall clock. If that clock was set after the status was published, `until` cannot be compared with it.
		const isComparable = this.#recordedAt > machine.steppedAt;
		if (!isLimited || !isComparable) return;
		const leftMs = status.until - machine.wallMs();
		if (ms < leftMs - marginMs)
			this.#violate("l-retry-too-soon", `retry returned ${ms} ms, and the wait has ${leftMs} ms left`);
	}

	/** To be called when the keeper has published a status record. */
	recorded({ status: { state } }: StatusRecord): void {
		this.#recordedAt = this.#world.now;
		// `retry` makes the keeper publish the same state again, with the new time of the attempt to open. Such a status is not an attempt.
		if (this.#dueAt === undefined || state === "waiting" || state === "blocked") return;
		const early = this.#dueAt - this.#world.machine.awakeMs;
		if (state === "opening" && early > marginMs)
			this.#violate("l-retry-too-soon", `the attempt began ${early} ms before it was due`);
		this.#dueAt = undefined;
	}

	/** Checks the rules that can be violated by the mere passing of time. */
	checkDeadlines(): void {
		const { now, machine } = this.#world;
		if (this.#dueAt === undefined || now - machine.disturbedAt <= marginMs) return;
		const overdueMs = machine.awakeMs - this.#dueAt;
		if (overdueMs > marginMs) this.#violate("l-retry-not-made", `no attempt, although it was due ${overdueMs} ms ago`);
	}

	#violate(rule: string, detail: string): void {
		this.#journal.violate(rule, this.#name, detail);
	}
}
