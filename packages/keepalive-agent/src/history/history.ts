import { monotonicMs, sleep, withDeadline } from "@x/base/clock";
import { sentence } from "@x/base/errors";
import type { Logger, StatusRecord } from "@x/keepalive";
import type { EventLog } from "../agent/event-log.ts";
import type { components } from "../generated/schema.ts";
import type { KeptHistory } from "./answer-history-calls.ts";
import { type HistoryQuery, type HistoryRows, HistoryStoreError } from "./history-store.ts";
import { HistoryThread } from "./history-thread.ts";
import type { Opened } from "./history-thread-messages.ts";
import { RecordQueue } from "./record-queue.ts";
import type { TimelineSessions } from "./timeline.ts";

/** The state of the history, as the HTTP API shows it. */
export type StoreState = components["schemas"]["HistoryStore"];

/** The shortest delay after a failure, in milliseconds. The delay doubles with each further failure, up to the longest delay. */
const firstRetryMs = 1_000;
const longestRetryMs = 60_000;
/**
 * A failure is reported only after this many failed attempts, because a single failure is usually over at the next attempt: for example,
 * the file was being copied.
 */
const failuresToReport = 2;
const pruneEveryMs = 60_000;
const closeMs = 3_000;
const maxReads = 16;

/** Stores every record of the event log, and reads stored records. A new record is only queued, so a slow store delays no caller. */
export class History {
	readonly #kind: KeptHistory["kind"];
	readonly #thread: HistoryThread;
	readonly #log: EventLog;
	readonly #logger: Logger;
	readonly #queue = new RecordQueue();
	/** The last status record of each session, by session name. */
	readonly #latest = new Map<string, StatusRecord>();
	readonly #closing = new AbortController();
	readonly #stopListening: () => void;
	readonly #running: Promise<void>;
	#wake: (() => void) | undefined;
	#failures = 0;
	#reason: string | undefined;
	#lastId = 0;
	#hasStored = false;
	#prunedAt = Number.NEGATIVE_INFINITY;
	#reads = 0;

	constructor(config: KeptHistory, log: EventLog, logger: Logger) {
		this.#kind = config.kind;
		this.#log = log;
		this.#logger = logger;
		this.#thread = new HistoryThread(config, (opened) => this.#opened(opened));
		this.#stopListening = log.listen(({ record }) => {
			if (record.type === "status") this.#latest.set(record.session, record);
			this.#queue.add(record);
			this.#wake?.();
		});
		this.#running = this.#run();
	}

	/** Whether records are being stored at present. */
	get state(): StoreState {
		const kind = this.#kind;
		if (this.#reason === undefined) return { kind, state: "ok" };
		return { kind, state: "degraded", reason: this.#reason, lostRecords: this.#queue.lostRecords };
	}

	/** Reads one page of records. @throws HistoryStoreError */
	page(query: HistoryQuery): Promise<HistoryRows> {
		return this.#read(() => this.#thread.call("page", query));
	}

	/** Resolves with a timeline as JSON. @throws HistoryStoreError */
	timeline(from: number, to: number, sessions: TimelineSessions): Promise<string> {
		return this.#read(() => this.#thread.call("timeline", { from, to, sessions }));
	}

	/** Stores the queued records and closes the store, within at most three seconds. The log says how many records were not stored. */
	async close(): Promise<void> {
		this.#stopListening();
		const startedMs = monotonicMs();
		this.#closing.abort();
		const onTimeout = (): HistoryStoreError => new HistoryStoreError("could not be written in time");
		await withDeadline({ ms: closeMs, onTimeout }, () => this.#running).catch(() => undefined);
		const lost = this.#queue.waitingRecords + (this.#reason === undefined ? 0 : this.#queue.lostRecords);
		if (lost > 0) {
			const why = this.#reason ?? "could not be written in time.";
			this.#logger.error(`the agent ends, and ${lost} records are not in the history: it ${why}`, {
				lostRecords: lost,
			});
		}
		await this.#thread.close(Math.max(100, closeMs - (monotonicMs() - startedMs)));
	}

	async #read<T>(read: () => Promise<T>): Promise<T> {
		if (this.#reads >= maxReads) throw new HistoryStoreError("is being read by too many callers: try again later");
		this.#reads += 1;
		try {
			return await read();
		} finally {
			this.#reads -= 1;
		}
	}

	async #run(): Promise<void> {
		const { signal } = this.#closing;
		for (;;) {
			const hasStored = await this.#store();
			if (signal.aborted && (!hasStored || this.#queue.isEmpty)) return;
			if (!hasStored) await this.#sleep(retryMs(this.#failures), false);
			else if (this.#queue.isEmpty) await this.#sleep(pruneEveryMs, true);
		}
	}

	/** Stores one batch of records, or prunes old records. Resolves with true if that succeeded. */
	async #store(): Promise<boolean> {
		try {
			// New ids must be larger than all stored ids, so the store is opened before the first ids are made.
			if (this.#lastId === 0) await this.#thread.call("open", undefined);
			const batch = this.#queue.batch(() => {
				this.#lastId = Math.max(this.#lastId + 1, Date.now() * 1_000);
				return this.#lastId;
			});
			if (batch.length > 0) {
				await this.#thread.call("append", batch);
				this.#hasStored = true;
				this.#queue.stored();
			}
			await this.#prune();
			this.#succeeded();
			return true;
		} catch (error) {
			this.#failed(error instanceof HistoryStoreError ? error.message : "failed unexpectedly.");
			return false;
		}
	}

	async #prune(): Promise<void> {
		if (monotonicMs() - this.#prunedAt < pruneEveryMs || this.#closing.signal.aborted) return;
		while (this.#queue.isEmpty && (await this.#thread.call("prune", undefined)));
		if (this.#queue.isEmpty) this.#prunedAt = monotonicMs();
	}

	#sleep(ms: number, isWoken: boolean): Promise<void> {
		return sleep(ms, this.#closing.signal, undefined, (wake) => {
			this.#wake = isWoken ? wake : undefined;
		});
	}

	#failed(reason: string): void {
		this.#failures += 1;
		if (this.#reason !== undefined) this.#reason = reason;
		if (this.#failures !== failuresToReport) return;
		this.#reason = reason;
		this.#report(
			"degraded",
			`the history ${sentence(reason)} Records are kept in memory as far as possible.`,
			"history",
		);
	}

	#succeeded(): void {
		this.#failures = 0;
		if (this.#reason === undefined) return;
		this.#reason = undefined;
		const lost = this.#queue.takeLost();
		this.#report("recovered", `the history is stored again; ${lost} records were lost`, "history");
	}

	#opened({ lastId, repaired }: Opened): void {
		this.#lastId = Math.max(this.#lastId, lastId, 1);
		if (repaired !== undefined) {
			this.#report("degraded", repaired);
			this.#report("recovered", "the history is stored again, in a new file");
		}
		// A new store does not have the earlier records, so the last status of each session is stored again.
		if (lastId === 0 && this.#hasStored) for (const record of this.#latest.values()) this.#queue.add(record);
	}

	#report(event: "degraded" | "recovered", detail: string, part?: "history"): void {
		this.#logger[event === "degraded" ? "error" : "info"](detail);
		this.#log.add({ type: "agent", at: Date.now(), event, detail, ...(part && { part }) });
	}
}

/** The delay before the next attempt, in milliseconds. It doubles with each failure. */
const retryMs = (failures: number): number => Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(16, failures - 1));
