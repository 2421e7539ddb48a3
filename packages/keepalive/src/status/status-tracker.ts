import { monotonicMs } from "@x/base/clock";
import type { Instant } from "@x/base/instant";
import type { Lease, Protection } from "../session.ts";
import { type LossKind, lossKindOf } from "../session-error.ts";
import { causeOf, type Status, type StatusRecord, type Tally } from "./status.ts";

/** The last acknowledged open or beat. */
interface Proof {
	readonly protection: Protection;
	readonly ttlMs: number;
	readonly sentAt: Instant;
	readonly ended: AbortSignal | undefined;
}

interface TrackerOptions {
	readonly now: () => number;
	readonly stallMs: number;
	readonly closeTimeoutMs: number;
}

/** Questions that the tracker asks its loop whenever it determines the status of the session. */
export interface TrackerQuestions {
	/** Why an order must not be sent although the last lease says that the session is armed; undefined when it may be. */
	notArmedReason(): string | undefined;
	/** Why the session goes on although the program is unhealthy; undefined while the program is healthy. */
	ungatedReason(): string | undefined;
	/** Why another process may run the session now; undefined while none may. */
	notLeaderReason(): string | undefined;
	/** The number that this process got when it last became the leader; undefined before that, and if no process competes. */
	epoch(): number | undefined;
	/** How long the program may hang before the session is closed, in milliseconds; undefined when that never happens. */
	readonly toleranceMs: number | undefined;
}

/** Names of states in error messages, if they differ from the state itself. */
const stateNames: { readonly [State in Status["state"]]?: string } = { waiting: "reconnecting", leaving: "closing" };

/** Tracks the status of one session and publishes every change. */
export class StatusTracker {
	readonly session: string;
	readonly #options: TrackerOptions;
	readonly #publish: (record: StatusRecord) => void;
	readonly #ask: TrackerQuestions;
	#status: Status = { state: "opening", attempt: 1 };
	#changedAt: number;
	#tally: Tally;
	#proof: Proof | undefined;
	/** When the loop acts again at the latest, on the monotonic clock. If it has not acted by then, the process has stalled. */
	#activityDueAt = Number.POSITIVE_INFINITY;
	/** Ends the loop's sleep. */
	#wakeLoop: (() => void) | undefined;
	/** The latest failure since the session was last alive. */
	#lastError: unknown;

	constructor(
		session: string,
		options: TrackerOptions,
		publish: (record: StatusRecord) => void,
		ask: TrackerQuestions,
		tally: Tally = { beats: 0, losses: 0, recoveries: 0 },
	) {
		this.session = session;
		this.#options = options;
		this.#publish = publish;
		this.#ask = ask;
		this.#tally = tally;
		this.#changedAt = options.now();
	}

	/** The state of the last record. */
	get state(): Status["state"] {
		return this.#status.state;
	}

	/** The latest failure since the session was last alive; undefined when there was none. */
	get lastError(): unknown {
		return this.#lastError;
	}

	/**
	 * The current status, checked against the clocks and the session now. A proof that has expired, or that was followed by a stall of this
	 * process or machine, is never shown as alive or armed.
	 */
	current(): StatusRecord {
		const monotonic = monotonicMs();
		const wall = this.#options.now();
		const reason = this.#staleReason(monotonic, wall) ?? this.#ask.notLeaderReason();
		if (!this.#proof || reason === undefined) return this.#record(this.#effective());
		this.#wakeLoop?.();
		return this.#record({ ...lateStatus(this.#proof, monotonic, wall), cause: { name: "Stall", message: reason } });
	}

	/**
	 * Why the working orders are not proven to be protected right now; undefined when they are. Publishes nothing. It is called
	 * before each order and must not allocate memory, so it reads the clocks itself: passing on their values may allocate.
	 */
	notArmedReason(): string | undefined {
		const status = this.#status;
		const proof = this.#proof;
		if (status.state !== "alive" || !proof) return `session is ${stateNames[status.state] ?? status.state}`;
		const { protection } = proof;
		if (protection.state !== "armed") return `protection is ${protection.state}: ${protection.reason}`;
		const reason = this.#staleReason(monotonicMs(), this.#options.now());
		if (reason === undefined) return this.#ask.notArmedReason();
		this.#wakeLoop?.();
		return reason;
	}

	/** Until when the last proof is valid, on the monotonic clock, unless the loop acts before. */
	provenUntil(monotonic: number, wall: number): number {
		const proof = this.#proof;
		if (!proof) return Number.NEGATIVE_INFINITY;
		const longestAgeMs = Math.max(monotonic - proof.sentAt.monotonicMs, wall - proof.sentAt.wallMs);
		return Math.min(monotonic + proof.ttlMs - longestAgeMs, this.#activityDueAt + this.#options.stallMs);
	}

	/** To be called when an answer to one of the {@link TrackerQuestions} may have changed. Publishes the status if the answer changes it. */
	recheck(): void {
		const before = this.#status;
		if (before.state !== "alive") return;
		// A proof that is no longer valid is not published again; the loop publishes the change when it runs.
		if (this.#staleReason(monotonicMs(), this.#options.now()) !== undefined) return;
		const status = this.#effective();
		if (status.state !== "alive" || isSameAlive(before, status, true)) return;
		this.#set(status);
	}

	/**
	 * Sets the function that ends the loop's sleep. The tracker calls it when it is asked for the status and finds the last proof
	 * no longer valid, such as after a step of the wall clock. The loop then publishes that and asks the venue at once, rather
	 * than at the next beat.
	 */
	onStall(wake: () => void): void {
		this.#wakeLoop = wake;
	}

	/** Records that the loop will act again within `ms`. */
	expectActivityWithin(ms: number): void {
		this.#activityDueAt = monotonicMs() + ms;
	}

	opening(attempt: number): void {
		this.#set({ state: "opening", attempt });
	}

	/** Records an acknowledged open or beat, which was sent at `sentAt`. */
	alive(lease: Lease, sentAt: Instant): void {
		const before = this.#status;
		const { protection, ttlMs } = lease;
		const recovered = this.#tally.losses > this.#tally.recoveries ? 1 : 0;
		this.#tally = {
			...this.#tally,
			beats: this.#tally.beats + 1,
			recoveries: this.#tally.recoveries + recovered,
			lastBeatAt: Math.round(sentAt.wallMs),
		};
		this.#proof = { protection, ttlMs, sentAt, ended: lease.ended };
		this.#lastError = undefined;
		// Reset before publishing: a listener may call current() at once and must not find the session overdue.
		this.#activityDueAt = Number.POSITIVE_INFINITY;
		const status = this.#aliveStatus(this.#proof);
		// Every beat renews the proof, but only a change of the protection is published.
		if (before.state === "alive" && isSameAlive(before, status)) this.#status = status;
		else this.#set(status);
	}

	/**
	 * Records that a beat is overdue. The protection is no longer shown as armed: the connection that proved it may be dead. The
	 * status is published once; further failures only replace the cause.
	 */
	late(error: unknown): void {
		if (!this.#proof) return;
		this.#lastError = error;
		const status: Status = {
			...lateStatus(this.#proof, monotonicMs(), this.#options.now()),
			cause: causeOf(error),
		};
		if (this.#status.state === "late") this.#status = status;
		else this.#set(status);
	}

	/** @param kind - what ended the session, if the caller knows more about that than the error says. */
	lost(error: unknown, kind: LossKind | undefined = lossKindOf(error)): void {
		const protection = protectionAfterLoss(this.#proof?.protection);
		this.#proof = undefined;
		this.#lastError = error;
		this.#tally = { ...this.#tally, losses: this.#tally.losses + 1 };
		this.#set({ state: "lost", protection, cause: { ...causeOf(error), ...(kind && { kind }) } });
	}

	leaving(error: unknown): void {
		this.#proof = undefined;
		this.#lastError = error;
		this.#set({ state: "leaving", cause: causeOf(error) });
	}

	/** Remembers why an attempt failed. */
	failed(error: unknown): void {
		this.#lastError = error;
	}

	/** Publishes a status that is already complete. */
	set(status: Extract<Status, { state: "waiting" | "blocked" | "gated" | "standby" | "stopped" }>): void {
		this.#proof = undefined;
		this.#set(status);
	}

	#set(status: Status): void {
		// The late result of a close that timed out does not change the last record.
		if (this.#status.state === "stopped") return;
		this.#status = status;
		this.#changedAt = this.#options.now();
		this.#publish(this.#record(status));
	}

	#record(status: Status): StatusRecord {
		const epoch = this.#ask.epoch();
		const record = { type: "status", at: this.#changedAt, session: this.session, status, tally: this.#tally } as const;
		return epoch === undefined ? record : { ...record, epoch };
	}

	/** Why the last proof is no longer valid; undefined while it is valid, or when there is no proof. */
	#staleReason(monotonic: number, wall: number): string | undefined {
		const proof = this.#proof;
		if (!proof) return undefined;
		// The session has ended, but the loop has not run since.
		if (proof.ended?.aborted) return "the session has ended";
		const { stallMs } = this.#options;
		const wallAgeMs = wall - proof.sentAt.wallMs;
		const ageMs = monotonic - proof.sentAt.monotonicMs;
		const longestAgeMs = Math.max(ageMs, wallAgeMs);
		if (longestAgeMs >= proof.ttlMs) {
			return `the last acknowledged beat is ${Math.round(longestAgeMs)} ms old (its lease was ${proof.ttlMs} ms)`;
		}
		if (this.#status.state !== "alive") return undefined;
		// A suspension advances the wall clock and not the monotonic clock; a blocked event loop makes the next activity late.
		const stalledMs = Math.max(wallAgeMs - ageMs, monotonic - this.#activityDueAt);
		if (stalledMs <= stallMs) return undefined;
		return `this process or machine stalled for ${Math.round(stalledMs)} ms; the session has not been checked since`;
	}

	/** The status with the current answers to the {@link TrackerQuestions}: what the session knows now overrules its last lease. */
	#effective(): Status {
		return this.#status.state === "alive" && this.#proof ? this.#aliveStatus(this.#proof) : this.#status;
	}

	#aliveStatus({ protection: leased, ttlMs }: Proof): AliveStatus {
		const reason = leased.state === "armed" ? this.#ask.notArmedReason() : undefined;
		const protection: Protection = reason === undefined ? leased : { state: "unknown", reason };
		const ungated = this.#ask.ungatedReason();
		return {
			state: "alive",
			protection,
			ttlMs,
			...this.#hang(protection),
			...(ungated !== undefined && { ungated }),
		};
	}

	/** The worst case from the last health signal to the venue's cancel. It includes closing the session: the exposure begins after that. */
	#hang(protection: Protection): { hangMs?: number } {
		const { toleranceMs } = this.#ask;
		if (toleranceMs === undefined || protection.state !== "armed") return {};
		return { hangMs: toleranceMs + this.#options.closeTimeoutMs + protection.exposureMs };
	}
}

/** The lease expires on the monotonic clock; `lostAt` is that time as the wall clock is set now. */
function lateStatus({ protection, sentAt, ttlMs }: Proof, monotonic: number, wall: number) {
	const lostAt = Math.round(wall + sentAt.monotonicMs + ttlMs - monotonic);
	return { state: "late", protection: protectionWhileLate(protection), lostAt } as const;
}

type AliveStatus = Extract<Status, { state: "alive" }>;

/** @param comparesReasons - whether another reason counts as a change. False after a beat, because each beat may give another reason. */
function isSameAlive(a: AliveStatus, b: AliveStatus, comparesReasons = false): boolean {
	return a.ungated === b.ungated && isSameProtection(a.protection, b.protection, comparesReasons);
}

function isSameProtection(a: Protection, b: Protection, comparesReasons: boolean): boolean {
	if (a.state === "armed") return b.state === "armed" && a.scope === b.scope && a.exposureMs === b.exposureMs;
	return a.state === b.state && (!comparesReasons || a.reason === b.reason);
}

function protectionWhileLate(protection: Protection): Protection {
	if (protection.state !== "armed") return protection;
	const verifiedAt = new Date(protection.verifiedAt).toISOString();
	return {
		state: "unknown",
		reason: `last verified as armed at ${verifiedAt}; no beat was acknowledged in time since`,
	};
}

function protectionAfterLoss(protection: Protection | undefined): Protection {
	if (!protection) return { state: "unknown", reason: "the session was never alive" };
	if (protection.state !== "armed") return protection;
	const { scope, exposureMs } = protection;
	const when = `within ${exposureMs} ms of the end of the connection`;
	const reason = `armed when the session was lost: the venue cancels working orders (${scope}) ${when}`;
	return { state: "unknown", reason };
}
