import { KeeperError } from "../keeper-error.ts";
import type { Closed, Protection } from "../session.ts";
import { type ProtectionState, protectionOf } from "../status/protection-watch.ts";
import { causeOf, type Status, type StatusRecord, type Tally } from "../status/status.ts";
import { unknownName } from "../unknown-name-error.ts";
import { protectionAfterDeath, sumOfTallies, unknownClosed } from "./after-worker-death.ts";
import { maxSilenceMs, type SharedArmedState } from "./shared-armed-state.ts";
import type { BeatNews } from "./thread-messages.ts";

/** What {@link WorkerSessions} gets from its keeper. */
interface WorkerSessionsHost {
	/** The shared memory of the present worker; undefined while there is none. */
	words(): SharedArmedState | undefined;
	/** Returns why there is no worker. */
	noWorkerReason(): string;
	/** Whether the whole keeper was stopped: from then on, records of a worker are ignored. */
	hasEnded(): boolean;
	publish(record: StatusRecord): void;
	/** Called when a session that had failed for good runs again. */
	forgetFatal(session: string): void;
}

/**
 * The state of the sessions of a keeper in a worker, as this thread knows it: what the worker has reported, and what follows when
 * the worker hangs or ends.
 */
export class WorkerSessions {
	/** The index of each session in shared memory. */
	readonly #indexes = new Map<string, number>();
	/** The latest status record of each session, which the worker has reported or which this thread has made after the worker's end. */
	readonly #records = new Map<string, StatusRecord>();
	readonly #errors = new Map<string, Error>();
	/** The totals of each session in all earlier workers. */
	readonly #earlier = new Map<string, Tally>();
	/** Sessions that were stopped on request. */
	readonly #released = new Set<string>();
	/**
	 * Sessions that this thread has published as stopped although the worker did not answer. Records that the worker still sends
	 * about these sessions are ignored.
	 */
	readonly #unanswered = new Set<string>();
	/** For each session that was published as late because the worker hangs: the record that the session had at that time. */
	readonly #reportedHangs = new Map<string, StatusRecord>();
	readonly #host: WorkerSessionsHost;

	constructor(host: WorkerSessionsHost) {
		this.#host = host;
	}

	names(): Iterable<string> {
		return this.#indexes.keys();
	}

	/** The latest failure since the session was last alive. */
	error(session: string): Error | undefined {
		return this.#errors.get(session);
	}

	/** Records that a session is stopped on request. */
	release(session: string): void {
		this.#released.add(session);
	}

	/** Records that the program starts a stopped session again. */
	expect(session: string): void {
		this.#released.delete(session);
	}

	/** Records that the worker is asked to start a session again, so that the session's records are no longer ignored. */
	hear(session: string): void {
		this.#unanswered.delete(session);
	}

	/** The names of the stopped sessions, which a new worker must not open. */
	onServe(): readonly string[] {
		// A new worker reports nothing outdated about these sessions, because it does not open them.
		this.#unanswered.clear();
		return [...this.#records].flatMap(([name, { status }]) => (status.state === "stopped" ? [name] : []));
	}

	/** Publishes that a session was stopped although the worker did not answer. */
	stopUnanswered(session: string, closed: Closed): void {
		this.#unanswered.add(session);
		this.setStatus(session, { state: "stopped", why: "asked", closed });
	}

	/**
	 * Records which sessions a new worker runs, according to its first message.
	 *
	 * @returns an error if the new worker has other sessions than the worker before, or the same ones in another order.
	 */
	onHello(records: readonly StatusRecord[]): KeeperError | undefined {
		const names = records.map(({ session }) => session);
		if (this.#indexes.size > 0 && names.join("\n") !== [...this.#indexes.keys()].join("\n")) {
			return new KeeperError(
				"worker",
				"the worker module must serve the same sessions in the same order at every start",
			);
		}
		for (const [index, record] of records.entries()) {
			this.#indexes.set(record.session, index);
			if (this.#records.get(record.session)?.status.state === "stopped") continue;
			this.onRecord(record, undefined);
		}
		return undefined;
	}

	/** Takes over a record of the worker, with the totals of earlier workers added. */
	onRecord(record: StatusRecord, error: Error | undefined): void {
		if (this.#host.hasEnded()) return;
		const { session, status } = record;
		if (this.#unanswered.has(session)) {
			// The worker has now stopped the session, too. No outdated record can follow, because the worker starts the session
			// again only when it is asked to.
			if (status.state === "stopped") this.#unanswered.delete(session);
			return;
		}
		const earlier = this.#earlier.get(session);
		if (earlier && status.state === "alive" && earlier.losses > earlier.recoveries) {
			this.#earlier.set(session, { ...earlier, recoveries: earlier.recoveries + 1 });
		}
		this.#set({ ...record, tally: sumOfTallies(this.#earlier.get(session), record.tally) }, error);
	}

	/** Takes over the totals of beats and the times of read-backs that the worker reports without a new status record. */
	onTallies(records: readonly StatusRecord[], tallies: readonly BeatNews[]): void {
		for (const [index, { session }] of records.entries()) {
			const [record, news] = [this.record(session), tallies[index]];
			if (!news || record.status.state === "stopped") continue;
			const status = withReadBack(record.status, news.verifiedAt);
			const updated = { ...record, status, tally: sumOfTallies(this.#earlier.get(session), news.tally) };
			this.#records.set(session, updated);
			if (this.#reportedHangs.get(session) === record) this.#reportedHangs.set(session, updated);
		}
	}

	/** Publishes a status that the worker can no longer report. */
	setStatus(session: string, status: Status, error?: Error, lost = 0): void {
		const { tally } = this.record(session);
		const record: StatusRecord = {
			type: "status",
			at: Date.now(),
			session,
			status,
			tally: { ...tally, losses: tally.losses + lost },
		};
		this.#set(record, error ?? this.#errors.get(session));
	}

	#set(record: StatusRecord, error: Error | undefined): void {
		const { session, status } = record;
		if (this.#records.get(session)?.status.state === "stopped" && status.state !== "stopped")
			this.#host.forgetFatal(session);
		this.#records.set(session, record);
		if (error) this.#errors.set(session, error);
		else this.#errors.delete(session);
		this.#host.publish(record);
	}

	/**
	 * Publishes that all sessions are lost, because their worker has ended.
	 *
	 * @returns whether a new worker is needed: true if at least one session was running and nobody had asked to stop it.
	 */
	loseAll(error: KeeperError): boolean {
		const running = [...this.#indexes.keys()].filter((name) => this.record(name).status.state !== "stopped");
		for (const name of running) this.#lose(name, error);
		return running.some((name) => !this.#released.has(name));
	}

	/** Publishes that a session is lost, because its connections have ended with the worker. */
	#lose(name: string, error: KeeperError): void {
		const { status } = this.record(name);
		if (status.state === "alive" || status.state === "late") {
			const protection = protectionAfterDeath(status.protection);
			this.setStatus(name, { state: "lost", protection, cause: { ...causeOf(error), kind: "worker" } }, error, 1);
		}
		this.#earlier.set(name, this.record(name).tally);
	}

	/** Publishes the time at which a new worker will be started. */
	announceRestart(ms: number, why: "backoff" | "restart-limit", error: KeeperError): void {
		const cause = causeOf(error);
		const until = Math.round(Date.now() + ms);
		for (const [name, { status }] of this.#records) {
			if (status.state === "stopped") continue;
			if (this.#released.has(name)) {
				const closed = unknownClosed(error.message, status);
				this.setStatus(name, { state: "stopped", why: "asked", closed }, error);
			} else this.setStatus(name, { state: "waiting", why, until, cause }, error);
		}
	}

	/** Publishes that no new worker will be started. */
	failForGood(error: KeeperError): void {
		const cause = causeOf(error);
		for (const [name, { status }] of this.#records) {
			if (status.state === "stopped") continue;
			const closed = unknownClosed(error.message, status);
			const isAsked = this.#released.has(name);
			this.setStatus(
				name,
				isAsked ? { state: "stopped", why: "asked", closed } : { state: "stopped", why: "fatal", cause, closed },
				error,
			);
		}
	}

	/** Publishes that the worker hangs, or that it runs again. */
	reportHang(isSilent: boolean): void {
		for (const [name, record] of this.#records) this.#reportHang(name, record, isSilent);
	}

	#reportHang(session: string, record: StatusRecord, isSilent: boolean): void {
		const isReported = this.#reportedHangs.get(session) === record;
		if (record.status.state !== "alive" || isReported === isSilent) return;
		if (isSilent) this.#reportedHangs.set(session, record);
		else this.#reportedHangs.delete(session);
		this.#host.publish({ ...this.current(session), at: Date.now() });
	}

	/** The latest record, corrected if shared memory shows that the record is no longer true. */
	current(session: string): StatusRecord {
		const index = this.index(session);
		const record = this.record(session);
		const { status } = record;
		const words = this.#host.words();
		if (status.state !== "alive" || !words) return record;
		const { silentMs } = words;
		if (silentMs >= maxSilenceMs) {
			const cause = { name: "Stall", message: hangText(silentMs) };
			const isArmed = status.protection.state === "armed";
			const protection: Protection = isArmed ? { state: "unknown", reason: cause.message } : status.protection;
			const lostAt = Math.round(Date.now() + words.provenForMs(index));
			return { ...record, status: { state: "late", protection, lostAt, cause } };
		}
		if (status.protection.state !== "armed" || words.isArmed(index)) return record;
		const { hangMs: _, ...alive } = status;
		return { ...record, status: { ...alive, protection: { state: "unknown", reason: notReported } } };
	}

	/** Why an order must not be sent right now; undefined if orders are protected. */
	notArmedReason(session: string): string | undefined {
		const index = this.index(session);
		const words = this.#host.words();
		if (words?.isArmed(index)) return undefined;
		if (!words) return this.#host.noWorkerReason();
		const { status } = this.current(session);
		if (status.state === "late") return status.cause.message;
		if (status.state !== "alive") return `session is ${status.state}`;
		const { protection } = status;
		return protection.state === "armed" ? notReported : `protection is ${protection.state}: ${protection.reason}`;
	}

	/** The state of the protection that is passed to `onUnprotected`. */
	protection(session: string): ProtectionState {
		if (this.#released.has(session)) return { state: "released" };
		return protectionOf(this.current(session).status);
	}

	/**
	 * The index of a session in shared memory.
	 *
	 * @throws TypeError for an unknown name.
	 */
	index(session: string): number {
		const index = this.#indexes.get(session);
		if (index !== undefined) return index;
		throw unknownName("session", session, this.#indexes.keys());
	}

	/**
	 * The latest record, which the worker has reported or which this thread has made after the worker's end.
	 *
	 * @throws TypeError for an unknown name.
	 */
	record(session: string): StatusRecord {
		const record = this.#records.get(session);
		if (record) return record;
		throw unknownName("session", session, this.#records.keys());
	}
}

/** Returns the status with the time of the latest read-back. A read-back that confirms the protection changes nothing else. */
function withReadBack(status: Status, verifiedAt: number | undefined): Status {
	if (verifiedAt === undefined || status.state !== "alive" || status.protection.state !== "armed") return status;
	return { ...status, protection: { ...status.protection, verifiedAt } };
}

const notReported = "the worker does not report it as armed";

function hangText(silentMs: number): string {
	return `the worker has not answered for ${Math.round(silentMs)} ms`;
}
