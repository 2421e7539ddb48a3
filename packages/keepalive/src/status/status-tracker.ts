import type { Lease, Protection } from "../session.ts";
import { monotonicMs } from "../time.ts";
import { causeOf, type Status, type StatusRecord, type Tally } from "./status.ts";

/** What the last acknowledged proof of life bought. */
interface Held {
	readonly protection: Protection;
	readonly ttlMs: number;
	/** When it was sent, by the monotonic clock. */
	readonly since: number;
	/** The same by the wall clock. */
	readonly sentAt: number;
	readonly ended: AbortSignal | undefined;
}

interface Settings {
	readonly now: () => number;
	readonly stallMs: number;
	readonly closeTimeoutMs: number;
	readonly gate: { readonly toleranceMs: number } | undefined;
}

/** What one session is doing now, and the record of every change of it. */
export class StatusBoard {
	readonly session: string;
	readonly #settings: Settings;
	readonly #publish: (record: StatusRecord) => void;
	#status: Status = { state: "opening", attempt: 1 };
	#changedAt: number;
	#tally: Tally;
	#held: Held | undefined;
	/** By the monotonic clock: when the loop comes back at the latest, unless something stands still. */
	#dueAt = Number.POSITIVE_INFINITY;

	constructor(
		session: string,
		settings: Settings,
		publish: (record: StatusRecord) => void,
		tally: Tally = { beats: 0, losses: 0, recoveries: 0 },
	) {
		this.session = session;
		this.#settings = settings;
		this.#publish = publish;
		this.#tally = tally;
		this.#changedAt = settings.now();
	}

	/** What was recorded last. */
	get state(): Status["state"] {
		return this.#status.state;
	}

	/**
	 * Where things stand, judged at the moment of asking: a proof of life that ran out, or that was followed by a time in
	 * which our own process or machine stood still, is never shown as alive, nor its protection as armed.
	 */
	current(): StatusRecord {
		const monotonic = monotonicMs();
		const wall = this.#settings.now();
		const stall = this.#stall(monotonic, wall);
		if (!this.#held || stall === undefined) return this.#record(this.#status);
		return this.#record({ ...overdue(this.#held, monotonic, wall), cause: { name: "Stall", message: stall } });
	}

	/** Why the working orders are not proved to be protected right now; undefined when they are. Makes no record. */
	objection(monotonic: number, wall: number): string | undefined {
		const status = this.#status;
		if (status.state !== "alive") return `it is ${status.state}`;
		const { protection } = status;
		if (protection.state !== "armed") return `its protection is ${protection.state}: ${protection.reason}`;
		return this.#stall(monotonic, wall);
	}

	/** The loop comes back after so many milliseconds at the latest. */
	expect(ms: number): void {
		this.#dueAt = monotonicMs() + ms;
	}

	opening(attempt: number): void {
		this.#set({ state: "opening", attempt });
	}

	/** A proof of life sent then, by both clocks, was acknowledged. */
	alive(lease: Lease, { monotonic: since, wall: sentAt }: { readonly monotonic: number; readonly wall: number }): void {
		const before = this.#status;
		const { protection, ttlMs } = lease;
		const recovered = this.#tally.losses > this.#tally.recoveries ? 1 : 0;
		this.#tally = {
			...this.#tally,
			beats: this.#tally.beats + 1,
			recoveries: this.#tally.recoveries + recovered,
			lastBeatAt: Math.round(sentAt),
		};
		this.#held = { protection, ttlMs, since, sentAt, ended: lease.ended };
		// When the loop was due before is over: whoever is told, and looks at once, must not find it overdue.
		this.#dueAt = Number.POSITIVE_INFINITY;
		const status: Status = { state: "alive", protection, ttlMs, ...this.#hang(protection) };
		// Every beat renews the proof; only a change that matters to somebody is a record.
		if (before.state === "alive" && sameProtection(before.protection, protection)) this.#status = status;
		else this.#set(status);
	}

	/**
	 * A beat is overdue. What was armed is no longer shown as armed: the line it was proved over may be dead. Told once;
	 * further failures of the same lateness only replace the cause.
	 */
	late(error: unknown): void {
		if (!this.#held) return;
		const status: Status = { ...overdue(this.#held, monotonicMs(), this.#settings.now()), cause: causeOf(error) };
		if (this.#status.state === "late") this.#status = status;
		else this.#set(status);
	}

	lost(error: unknown): void {
		const protection = afterLoss(this.#held?.protection);
		this.#held = undefined;
		this.#tally = { ...this.#tally, losses: this.#tally.losses + 1 };
		this.#set({ state: "lost", protection, cause: causeOf(error) });
	}

	leaving(error: unknown): void {
		this.#held = undefined;
		this.#set({ state: "leaving", cause: causeOf(error) });
	}

	/** Any status that needs nothing remembered. */
	set(status: Extract<Status, { state: "waiting" | "blocked" | "gated" | "stopped" }>): void {
		this.#held = undefined;
		this.#set(status);
	}

	#set(status: Status): void {
		// What comes out of a leaving that took too long does not change what was told of it.
		if (this.#status.state === "stopped") return;
		this.#status = status;
		this.#changedAt = this.#settings.now();
		this.#publish(this.#record(status));
	}

	#record(status: Status): StatusRecord {
		return { type: "status", at: this.#changedAt, session: this.session, status, tally: this.#tally };
	}

	/** Why what is held proves nothing at this moment; undefined while it does, or where nothing is said to be proved. */
	#stall(monotonic: number, wall: number): string | undefined {
		const held = this.#held;
		if (!held) return undefined;
		// The loop learns of it in a moment; whoever asks before that must not be told otherwise.
		if (held.ended?.aborted) return "the session has ended";
		const { stallMs } = this.#settings;
		const wallAgeMs = wall - held.sentAt;
		const ageMs = monotonic - held.since;
		const oldest = Math.max(ageMs, wallAgeMs);
		if (oldest >= held.ttlMs)
			return `the last proof of life is ${Math.round(oldest)} ms old, past its ${held.ttlMs} ms`;
		if (this.#status.state !== "alive") return undefined;
		// The monotonic clock stands still while a machine sleeps, and our own loop while the event loop is blocked.
		const stoodStillMs = Math.max(wallAgeMs - ageMs, monotonic - this.#dueAt);
		if (stoodStillMs <= stallMs) return undefined;
		return `this process or machine stood still for ${Math.round(stoodStillMs)} ms; it is asked again first`;
	}

	/** Leaving is tried first, and what it takes is not the venue's fault. */
	#hang(protection: Protection): { hangMs?: number } {
		const { gate, closeTimeoutMs } = this.#settings;
		if (!gate || protection.state !== "armed") return {};
		return { hangMs: gate.toleranceMs + closeTimeoutMs + protection.exposureMs };
	}
}

/** The deadline is kept by the clock that does not step, so that one is what its instant is told by. */
function overdue({ protection, since, ttlMs }: Held, monotonic: number, wall: number) {
	const lostAt = Math.round(wall + since + ttlMs - monotonic);
	return { state: "late", protection: inDoubt(protection), lostAt } as const;
}

function sameProtection(a: Protection, b: Protection): boolean {
	if (a.state === "armed" && b.state === "armed") return a.scope === b.scope && a.exposureMs === b.exposureMs;
	return a.state === b.state;
}

function inDoubt(protection: Protection): Protection {
	if (protection.state !== "armed") return protection;
	const at = new Date(protection.verifiedAt).toISOString();
	return {
		state: "unknown",
		reason: `armed when last verified at ${at}; no proof of life was acknowledged in time since`,
	};
}

function afterLoss(protection: Protection | undefined): Protection {
	if (!protection) return { state: "unknown", reason: "the session was never proved" };
	if (protection.state !== "armed") return protection;
	const reason = `armed when lost: the venue cancels working orders (${protection.scope}) within ${protection.exposureMs} ms of it`;
	return { state: "unknown", reason };
}
