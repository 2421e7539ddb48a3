import { monotonicMs } from "@x/base/clock";
import type { Instant } from "@x/base/instant";
import type { Lease, Protection } from "../session.ts";
import { type LossKind, lossKindOf } from "../session-error.ts";
import { causeOf, type Status, type StatusRecord, type Tally } from "./status.ts";

/** The last open or beat that the venue acknowledged. It proves that the session is alive. */
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

/** What a {@link StatusTracker} asks the session loop whenever it determines the status of the session. */
export interface TrackerQuestions {
	/**
	 * Why an order must not be sent although the last lease says that the session is armed; undefined when an order may be
	 * sent.
	 */
	notArmedReason(): string | undefined;
	/** Why the session stays open although the program is unhealthy; undefined while the program is healthy. */
	ungatedReason(): string | undefined;
	/** Why another process may be running the session now; undefined while no other process may. */
	notLeaderReason(): string | undefined;
	/**
	 * The epoch that this process got when it last became the leader. Undefined if it was never the leader, or if no other process
	 * can run the session.
	 */
	epoch(): number | undefined;
	/**
	 * How long the program may hang before the session is closed, in milliseconds; undefined when a hang does not close the
	 * session.
	 */
	readonly toleranceMs: number | undefined;
}

/** The words for a state in error messages, where they differ from the name of the state. */
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
	/**
	 * The time, on the monotonic clock, by which the session loop has to act again. If it has not acted by then, the process has
	 * stalled.
	 */
	#activityDueAt = Number.POSITIVE_INFINITY;
	/** Wakes the session loop if it sleeps. */
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

	/** The state that was published last. */
	get state(): Status["state"] {
		return this.#status.state;
	}

	/** The latest failure since the session was last alive; undefined when nothing has failed since. */
	get lastError(): unknown {
		return this.#lastError;
	}

	/**
	 * The current status, checked against the clocks and the session at the time of the call. When the last acknowledged
	 * beat is too old, or this process or machine has stalled since that beat, the session is never shown as alive or
	 * armed.
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
	 * Why the working orders are not proven to be protected right now; undefined when they are. Publishes nothing.
	 *
	 * This is called before each order and must not allocate memory. It reads the clocks itself, because passing their values
	 * as arguments may allocate.
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

	/**
	 * The time, on the monotonic clock, until which the last acknowledged beat proves that the session is alive. This holds if the
	 * session loop does not act before that time.
	 */
	provenUntil(monotonic: number, wall: number): number {
		const proof = this.#proof;
		if (!proof) return Number.NEGATIVE_INFINITY;
		const longestAgeMs = Math.max(monotonic - proof.sentAt.monotonicMs, wall - proof.sentAt.wallMs);
		return Math.min(monotonic + proof.ttlMs - longestAgeMs, this.#activityDueAt + this.#options.stallMs);
	}

	/**
	 * To be called when an answer to one of the {@link TrackerQuestions} may have changed. Publishes the status if it has changed
	 * as well.
	 */
	recheck(): void {
		const before = this.#status;
		if (before.state !== "alive") return;
		// If the last acknowledged beat no longer proves that the session is alive, nothing is published here: the session
		// loop publishes the new status when it runs.
		if (this.#staleReason(monotonicMs(), this.#options.now()) !== undefined) return;
		const status = this.#effective();
		if (status.state !== "alive" || isSameAlive(before, status, true)) return;
		this.#set(status);
	}

	/**
	 * Sets the function that wakes the session loop. The tracker calls it when somebody asks for the status and the last acknowledged
	 * beat no longer proves that the session is alive, such as after the wall clock was set forward. The loop then publishes the new
	 * status and sends a beat at once.
	 */
	onStall(wake: () => void): void {
		this.#wakeLoop = wake;
	}

	/** Records that the session loop will act again within `ms` milliseconds. */
	expectActivityWithin(ms: number): void {
		this.#activityDueAt = monotonicMs() + ms;
	}

	opening(attempt: number): void {
		this.#set({ state: "opening", attempt });
	}

	/** Records that the venue has acknowledged an open or a beat, which was sent at `sentAt`. */
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
		// The time of the next activity is reset before the status is published: a listener may call current() at once, and must not
		// find the session overdue.
		this.#activityDueAt = Number.POSITIVE_INFINITY;
		const status = this.#aliveStatus(this.#proof);
		// Every acknowledged beat is stored, but a status is published only if the protection has changed.
		if (before.state === "alive" && isSameAlive(before, status)) this.#status = status;
		else this.#set(status);
	}

	/**
	 * Records that a beat is overdue. The protection is no longer shown as armed, because the connection over which it was
	 * confirmed may be dead. The status is published only once: further failures replace its cause without another record.
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

	/**
	 * Records that the session was lost.
	 *
	 * @param kind - what ended the session, if the caller knows more about that than the error says.
	 */
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

	/** Stores why an attempt to open the session failed. */
	failed(error: unknown): void {
		this.#lastError = error;
	}

	/** Publishes a status that the caller has put together. */
	set(status: Extract<Status, { state: "waiting" | "blocked" | "gated" | "standby" | "stopped" }>): void {
		this.#proof = undefined;
		this.#set(status);
	}

	#set(status: Status): void {
		// A close that timed out may end late. Its result must not change the last record.
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

	/**
	 * Why the last acknowledged beat no longer proves that the session is alive. Undefined while it does, and while there is no such
	 * beat.
	 */
	#staleReason(monotonic: number, wall: number): string | undefined {
		const proof = this.#proof;
		if (!proof) return undefined;
		// The connection has ended, but the session loop has not run since then.
		if (proof.ended?.aborted) return "the session has ended";
		const { stallMs } = this.#options;
		const wallAgeMs = wall - proof.sentAt.wallMs;
		const ageMs = monotonic - proof.sentAt.monotonicMs;
		const longestAgeMs = Math.max(ageMs, wallAgeMs);
		if (longestAgeMs >= proof.ttlMs) {
			return `the last acknowledged beat is ${Math.round(longestAgeMs)} ms old (its lease was ${proof.ttlMs} ms)`;
		}
		if (this.#status.state !== "alive") return undefined;
		// After a suspension, the wall clock has advanced further than the monotonic clock. After a block of the event loop, the
		// session loop acts later than expected.
		const stalledMs = Math.max(wallAgeMs - ageMs, monotonic - this.#activityDueAt);
		if (stalledMs <= stallMs) return undefined;
		return `this process or machine stalled for ${Math.round(stalledMs)} ms; the session has not been checked since`;
	}

	/**
	 * The status with the current answers to the {@link TrackerQuestions}. What the session says now takes precedence over what
	 * its last open or beat returned.
	 */
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

	/**
	 * How long it takes in the worst case from the program's last health signal until the venue cancels the orders. The time to
	 * close the session is part of it, because the exposure (the time to the venue's cancel) begins only after the close.
	 */
	#hang(protection: Protection): { hangMs?: number } {
		const { toleranceMs } = this.#ask;
		if (toleranceMs === undefined || protection.state !== "armed") return {};
		return { hangMs: toleranceMs + this.#options.closeTimeoutMs + protection.exposureMs };
	}
}

/**
 * Makes the status `late`. The end of the lease is a time on the monotonic clock; `lostAt` is the same moment by the wall clock as it
 * is set now.
 */
function lateStatus({ protection, sentAt, ttlMs }: Proof, monotonic: number, wall: number) {
	const lostAt = Math.round(wall + sentAt.monotonicMs + ttlMs - monotonic);
	return { state: "late", protection: protectionWhileLate(protection), lostAt } as const;
}

type AliveStatus = Extract<Status, { state: "alive" }>;

/**
 * @param comparesReasons - whether two statuses count as different if only the reasons in their protections differ. False after
 * a beat, because each beat may give a different reason.
 */
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
