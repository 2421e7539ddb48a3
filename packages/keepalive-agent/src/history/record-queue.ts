import type { AgentRecord } from "../agent/agent-record.ts";
import { type GapRecord, type HistoryRecord, type HistoryRow, sizeOf } from "./store.ts";

const maxRecords = 10_000;
const maxBytes = 16_000_000;
const batchRows = 500;
/** Longer than any record of ours. */
const maxRecordBytes = 100_000;

type Queued = Omit<HistoryRow, "id">;

/**
 * The records that are not stored yet. Once there are too many, the oldest ones go; of those the last status of each session is
 * kept, so that the history is right about each session from the first record that is stored again.
 */
export class RecordQueue {
	#queued: Queued[] = [];
	#bytes = 0;
	/** What is being stored. It keeps its ids when it has to be stored again. */
	#batch: readonly HistoryRow[] = [];
	/** The last dropped status record of each session. */
	readonly #dropped = new Map<string, Queued>();
	#gap: GapRecord | undefined;
	#lostRecords = 0;

	get isEmpty(): boolean {
		return this.#queued.length === 0 && this.#batch.length === 0 && this.#dropped.size === 0 && !this.#gap;
	}

	/** Records that are not stored, as far as is known: what is being stored counts until it is {@link stored}. */
	get waitingRecords(): number {
		return this.#queued.length + this.#batch.length + this.#dropped.size;
	}

	/** Records that were dropped since {@link takeLost}. */
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

	/** What to store next. The same as before, until it is {@link stored}. */
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

	/** The records that were dropped since the last call. */
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
