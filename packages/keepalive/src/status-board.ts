import type { Lease, Protection } from "./session.ts";
import { causeOf, type Status, type StatusRecord, type Tally } from "./status.ts";
import { monotonicMs } from "./time.ts";

/** What one session is doing now, and the record of every change of it. */
export class StatusBoard {
	readonly #session: string;
	readonly #now: () => number;
	readonly #publish: (record: StatusRecord) => void;
	#status: Status = { state: "opening", attempt: 1 };
	#changedAt: number;
	#tally: Tally = { beats: 0, losses: 0, recoveries: 0 };
	#lease: { protection: Protection; ttlMs: number; since: number; sentAt: number } | undefined;

	constructor(session: string, now: () => number, publish: (record: StatusRecord) => void) {
		this.#session = session;
		this.#now = now;
		this.#publish = publish;
		this.#changedAt = now();
	}

	/**
	 * Where things stand, judged at the moment of asking: a lease that ran out while our own process stood still is
	 * never shown as alive, nor its protection as armed.
	 */
	current(): StatusRecord {
		return this.#record(this.#outlived() ?? this.#status);
	}

	opening(attempt: number): void {
		this.#set({ state: "opening", attempt });
	}

	/** A proof of life sent then, by both clocks, was acknowledged. */
	alive(lease: Lease, { monotonic: since, wall: sentAt }: { readonly monotonic: number; readonly wall: number }): void {
		const before = this.#status;
		const recovered = this.#tally.losses > this.#tally.recoveries ? 1 : 0;
		this.#tally = {
			...this.#tally,
			beats: this.#tally.beats + 1,
			recoveries: this.#tally.recoveries + recovered,
			lastBeatAt: Math.round(sentAt),
		};
		this.#lease = { protection: lease.protection, ttlMs: lease.ttlMs, since, sentAt };
		const status: Status = { state: "alive", protection: lease.protection, ttlMs: lease.ttlMs };
		// Every beat renews the proof; only a change that matters to somebody is a record.
		if (before.state === "alive" && sameProtection(before.protection, lease.protection)) this.#status = status;
		else this.#set(status);
	}

	/**
	 * A beat is overdue. What was armed is no longer shown as armed: the line it was proved over may be dead. Told once;
	 * further failures of the same lateness only replace the cause.
	 */
	late(error: unknown): void {
		const lease = this.#lease;
		if (!lease) return;
		const status: Status = {
			state: "late",
			protection: inDoubt(lease.protection),
			lostAt: Math.round(lease.sentAt + lease.ttlMs),
			cause: causeOf(error),
		};
		if (this.#status.state === "late") this.#status = status;
		else this.#set(status);
	}

	lost(error: unknown): void {
		const protection = afterLoss(this.#lease?.protection);
		this.#lease = undefined;
		this.#tally = { ...this.#tally, losses: this.#tally.losses + 1 };
		this.#set({ state: "lost", protection, cause: causeOf(error) });
	}

	/** Any status that needs nothing remembered: waiting, blocked, stopped. */
	set(status: Extract<Status, { state: "waiting" | "blocked" | "stopped" }>): void {
		this.#lease = undefined;
		this.#set(status);
	}

	#set(status: Status): void {
		this.#status = status;
		this.#changedAt = this.#now();
		this.#publish(this.#record(status));
	}

	#record(status: Status): StatusRecord {
		return { type: "status", at: this.#changedAt, session: this.#session, status, tally: this.#tally };
	}

	#outlived(): Status | undefined {
		const lease = this.#lease;
		if (!lease || (this.#status.state !== "alive" && this.#status.state !== "late")) return undefined;
		// The wall clock too: the monotonic one stands still while a machine sleeps.
		const ageMs = Math.max(monotonicMs() - lease.since, this.#now() - lease.sentAt);
		if (ageMs < lease.ttlMs) return undefined;
		return {
			state: "late",
			protection: inDoubt(lease.protection),
			lostAt: Math.round(lease.sentAt + lease.ttlMs),
			cause: {
				name: "Stall",
				message: `the last proof of life is ${Math.round(ageMs)} ms old, past its ${lease.ttlMs} ms`,
			},
		};
	}
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
