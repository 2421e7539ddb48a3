import type { AgentRecord } from "../agent/agent-record.ts";
import { type GapRecord, type HistoryRecord, type HistoryRow, sizeOf } from "./history-store.ts";

const maxRecords = 10_000;
const maxBytes = 16_000_000;
const batchRows = 500;
/** A record may have at most this many bytes, which is more than any record of the agent has. */
const maxRecordBytes = 100_000;

type Queued = Omit<HistoryRow, "id">;

/**
 * The records that are not stored yet. If there are too many, the oldest are dropped. Of the dropped status records, the last one of each
 * session is kept, so that the history knows the state of every session as soon as records are stored again.
 */
export class RecordQueue {
	#queued: Queued[] = [];
	#bytes = 0;
	/** The records that are being stored. If they have to be stored again, they keep their ids. */
	#batch: readonly HistoryRow[] = [];
	/** Of the dropped status records, the last one of each session. These records are not lost: they are stored with the next batch. */
	readonly #dropped = new Map<string, Queued>();
	#gap: GapRecord | undefined;
	#lostRecords = 0;

	get isEmpty(): boolean {
		return this.#queued.length === 0 && this.#batch.length === 0 && this.#dropped.size === 0 && !this.#gap;
	}

	/** How many records are not stored yet. The current batch counts until {@link stored} is called. */
	get waitingRecords(): number {
		return this.#queued.length + this.#batch.length + this.#dropped.size;
	}

	/** How many records were lost since the last call of {@link takeLost}. */
	get lostRecords(): number {
		return this.#lostRecords;
	}

	add(record: AgentRecord): void {
		const queued = queuedOf(record);
		const bytes = sizeOf(queued);
		if (bytes > maxRecordBytes) {
			this.#countLost(queued);
			return;
		}
		this.#queued.push(queued);
		this.#bytes += bytes;
		while (this.#queued.length > maxRecords || this.#bytes > maxBytes) this.#dropOldest();
	}

	/** The records to store next. Returns the same batch until {@link stored} is called. */
	batch(nextId: () => number): readonly HistoryRow[] {
		if (this.#batch.length === 0) {
			const gap = this.#gap ? [queuedOf(this.#gap)] : [];
			const taken = this.#queued.splice(0, batchRows);
			for (const each of taken) this.#bytes -= sizeOf(each);
			this.#batch = [...gap, ...this.#dropped.values(), ...taken].map((each) => ({ id: nextId(), ...each }));
			this.#gap = undefined;
			this.#dropped.clear();
		}
		return this.#batch;
	}

	stored(): void {
		this.#batch = [];
	}

	/** Returns how many records were lost since the last call. */
	takeLost(): number {
		const lost = this.#lostRecords;
		this.#lostRecords = 0;
		return lost;
	}

	#dropOldest(): void {
		const oldest = this.#queued.shift();
		if (!oldest) return;
		this.#bytes -= sizeOf(oldest);
		const { type, session } = oldest;
		const isStatus = type === "status" && session !== undefined;
		const lost = isStatus ? this.#dropped.get(session) : oldest;
		if (isStatus) this.#dropped.set(session, oldest);
		if (lost) this.#countLost(lost);
	}

	#countLost({ at }: Queued): void {
		this.#lostRecords += 1;
		const gap = this.#gap ?? { type: "gap", at, to: at, lostRecords: 0 };
		this.#gap = {
			...gap,
			at: Math.min(gap.at, at),
			to: Math.max(gap.to, at),
			lostRecords: gap.lostRecords + 1,
		};
	}
}

function queuedOf(record: HistoryRecord): Queued {
	const { at, type } = record;
	const session = "session" in record ? record.session : undefined;
	return { at: Math.round(at), type, ...(session !== undefined && { session }), json: JSON.stringify(record) };
}
